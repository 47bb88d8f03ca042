import EventLoop
import Logging
import Postgres
import Synchronization

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
  private let gathered = Mutex(Gathered())

  /// Families that are to be told of; serving loops add to them.
  private struct Gathered {
    var families: Set<UUID128> = []
    /// Whether somebody comes for them anyhow: waking a thread for every commit costs more than the commit's own share.
    var isAwaited = false
  }

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
        guard let self, isFirst(family) else { return }
        loop.execute { self.send() }
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

  /// Gathers a family, on any thread; whether it is the first one that nobody comes for.
  private func isFirst(_ family: UUID128) -> Bool {
    gathered.withLock { gathered in
      gathered.families.insert(family)
      defer { gathered.isAwaited = true }
      return !gathered.isAwaited
    }
  }

  private func send() {
    let families = gathered.withLock { gathered in
      defer { gathered.families = [] }
      gathered.isAwaited = !gathered.families.isEmpty
      return Array(gathered.families)
    }
    guard !families.isEmpty else { return }
    var rest = families[...]
    while !rest.isEmpty {
      let text = rest.prefix(Self.familiesPerNotification).map(\.description).joined(separator: ",")
      lane.notify("\(origin):\(text)")
      rest = rest.dropFirst(Self.familiesPerNotification)
    }
    loop.timer(after: Self.interval) { [weak self] in self?.send() }
  }

  private func hear(_ payload: String) {
    let parts = payload.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0] != origin else { return }
    for text in parts[1].split(separator: ",") {
      if let family = UUID128(String(text)) { signals.heard(family) }
    }
  }
}
