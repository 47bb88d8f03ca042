import Postgres
import Synchronization
import WorkflowEngine

/// Who waits for a family's next event, in this process; one for all loops.
///
/// A signal says only that it is worth to look at the log. It may come too often, too late or never: whoever waits
/// looks from time to time as well.
public final class EventSignals: Sendable {
  private struct State {
    var waiting: [UUID128: [Int: @Sendable () -> Void]] = [:]
    var last = 0
    var isConnected = false
    var announce: (@Sendable (UUID128) -> Void)?
  }

  private let state = Mutex(State())

  public init() {}

  /// Calls `wake`, from any thread, whenever the family may have a new event. Answers the number for `remove`.
  public func add(_ family: UUID128, _ wake: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.last += 1
      state.waiting[family, default: [:]][state.last] = wake
      return state.last
    }
  }

  public func remove(_ family: UUID128, _ number: Int) {
    state.withLock { state in
      state.waiting[family]?[number] = nil
      if state.waiting[family]?.isEmpty == true { state.waiting[family] = nil }
    }
  }

  /// How many wait; for tests and metrics.
  public var count: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

  /// This process has committed an event of the family: wakes who waits here, and has the others told.
  public func committed(_ family: UUID128) {
    state.withLock { $0.announce }?(family)
    heard(family)
  }

  /// Another process may have committed an event of the family.
  public func heard(_ family: UUID128) {
    for wake in state.withLock({ Array(($0.waiting[family] ?? [:]).values) }) { wake() }
  }

  /// Any family may have events that nobody told of.
  public func heardAnything() {
    for wake in state.withLock({ $0.waiting.values.flatMap(\.values) }) { wake() }
  }

  /// Whether signals of other processes arrive at the moment; without them one has to look more often.
  public var isConnected: Bool { state.withLock { $0.isConnected } }

  /// - Parameter announce: has other processes told; nil for none.
  public func connect(_ isConnected: Bool, announce: (@Sendable (UUID128) -> Void)? = nil) {
    state.withLock {
      $0.isConnected = isConnected
      $0.announce = announce
    }
  }
}
