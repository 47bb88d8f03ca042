/// When what failed is tried again: a pause for each attempt, and in the end none.
public struct RetrySchedule: Sendable, Hashable {
  /// Milliseconds after the first, second … failure.
  public var pauses: [Int64]

  public init(milliseconds pauses: [Int64]) {
    self.pauses = pauses
  }

  /// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: some three days in all.
  ///
  /// Source: Standard Webhooks 1.0, "Retry schedule".
  public static let standard = RetrySchedule(
    milliseconds: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { $0 * 1_000 })

  /// Milliseconds until the attempt after this one, with up to a tenth more or less, so that what failed together
  /// does not come back together; nil when there is none left.
  ///
  /// - Parameters:
  ///   - attempt: the one that failed, counting from 1.
  ///   - jitter: from 0 to 1.
  public func pause(after attempt: Int, jitter: Double = .random(in: 0...1)) -> Int64? {
    guard attempt >= 1, attempt <= pauses.count else { return nil }
    let pause = Double(pauses[attempt - 1])
    return Int64(pause * (0.9 + 0.2 * min(max(jitter, 0), 1)))
  }
}
