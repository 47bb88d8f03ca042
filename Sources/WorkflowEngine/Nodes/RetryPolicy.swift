/// How often and when failed work is tried again by itself.
public struct RetryPolicy: Hashable, Sendable {
  /// How often it is tried in all; 1 never tries again.
  public var maximumAttempts: Int
  /// Seconds before the second attempt; doubled for each one after it.
  public var backOff: Int64
  /// The longest pause, in seconds.
  public var maximumBackOff: Int64

  public init(maximumAttempts: Int = 1, backOff: Int64 = 10, maximumBackOff: Int64 = 3_600) {
    self.maximumAttempts = maximumAttempts
    self.backOff = backOff
    self.maximumBackOff = maximumBackOff
  }

  /// Seconds to wait after so many failed attempts; nil when it is not tried again.
  public func pause(afterAttempts attempts: Int) -> Int64? {
    guard attempts < maximumAttempts else { return nil }
    let factor = Int64(1) << Int64(min(max(attempts - 1, 0), 30))
    return min(backOff.multipliedReportingOverflow(by: factor).partialValue, maximumBackOff)
  }
}
