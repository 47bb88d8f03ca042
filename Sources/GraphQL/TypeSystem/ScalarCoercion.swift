/// Which rules of coercion a scalar follows (spec section 3.5).
public enum ScalarKind: Sendable, Equatable {
  case int, float, string, boolean, id
  /// Any other scalar: its `ScalarCoercion`, or any value if it has none.
  case custom
}

/// How a custom scalar turns an external value, from a literal or from JSON, into the value that resolvers get.
public struct ScalarCoercion: Sendable {
  /// Returns the internal value, or throws an error whose message says what is wrong with the external one.
  public let coerce: @Sendable (Value) throws(GraphQLError) -> Value

  public init(coerce: @escaping @Sendable (Value) throws(GraphQLError) -> Value) {
    self.coerce = coerce
  }

  /// Accepts any value as it is.
  public static let passThrough = ScalarCoercion { value throws(GraphQLError) in value }
}
