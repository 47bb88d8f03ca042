import Expressions
import WorkflowEngine

/// Who a request acts for, as extension points see it.
public struct User: Sendable {
  /// Nil for an anonymous user.
  public var name: String?
  /// All groups of the user, in the order of the token's claim.
  public var groups: [String]
  /// The group that the user acts for: what `createdByGroup` and its like store.
  public var group: String?
  /// The claims of the user's token; null without a token.
  public var claims: JSON
  /// The bearer token; never logged.
  public var token: String?

  /// - Parameter group: the first of `groups` unless given.
  public init(
    name: String? = nil, groups: [String] = [], group: String? = nil, claims: JSON = .null, token: String? = nil
  ) {
    self.name = name
    self.group = group ?? groups.first
    self.groups = groups.isEmpty ? group.map { [$0] } ?? [] : groups
    self.claims = claims
    self.token = token
  }

  /// A user of whom only name and group are known.
  public init(_ caller: Caller) {
    self.init(name: caller.user, group: caller.group)
  }

  /// Whoever sends no token. Most requests begin as theirs, so it is made once.
  public static let anonymous = User()

  public var isAuthenticated: Bool { name != nil }

  /// Whether a token says anything about the user.
  public var hasClaims: Bool {
    if case .object(let members) = claims { !members.isEmpty } else { false }
  }

  /// What rows and events keep of the user.
  public var caller: Caller { Caller(user: name, group: group, groups: groups) }
}
