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
  private var lane: NotificationLane?

  /// Tells workers of other servers that there is something for them to do.
  static let channel = "millrace_hooks"
  /// Milliseconds between two notifications.
  static let notificationPause: UInt64 = 50

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
    (database, worker, lane) = try await loop.run {
      var settings = DatabaseConfiguration(conninfo: conninfo)
      settings.readConnections = 1
      // One for each function, and one for claims and for what became of them.
      settings.transactionConnections = concurrency + 1
      let database = Database(loop: loop, configuration: settings, logger: logger)
      try await database.start()
      let service = CaseService(database: database, receivers: receivers, hooks: runtime, logger: logger)
      try await service.saveHooks(receivers.hooks)
      let worker = try HookWorker(service: service)
      let lane = runtime.backend.isDurable ? Self.connect(worker, settings, loop, logger) : nil
      worker.start()
      return (database, worker, lane)
    }
  }

  /// A hint, and nothing more: a worker looks by itself, too.
  private static func connect(
    _ worker: HookWorker, _ settings: DatabaseConfiguration, _ loop: EventLoop, _ logger: Logger
  ) -> NotificationLane {
    let lane = NotificationLane(loop: loop, configuration: settings, channel: channel, logger: logger)
    // Its own notifications come back; the pause keeps a worker from waking itself all the time.
    lane.onNotification = { [weak worker] _ in worker?.wake() }
    var isPausing = false
    worker.onHelpWanted = { [weak lane] in
      guard !isPausing else { return }
      isPausing = true
      lane?.notify("")
      loop.timer(after: notificationPause) { isPausing = false }
    }
    lane.start()
    return lane
  }

  /// Returns what is not begun and waits for the rest.
  func stop(graceMilliseconds: UInt64) async {
    guard let group else { return }
    let (worker, database, lane) = (worker, database, lane)
    try? await group.loops[0].run {
      lane?.close()
      await worker?.stop(graceMilliseconds: graceMilliseconds)
      database?.close()
    }
    group.stop()
    group.join()
  }
}
