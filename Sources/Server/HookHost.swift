import Logging
import Millrace
import Postgres
import WorkflowStore

/// The server's part in telling hooks.
final class HookHost: @unchecked Sendable {  // touched by the control loop's thread only
  let runtime: HookRuntime
  private let receivers: ReceiverTable
  private let extensions: ExtensionTable
  private let concurrency: Int
  private let logger: Logger
  private let host: WorkerHost

  init(
    _ configuration: ServerConfiguration, receivers: ReceiverTable, extensions: ExtensionTable, logger: Logger
  ) {
    runtime = HookRuntime(
      backend: configuration.hookBackend == .memory ? MemoryHookBackend() : DatabaseHookBackend(),
      functions: receivers.hooks.functions, settings: configuration.hooks)
    concurrency = configuration.hooks.functionConcurrency
    self.receivers = receivers
    self.extensions = extensions
    self.logger = logger
    host = WorkerHost(channel: "millrace_hooks", logger: logger)
  }

  /// Saves the hooks of modules and begins to tell hooks.
  func start(conninfo: String, signals: EventSignals, work: WorkRuntime) async throws {
    let (runtime, receivers, extensions, logger) = (runtime, receivers, extensions, logger)
    try await host.start(
      conninfo: conninfo, concurrency: concurrency, signals: signals, listens: runtime.backend.isDurable
    ) { database in
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: runtime, work: work, logger: logger)
      try await service.saveHooks(receivers.hooks)
      return try HookWorker(service: service)
    }
  }

  func stop(graceMilliseconds: UInt64) async {
    await host.stop(graceMilliseconds: graceMilliseconds)
  }
}
