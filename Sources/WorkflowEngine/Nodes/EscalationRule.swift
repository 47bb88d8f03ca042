/// Who has an item from the moment on at which its deadline passes. What else begins then is said by a boundary.
public struct EscalationRule: Hashable, Sendable {
  /// Who gets the item in place of the users that it has; nobody loses it where this gives nobody.
  public var assignment: AssignmentRule?
  /// A group expression: these see the item, too.
  public var addressGroups: String?

  public init(assignment: AssignmentRule? = nil, addressGroups: String? = nil) {
    self.assignment = assignment
    self.addressGroups = addressGroups
  }
}
