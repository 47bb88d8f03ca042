/// Whom something is allowed: whoever fits one of the parts. An empty rule fits nobody.
public struct AccessRule: Hashable, Sendable {
  public var users: [String]
  public var groups: [String]
  /// An expression that holds for those who may.
  public var expression: String?
  /// The name of a Swift closure that answers for those who may.
  public var closure: String?

  public init(users: [String] = [], groups: [String] = [], expression: String? = nil, closure: String? = nil) {
    self.users = users
    self.groups = groups
    self.expression = expression
    self.closure = closure
  }
}
