/// Keeps what is to be sent to an endpoint that does not work from being tried in vain: after some failures in a row
/// it is left alone for a time, then tried with one request, and taken up again when that succeeds.
///
/// A value: the owner tells it what happened and asks it what may be sent. Times are milliseconds on any clock that
/// does not go back.
public struct CircuitBreaker: Sendable, Equatable {
  enum State: Sendable, Equatable {
    case closed(failures: Int)
    /// Left alone until then.
    case open(until: UInt64)
    /// One request is under way to find out.
    case probing
  }

  private(set) var state = State.closed(failures: 0)
  /// How often it opened in a row: each time doubles the pause.
  private var openings = 0
  private let threshold: Int
  private let pause: UInt64
  private let maximumPause: UInt64

  /// - Parameters:
  ///   - threshold: failures in a row that open it.
  ///   - pause: milliseconds for which it stays open the first time.
  public init(threshold: Int = 5, pause: UInt64 = 1_000, maximumPause: UInt64 = 60_000) {
    self.threshold = threshold
    self.pause = pause
    self.maximumPause = maximumPause
  }

  /// How many of `capacity` requests may be sent now.
  public func allowed(_ capacity: Int, at now: UInt64) -> Int {
    switch state {
    case .closed: capacity
    case .open(let until): until <= now ? min(capacity, 1) : 0
    case .probing: 0
    }
  }

  /// Milliseconds until it is tried again; nil unless it is open.
  public func wait(at now: UInt64) -> UInt64? {
    if case .open(let until) = state { until > now ? until - now : 0 } else { nil }
  }

  public var isClosed: Bool { if case .closed = state { true } else { false } }

  /// A request is sent.
  public mutating func began(at now: UInt64) {
    if case .open(let until) = state, until <= now { state = .probing }
  }

  public mutating func succeeded() {
    state = .closed(failures: 0)
    openings = 0
  }

  public mutating func failed(at now: UInt64) {
    switch state {
    case .closed(let failures):
      if failures + 1 < threshold {
        state = .closed(failures: failures + 1)
      } else {
        open(at: now)
      }
    case .probing: open(at: now)
    // What was sent before it opened.
    case .open: break
    }
  }

  /// The request that was to find out was not sent after all, or told nothing.
  public mutating func abandoned(at now: UInt64) {
    if state == .probing { state = .open(until: now) }
  }

  private mutating func open(at now: UInt64) {
    state = .open(until: now + min(pause << UInt64(min(openings, 10)), maximumPause))
    openings += 1
  }
}
