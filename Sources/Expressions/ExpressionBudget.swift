/// Bounds on one evaluation.
public struct ExpressionBudget: Sendable {
  /// Nodes evaluated and values looked at; default 100 000.
  public var steps: Int
  /// Bytes of all values made on the way; default 4 MiB.
  public var memory: Int

  public init(steps: Int = 100_000, memory: Int = 4 << 20) {
    self.steps = steps
    self.memory = memory
  }
}
