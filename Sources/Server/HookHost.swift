import EventLoop
import Logging
import Millrace
import Postgres
import WorkflowStore

/// The server's part in telling hooks: a loop of its own, so that neither requests nor functions wait for each other.
final class HookHost: @unchecked Sendable {  // touched by the control loop's thread only
  let runtime: HookRuntime
  private let receivers: ReceiverTable
  private let concurrency: Int
  private let logger: Logger
  private var group: EventLoopGroup?
  private var database: Database?
  private var worker: HookWorker?

  init(_ configuration: ServerConfiguration, receivers: ReceiverTable, logger: Logger) {
    runtime = HookRuntime(
      backend: configuration.hookBackend == .memory ? MemoryHookBackend() : DatabaseHookBackend(),
      functions: receivers.hooks.functions, settings: configuration.hooks)
    concurrency = configuration.hooks.functionConcurrency
    self.receivers = receivers
    self.logger = logger
  }

  /// Saves the hooks of modules and begins to tell hooks.
  func start(conninfo: String) async throws {
    let group = try EventLoopGroup(count: 1)
    self.group = group
    group.start()
    let loop = group.loops[0]
    let (runtime, receivers, concurrency, logger) = (runtime, receivers, concurrency, logger)
    (database, worker) = try await loop.run {
      var settings = DatabaseConfiguration(conninfo: conninfo)
      settings.readConnections = 1
      // One for each function, and one for claims and for what became of them.
      settings.transactionConnections = concurrency + 1
      let database = Database(loop: loop, configuration: settings, logger: logger)
      try await database.start()
      let service = CaseService(database: database, receivers: receivers, hooks: runtime, logger: logger)
      try await service.saveHooks(receivers.hooks)
      let worker = try HookWorker(service: service)
      worker.start()
      return (database, worker)
    }
  }

  /// Returns what is not begun and waits for the rest.
  func stop(graceMilliseconds: UInt64) async {
    guard let group else { return }
    let (worker, database) = (worker, database)
    try? await group.loops[0].run {
      await worker?.stop(graceMilliseconds: graceMilliseconds)
      database?.close()
    }
    group.stop()
    group.join()
  }
}
