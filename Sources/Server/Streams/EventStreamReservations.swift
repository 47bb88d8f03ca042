import EventLoop
import Synchronization
import WorkflowEngine

/// Streams that several operations share, by their tokens; one for all loops of the process.
///
/// Source: GraphQL over Server-Sent Events, "Single connection mode".
final class EventStreamReservations: Sendable {
  enum Place {
    /// No such token, or another user's.
    case unknown
    /// Reserved, and nobody listens yet.
    case waiting
    case open(EventStream)
  }

  private struct Reservation {
    let caller: Caller
    /// On the monotonic clock, in seconds.
    let made: UInt64
    /// Counts the reservations.
    let number: Int
    var stream: EventStream?
    /// A client is about to listen.
    var isTaken = false
  }

  private struct State {
    var reservations: [String: Reservation] = [:]
    var count = 0

    /// Forgets the older half of those that nobody listens to: a client listens as soon as it has its token, so who
    /// reserves and reserves takes the room from itself, and not for long from others.
    mutating func makeRoom() {
      let waiting = reservations.filter { !$0.value.isTaken }.sorted { $0.value.number < $1.value.number }
      for (token, _) in waiting.prefix((waiting.count + 1) / 2) { reservations[token] = nil }
    }
  }

  private let state = Mutex(State())

  /// Reservations at most, those with a listener among them.
  static let maximum = 10_000
  /// Seconds after which a reservation that nobody listens to is forgotten.
  static let lifetime: UInt64 = 60

  /// A new token, which cannot be guessed; nil when there are too many streams.
  func reserve(_ caller: Caller, now: UInt64) -> String? {
    var random = SystemRandomNumberGenerator()
    let parts = (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let token = parts.joined()
    return state.withLock { state in
      if state.reservations.count >= Self.maximum { state.makeRoom() }
      guard state.reservations.count < Self.maximum else { return nil }
      state.count += 1
      state.reservations[token] = Reservation(caller: caller, made: now, number: state.count)
      return token
    }
  }

  enum Claim {
    case granted, unknown
    /// Somebody listens already.
    case taken
  }

  /// Takes a reservation for its one listener.
  func claim(_ token: String, _ caller: Caller, now: UInt64) -> Claim {
    state.withLock { state in
      guard let found = state.reservations[token], found.caller == caller else { return .unknown }
      guard !found.isTaken else { return .taken }
      guard now - found.made < Self.lifetime else {
        state.reservations[token] = nil
        return .unknown
      }
      state.reservations[token]?.isTaken = true
      return .granted
    }
  }

  func open(_ token: String, _ stream: EventStream) {
    state.withLock { $0.reservations[token]?.stream = stream }
  }

  func place(_ token: String, _ caller: Caller) -> Place {
    state.withLock { state in
      guard let found = state.reservations[token], found.caller == caller else { return .unknown }
      return found.stream.map { .open($0) } ?? .waiting
    }
  }

  func forget(_ token: String) {
    state.withLock { $0.reservations[token] = nil }
  }
}
