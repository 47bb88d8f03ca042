import Glibc

/// What is left of the processor time that one document may take until it is ready to run. See `Limits.planningBudget`.
///
/// The thread's own time, not the clock's: a machine that is busy with something else refuses nothing. Asked once per
/// phase and definition, by documents that are not known yet only.
public struct PlanningBudget: Sendable {
  private let milliseconds: Int
  /// On the thread's clock, in nanoseconds.
  private let end: UInt64

  /// Begins now, on the calling thread.
  public init(milliseconds: Int) {
    self.milliseconds = milliseconds
    end = Self.now + UInt64(max(milliseconds, 0)) * 1_000_000 * Self.slack
  }

  public var isSpent: Bool { Self.now >= end }

  /// - Throws: `PLANNING_BUDGET`.
  public func check() throws(GraphQLError) {
    if isSpent { throw error }
  }

  var error: GraphQLError {
    GraphQLError(
      "Planning the document takes more than \(milliseconds) ms of processor time.",
      code: GraphQLError.Code.planningBudget)
  }

  #if DEBUG
    /// Without optimisation the same work takes about so many times as long.
    private static let slack: UInt64 = 40
  #else
    private static let slack: UInt64 = 1
  #endif

  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
