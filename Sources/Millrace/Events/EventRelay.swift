import EventLoop
import Logging
import Postgres

/// Carries signals between the processes that share a database, over one connection of its own.
///
/// Families gather while a notification is under way, so there is at most one every `interval`, however many
/// mutations there are. It is sent after the commit and not within the transaction, because Postgres has commits
/// with a notification wait for each other. What gets lost with the process is found by looking.
public final class EventRelay: @unchecked Sendable {  // confined to its loop's thread
  public static let channel = "millrace_events"
  /// Milliseconds between two notifications.
  public static let interval: UInt64 = 20
  /// Families of one notification: 36 bytes each, of the 7 999 that Postgres takes.
  static let familiesPerNotification = 200

  private let loop: EventLoop
  private let lane: NotificationLane
  private let signals: EventSignals
  /// Marks this process's own notifications, which it has no use for.
  private let origin = String(UInt64.random(in: .min ... .max), radix: 16)
  private var gathered: Set<UUID128> = []
  private var isPausing = false

  public init(loop: EventLoop, database: DatabaseConfiguration, signals: EventSignals, logger: Logger) {
    self.loop = loop
    self.signals = signals
    lane = NotificationLane(loop: loop, configuration: database, channel: Self.channel, logger: logger)
  }

  /// Begins in the background. On the loop's thread.
  public func start() {
    lane.onNotification = { [unowned self] payload in hear(payload) }
    lane.onListening = { [unowned self] in
      signals.connect(true) { [weak self, loop] family in
        guard let self else { return }
        loop.execute { self.gather(family) }
      }
      signals.heardAnything()
    }
    lane.onLost = { [unowned self] in signals.connect(false) }
    lane.start()
  }

  public func close() {
    signals.connect(false)
    lane.close()
  }

  private func gather(_ family: UUID128) {
    gathered.insert(family)
    if !isPausing { send() }
  }

  private func send() {
    guard !gathered.isEmpty else { return }
    let families = Array(gathered)
    gathered = []
    var rest = families[...]
    while !rest.isEmpty {
      let text = rest.prefix(Self.familiesPerNotification).map(\.description).joined(separator: ",")
      lane.notify("\(origin):\(text)")
      rest = rest.dropFirst(Self.familiesPerNotification)
    }
    isPausing = true
    loop.timer(after: Self.interval) { [weak self] in
      guard let self else { return }
      isPausing = false
      send()
    }
  }

  private func hear(_ payload: String) {
    let parts = payload.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0] != origin else { return }
    for text in parts[1].split(separator: ",") {
      if let family = UUID128(String(text)) { signals.heard(family) }
    }
  }
}
