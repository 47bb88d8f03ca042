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
    var stream: EventStream?
    /// A client is about to listen.
    var isTaken = false
  }

  private let reservations = Mutex<[String: Reservation]>([:])

  /// Reservations at most; further ones are refused until others are opened or forgotten.
  static let maximum = 10_000
  /// Seconds after which a reservation that nobody listens to is forgotten.
  static let lifetime: UInt64 = 60

  /// A new token, which cannot be guessed; nil when there are too many.
  func reserve(_ caller: Caller, now: UInt64) -> String? {
    var random = SystemRandomNumberGenerator()
    let parts = (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let token = parts.joined()
    return reservations.withLock { reservations in
      if reservations.count >= Self.maximum {
        reservations = reservations.filter { $0.value.isTaken || now - $0.value.made < Self.lifetime }
      }
      guard reservations.count < Self.maximum else { return nil }
      reservations[token] = Reservation(caller: caller, made: now)
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
    reservations.withLock { reservations in
      guard let found = reservations[token], found.caller == caller else { return .unknown }
      guard !found.isTaken else { return .taken }
      guard now - found.made < Self.lifetime else {
        reservations[token] = nil
        return .unknown
      }
      reservations[token]?.isTaken = true
      return .granted
    }
  }

  func open(_ token: String, _ stream: EventStream) {
    reservations.withLock { $0[token]?.stream = stream }
  }

  func place(_ token: String, _ caller: Caller) -> Place {
    reservations.withLock { reservations in
      guard let found = reservations[token], found.caller == caller else { return .unknown }
      return found.stream.map { .open($0) } ?? .waiting
    }
  }

  func forget(_ token: String) {
    reservations.withLock { $0[token] = nil }
  }
}
