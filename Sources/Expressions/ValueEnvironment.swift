/// The members of an object as identifiers.
public struct ValueEnvironment: ExpressionEnvironment {
  public var root: Value

  public init(_ root: Value) { self.root = root }

  public mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    guard let first = path.first, let value = root[first] else { return nil }
    return Resolved(value, count: 1)
  }
}
