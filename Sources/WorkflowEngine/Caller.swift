/// Who asks for a command: threaded through to the rows (`createdBy…`, `modifiedBy…`, `closedBy…`) and events.
public struct Caller: Hashable, Sendable {
  /// The user's name; nil for an anonymous caller.
  public var user: String?
  /// The group the user acts for; nil if there is none.
  public var group: String?

  /// All groups of the user, for access rules; rows and events do not keep them.
  public var groups: [String]

  public init(user: String? = nil, group: String? = nil, groups: [String] = []) {
    self.user = user
    self.group = group
    self.groups = groups.isEmpty ? group.map { [$0] } ?? [] : groups
  }
}
