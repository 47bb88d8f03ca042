/// The provider's keys as they are known here, and when to ask for them again. Times are milliseconds on a clock that
/// never goes back.
struct KeySet {
  enum Decision {
    case keys([VerificationKey])
    /// These do, but newer ones should be fetched meanwhile.
    case keysAndRefresh([VerificationKey])
    /// Only the provider can tell.
    case fetch
    /// The provider has no such key.
    case unknown
    /// The provider could not be asked, and what is known does not help.
    case unavailable
  }

  /// Keys are asked for again after this time.
  let maximumAge: UInt64
  /// While the provider does not answer, keys are used for this long after their maximum age.
  let staleFor: UInt64
  /// The provider is asked no more often than this, whatever tokens name.
  let cooldown: UInt64

  private(set) var keys: [VerificationKey] = []
  private var fetchedAt: UInt64?
  private var attemptedAt: UInt64?
  private var hasFailed = false

  init(maximumAge: UInt64, staleFor: UInt64, cooldown: UInt64) {
    self.maximumAge = maximumAge
    self.staleFor = staleFor
    self.cooldown = cooldown
  }

  /// - Parameter mayFetch: false once the provider was asked for this token's sake.
  func decide(
    identifier: String?, algorithm: SignatureAlgorithm, now: UInt64, mayFetch: Bool = true
  ) -> Decision {
    let mayFetch = mayFetch && mayAsk(now: now)
    guard let fetchedAt else { return mayFetch ? .fetch : .unavailable }
    let age = Self.milliseconds(from: fetchedAt, to: now)
    // Long unused keys may have been withdrawn since; a provider that is down is not waited for each time.
    if age >= 2 * maximumAge, mayFetch, !hasFailed { return .fetch }
    guard age < maximumAge + staleFor else { return mayFetch ? .fetch : .unavailable }
    let found = keys.filter { $0.matches(identifier, algorithm) }
    if !found.isEmpty { return age >= maximumAge && mayFetch ? .keysAndRefresh(found) : .keys(found) }
    if mayFetch { return .fetch }
    return hasFailed ? .unavailable : .unknown
  }

  /// Whether the provider was not asked within the cooldown.
  func mayAsk(now: UInt64) -> Bool {
    attemptedAt.map { Self.milliseconds(from: $0, to: now) >= cooldown } ?? true
  }

  /// Loops look at the clock once per round: one may be a little behind the one that has fetched.
  private static func milliseconds(from start: UInt64, to end: UInt64) -> UInt64 {
    end > start ? end - start : 0
  }

  mutating func fetched(_ keys: [VerificationKey], now: UInt64) {
    self.keys = keys
    fetchedAt = now
    attemptedAt = now
    hasFailed = false
  }

  mutating func failed(now: UInt64) {
    attemptedAt = now
    hasFailed = true
  }
}
