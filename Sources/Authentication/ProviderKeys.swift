import EventLoop
import Synchronization

/// The provider's keys as all loops of a server know them: what one has fetched, all verify with, so that a provider
/// that goes away takes no loop's keys with it, and is not asked more often because there are more loops.
public final class ProviderKeys: Sendable {
  private struct State {
    var set: KeySet
    var underWay: Task<Void, Never>?
  }

  private let state: Mutex<State>
  private let withdrawals = Atomic<Int>(0)

  public init(_ configuration: AuthenticationConfiguration) {
    let set = KeySet(
      maximumAge: configuration.keySetAge * 1_000, staleFor: configuration.keySetStaleFor * 1_000,
      cooldown: configuration.keySetCooldown)
    state = Mutex(State(set: set))
  }

  /// Grows whenever the provider has withdrawn a key: tokens that were verified before may be none now.
  var revision: Int { withdrawals.load(ordering: .acquiring) }

  /// - Parameter now: milliseconds on the loops' clock.
  func decide(identifier: String?, algorithm: SignatureAlgorithm, now: UInt64, mayFetch: Bool) -> KeySet.Decision {
    state.withLock { $0.set.decide(identifier: identifier, algorithm: algorithm, now: now, mayFetch: mayFetch) }
  }

  /// Asks for the keys, once for all who wait, whichever loop they are on; nil within the cooldown, when somebody
  /// else has just asked.
  ///
  /// - Parameters:
  ///   - loop: that of the caller; the question runs on it.
  ///   - ask: the keys, or why there are none.
  ///   - failed: told of an error.
  func fetch(
    on loop: EventLoop, _ ask: @escaping @Sendable () async throws -> [VerificationKey],
    failed: @escaping @Sendable (any Error) -> Void
  ) -> Task<Void, Never>? {
    state.withLock { state in
      if let task = state.underWay { return task }
      guard state.set.mayAsk(now: loop.now) else { return nil }
      let task = Task(executorPreference: loop.taskExecutor) { [self] in
        do {
          fetched(try await ask(), now: loop.now)
        } catch {
          self.state.withLock {
            $0.set.failed(now: loop.now)
            $0.underWay = nil
          }
          failed(error)
        }
      }
      state.underWay = task
      return task
    }
  }

  private func fetched(_ keys: [VerificationKey], now: UInt64) {
    let hasWithdrawn = state.withLock { state in
      let old = state.set.keys
      state.set.fetched(keys, now: now)
      state.underWay = nil
      return old.contains { key in !keys.contains { $0.isSame(as: key) } }
    }
    if hasWithdrawn { withdrawals.add(1, ordering: .acquiringAndReleasing) }
  }
}
