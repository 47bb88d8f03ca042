import EventLoop
import Millrace
import Postgres
import TestSupport
import Testing
import Webhooks
import WorkflowStore

extension WorkSettings {
  /// Impatient, so that tests need not wait.
  static let test: WorkSettings = {
    var settings = WorkSettings()
    settings.retries = RetrySchedule(milliseconds: [20, 20, 20])
    settings.pollInterval = 50
    settings.lease = 5_000
    return settings
  }()
}

extension OrderFixture {
  /// Runs `body` beside a worker on a loop of its own, as in another server.
  func withJobWorker<Result: Sendable>(
    _ handlers: [String: JobHandler] = [:], settings: WorkSettings = .test, grace: UInt64 = 5_000,
    _ body: (JobWorker) async throws -> Result
  ) async throws -> Result {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    var configuration = database.configuration
    configuration.transactionConnections = settings.concurrency + 1
    let connections = configuration
    let runtime = WorkRuntime(handlers: handlers, settings: settings)
    let (receivers, extensions, hooks) = (receivers, service.extensions, service.hooks)
    let (worker, service) = try await loop.run {
      let database = Database(loop: loop, configuration: connections, logger: TestLog.logger)
      try await database.start()
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: hooks, work: runtime,
        logger: TestLog.logger)
      let worker = JobWorker(service: service, name: "test")
      worker.start()
      return (worker, service)
    }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(worker))
    } catch {
      result = .failure(error)
    }
    try await loop.run {
      await worker.stop(graceMilliseconds: grace)
      service.closeDatabase()
    }
    group.stop()
    group.join()
    return try result.get()
  }
}
