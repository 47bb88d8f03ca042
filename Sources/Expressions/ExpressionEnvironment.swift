/// What identifiers and transforms mean to an expression.
public protocol ExpressionEnvironment {
  /// Resolves the beginning of `path`, the names of `a.b.c` in order.
  ///
  /// Only paths that are evaluated are asked for, so that nothing has to be loaded in advance. The answer may
  /// cover as many names as suit the environment; the rest is looked up in the value. Nil means that the first
  /// name is unknown, which makes it null.
  mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved?

  /// Applies a transform that is not one of the built-in ones; nil if it is unknown.
  mutating func transform(_ name: String, _ subject: Value, _ arguments: [Value]) throws(ExpressionError) -> Value?
}

extension ExpressionEnvironment {
  public mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? { nil }

  public mutating func transform(
    _ name: String, _ subject: Value, _ arguments: [Value]
  ) throws(ExpressionError) -> Value? { nil }
}
