/// What an expression says about itself without being evaluated.
public struct Analysis: Sendable, Equatable {
  /// The paths that are read from the surroundings (`["info", "case", "created_by_group"]`), in order.
  public var paths: [[String]] = []
  /// The transforms that are used, in order, with their places in the text.
  public var transforms: [Use] = []
  /// The literal subjects of `task` and `tasks`: slugs, in order, each once.
  public var tasks: [String] = []
  /// Some subject of `task` or `tasks` is no literal: which slugs it gives only shows when it is evaluated.
  public var hasComputedTasks = false
  /// The subjects of `task`, `tasks` and `groups` that can be told to have the wrong type.
  public var misused: [Misuse] = []

  public struct Use: Sendable, Equatable {
    public var name: String
    public var position: Int
  }

  public struct Misuse: Sendable, Equatable {
    /// The transform.
    public var name: String
    /// The subject as messages show it.
    public var subject: String
    public var position: Int
  }

  /// Messages about transforms that are neither built in nor among the given ones, each name once.
  func undefinedTransforms(known: Set<String>) -> [String] {
    var names: [String] = []
    for use in transforms where BuiltinTransform(rawValue: use.name) == nil && !known.contains(use.name) {
      if !names.contains(use.name) { names.append(use.name) }
    }
    return names.map { "The `\($0)` transform is undefined." }
  }
}
