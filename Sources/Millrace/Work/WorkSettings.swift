import Webhooks

/// What of jobs and timers can be set.
public struct WorkSettings: Sendable {
  /// When a failed attempt is followed by another one. Default: 1 s, twice as long each time, an hour at most.
  public var retries = RetrySchedule.exponential
  /// Attempts of a job whose task does not say how many. Default 10.
  public var maxAttempts: Int32 = 10
  /// Milliseconds for which claimed work is the claiming server's alone; renewed while it is under way. Default 30 000.
  public var lease: Int64 = 30_000
  /// Milliseconds after which a worker looks without being told to. Default 2 000.
  public var pollInterval: UInt64 = 2_000
  /// Jobs that run at once in one server, each with a database connection when it ends. Default 8.
  public var concurrency = 8
  /// What a worker claims at a time. Default 200.
  public var batch = 200
  /// Milliseconds for the statements of a job's end. Default 30 000.
  public var endTimeout: UInt64 = 30_000

  public init() {}
}

extension RetrySchedule {
  /// 1 s, 2 s, 4 s … up to an hour: some fifty attempts.
  public static let exponential = RetrySchedule(
    milliseconds: (0..<50).map { $0 < 12 ? Int64(1_000) << Int64($0) : 3_600_000 })
}
