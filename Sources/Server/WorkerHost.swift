import EventLoop
import Logging
import Millrace
import Postgres

/// A background worker on a loop, and with connections, of its own, so that neither requests nor other workers wait for
/// it.
final class WorkerHost: @unchecked Sendable {  // touched by the control loop's thread only
  /// Tells workers of other servers that there is something for them to do.
  private let channel: String
  private let logger: Logger
  private var group: EventLoopGroup?
  private var database: Database?
  private var worker: (any BackgroundWorker)?
  private var lane: NotificationLane?

  /// Milliseconds between two notifications.
  private static let notificationPause: UInt64 = 50

  init(channel: String, logger: Logger) {
    self.channel = channel
    self.logger = logger
  }

  /// - Parameters:
  ///   - concurrency: transactions at once besides the worker's own.
  ///   - listens: whether workers of other servers share the work.
  ///   - make: makes the worker, on its loop.
  func start(
    conninfo: String, concurrency: Int, signals: EventSignals, listens: Bool,
    _ make: @escaping @Sendable (Database) async throws -> any BackgroundWorker
  ) async throws {
    let group = try EventLoopGroup(count: 1)
    self.group = group
    group.start()
    let loop = group.loops[0]
    let (channel, logger) = (channel, logger)
    (database, worker, lane) = try await loop.run {
      var settings = DatabaseConfiguration(conninfo: conninfo)
      settings.readConnections = 1
      settings.transactionConnections = concurrency + 1
      let database = Database(loop: loop, configuration: settings, logger: logger)
      try await database.start()
      database.onAnnouncement = { signals.committed($0) }
      let worker = try await make(database)
      let lane = listens ? Self.connect(worker, channel, settings, loop, logger) : nil
      worker.start()
      return (database, worker, lane)
    }
  }

  /// A hint, and nothing more: a worker looks by itself, too.
  private static func connect(
    _ worker: any BackgroundWorker, _ channel: String, _ settings: DatabaseConfiguration, _ loop: EventLoop,
    _ logger: Logger
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
