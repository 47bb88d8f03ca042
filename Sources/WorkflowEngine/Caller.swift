/// Who asks for a command: threaded through to the rows (`createdBy…`, `modifiedBy…`, `closedBy…`) and events.
public struct Caller: Hashable, Sendable {
  /// The user's name; nil for an anonymous caller.
  public var user: String?
  /// The group the user acts for; nil if there is none.
  public var group: String?

  public init(user: String? = nil, group: String? = nil) {
    self.user = user
    self.group = group
  }
}
