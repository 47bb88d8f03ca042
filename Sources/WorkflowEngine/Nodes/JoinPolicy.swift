/// When a join fires, and what becomes of the branches that it does not wait for.
///
/// A join has one open item per (case, task, token of the split whose branches it joins), and fires once for it.
public struct JoinPolicy: Hashable, Sendable {
  public enum Need: Hashable, Sendable {
    /// No open item of the joined branches can reach the join any more.
    case all
    /// One branch has come.
    case any
    /// So many branches have come: an expression that gives a number.
    case count(String)
    /// This expression holds; it is looked at whenever a branch comes or goes.
    case condition(String)
    /// One token from every task that leads here; further tokens of a task wait for the next time.
    case paired
  }

  /// What becomes of the branches that are still under way when it fires.
  public enum Remaining: String, Sendable, CaseIterable {
    /// They go on; when they come the join takes them in without firing again.
    case keep
    /// They are canceled.
    case cancel
  }

  public var need: Need
  public var remaining: Remaining
  /// The next round waits until all branches of the round before have come.
  public var isBlocking: Bool

  public init(_ need: Need = .all, remaining: Remaining = .keep, isBlocking: Bool = false) {
    self.need = need
    self.remaining = remaining
    self.isBlocking = isBlocking
  }
}
