import EventLoop
import Logging

/// A connection that listens to one channel of the database, and notifies on it. Opened again, with growing pauses,
/// whenever it is lost; what was said meanwhile is not heard. On the loop's thread.
public final class NotificationLane: @unchecked Sendable {  // confined to its loop's thread
  private let loop: EventLoop
  private let session: Connection.Session
  private let channel: String
  private let connectTimeout: UInt64
  private let logger: Logger
  private var connection: Connection?
  private var opening: Connection?
  private var failures = 0
  private var isClosed = false
  /// Holds this object until `close`.
  private lazy var hook = LaneHook(lane: self)

  /// Told of each notification.
  public var onNotification: ((_ payload: String) -> Void)?
  /// Told when the lane listens, or listens again: what happened before may not have been heard.
  public var onListening: (() -> Void)?
  /// Told when the lane does not listen any more.
  public var onLost: (() -> Void)?

  /// - Precondition: the channel's name is made of lower-case letters and underscores.
  public init(loop: EventLoop, configuration: DatabaseConfiguration, channel: String, logger: Logger) {
    precondition(
      channel.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0 &- UInt8(ascii: "a") < 26 }, "Not a plain name.")
    self.loop = loop
    self.channel = channel
    self.logger = logger
    connectTimeout = configuration.connectTimeout
    session = Connection.Session(
      conninfo: configuration.conninfo, options: "-c statement_timeout=10000", statementCacheSize: 4)
  }

  /// Begins to listen in the background.
  public func start() {
    loop.addTickHook(hook)
    open(after: 0)
  }

  private func open(after pause: UInt64) {
    guard !isClosed else { return }
    loop.timer(after: pause) { [weak self] in
      self?.loop.start { [weak self] in await self?.listen() }
    }
  }

  private func listen() async {
    guard !isClosed, connection == nil, opening == nil else { return }
    let connection = Connection(loop: loop, session: session, logger: logger)
    opening = connection
    defer { opening = nil }
    do throws(PostgresError) {
      try await connection.open(timeout: connectTimeout)
      guard !isClosed else { return connection.close() }
      self.connection = connection
      connection.onClose = { [weak self] error in self?.lost(error) }
      connection.onNotification = { [weak self] _, payload in self?.onNotification?(payload) }
      let operation = Operation(SQL("listen \(channel)"), Parameters(), deadline: nil)
      connection.send(operation)
      _ = try await operation.rows()
      failures = 0
      onListening?()
    } catch {
      if self.connection === connection { connection.close() } else { lost(error) }
    }
  }

  private func lost(_ error: PostgresError) {
    connection = nil
    guard !isClosed else { return }
    if failures == 0 {
      logger.warning("The connection for notifications was lost.", metadata: ["reason": "\(error.message)"])
    }
    failures += 1
    onLost?()
    let base = min(UInt64(50) << UInt64(min(failures, 6)), 2_000)
    open(after: base + UInt64.random(in: 0...(base / 4)))
  }

  /// Sends a notification of up to 7 999 bytes with the next flush; false when there is no connection.
  @discardableResult
  public func notify(_ payload: String) -> Bool {
    guard let connection, connection.isOpen else { return false }
    var parameters = Parameters()
    parameters.append(channel)
    parameters.append(payload)
    connection.send(Operation("select pg_notify($1, $2)", parameters, deadline: nil))
    return true
  }

  public func close() {
    guard !isClosed else { return }
    isClosed = true
    loop.removeTickHook(hook)
    opening?.abandon()
    connection?.close()
    connection = nil
    onNotification = nil
    onListening = nil
    onLost = nil
  }

  fileprivate func flush() -> Bool { connection?.flush() ?? false }
}

/// What is sent leaves when the tick ends.
private final class LaneHook: TickHook {
  private let lane: NotificationLane

  init(lane: NotificationLane) {
    self.lane = lane
  }

  func tick() -> Bool { lane.flush() }
  func loopWillClose() { lane.close() }
}
