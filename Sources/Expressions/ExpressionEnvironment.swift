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

/// The value of the first `count` names of a path.
public struct Resolved: Sendable {
  public var value: Value
  public var count: Int

  public init(_ value: Value, count: Int) {
    self.value = value
    self.count = count
  }
}

extension ExpressionEnvironment {
  public mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? { nil }

  public mutating func transform(
    _ name: String, _ subject: Value, _ arguments: [Value]
  ) throws(ExpressionError) -> Value? { nil }
}

/// Nothing but the language itself.
public struct EmptyEnvironment: ExpressionEnvironment {
  public init() {}
}

/// The members of an object as identifiers.
public struct ValueEnvironment: ExpressionEnvironment {
  public var root: Value

  public init(_ root: Value) { self.root = root }

  public mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    guard let first = path.first, let value = root[first] else { return nil }
    return Resolved(value, count: 1)
  }
}
