/// The value of the first `count` names of a path.
public struct Resolved: Sendable {
  public var value: Value
  public var count: Int

  public init(_ value: Value, count: Int) {
    self.value = value
    self.count = count
  }
}
