/// When something is due, counted from the moment at which it begins to wait.
public enum Delay: Hashable, Sendable {
  case seconds(Int64)
  /// An expression that gives seconds, or a moment as ISO 8601 text.
  case expression(String)
}
