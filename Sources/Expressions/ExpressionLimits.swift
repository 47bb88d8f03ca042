/// Bounds on the text of an expression.
public struct ExpressionLimits: Sendable {
  /// Bytes; default 20 000. A longer text is refused with `tooLarge`.
  public var length = 20_000
  /// Levels of nesting; default 100. A deeper one is refused with `tooLarge`, since the evaluator recurses.
  public var depth = 100

  public init() {}
}
