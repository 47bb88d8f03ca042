import Expressions

/// Who a verified token speaks for.
public struct Identity: Sendable, Equatable {
  public var username: String
  /// In the order in which the identity provider names them.
  public var groups: [String]
  /// Everything that the provider says, as it says it: a JSON object.
  public var claims: Value

  public init(username: String, groups: [String] = [], claims: Value = .object([])) {
    self.username = username
    self.groups = groups
    self.claims = claims
  }
}
