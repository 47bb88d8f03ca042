import EventLoop
import Millrace
import Postgres
import TestSupport
import Testing
import Webhooks
import WorkflowEngine
import WorkflowStore

extension HookSettings {
  /// Impatient, so that tests need not wait.
  static let test: HookSettings = {
    var settings = HookSettings()
    settings.retries = RetrySchedule(milliseconds: [20, 20])
    settings.pollInterval = 50
    settings.webhooks.allowsLoopback = true
    settings.webhooks.timeout = 1_000
    settings.lease = 500
    return settings
  }()
}

extension OrderFixture {
  /// Runs `body` beside a worker on a loop of its own.
  ///
  /// - Parameter hooks: those of another process; nil for this one's.
  func withWorker<Result: Sendable>(
    hooks: HookRuntime? = nil, grace: UInt64 = 5_000, _ body: (CaseService) async throws -> Result
  ) async throws -> Result {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    var configuration = database.configuration
    configuration.transactionConnections = 5
    let settings = configuration
    let (runtime, receivers) = (hooks ?? service.hooks, receivers)
    let (worker, other) = try await loop.run {
      let database = Database(loop: loop, configuration: settings, logger: TestLog.logger)
      try await database.start()
      let service = CaseService(database: database, receivers: receivers, hooks: runtime, logger: TestLog.logger)
      let worker = try HookWorker(service: service)
      worker.start()
      return (worker, service)
    }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(other))
    } catch {
      result = .failure(error)
    }
    try await loop.run {
      await worker.stop(graceMilliseconds: grace)
      other.closeDatabase()
    }
    group.stop()
    group.join()
    return try result.get()
  }

  /// Waits until a query answers true.
  func wait(_ sql: SQL, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for _ in 0..<3_000 {
      if try await database.query(sql).bool(0, 0) { return }
      try await database.loop.sleep(milliseconds: 10)
    }
    Issue.record("It did not come true: \(sql.text)", sourceLocation: sourceLocation)
  }

  func texts(_ sql: SQL) async throws -> [String] {
    let rows = try await database.query(sql)
    return (0..<rows.count).map { rows.text($0, 0) }
  }
}
