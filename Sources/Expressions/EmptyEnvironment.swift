/// Nothing but the language itself.
public struct EmptyEnvironment: ExpressionEnvironment {
  public init() {}
}
