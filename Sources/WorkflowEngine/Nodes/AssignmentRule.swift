/// Who gets a new item.
public enum AssignmentRule: Hashable, Sendable {
  case users([String])
  /// An expression that gives a user or a list of users; null gives nobody.
  case expression(String)
  /// The name of a Swift closure that gives users.
  case closure(String)
  /// Whoever completed the latest item of a task in the case.
  case sameAs(task: String)
}
