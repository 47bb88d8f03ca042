/// The surroundings of flow and group expressions: `task`, `tasks` and `groups`, with dynamic tasks and groups,
/// over identifiers that the owner resolves.
public struct WorkflowEnvironment<Context: ExpressionEnvironment>: ExpressionEnvironment {
  public var context: Context
  /// What a dynamic task stands for; nil if no dynamic task has that name.
  public var dynamicTask: ((String) throws(ExpressionError) -> [String]?)?
  /// What a dynamic group stands for; nil if no dynamic group has that name.
  public var dynamicGroup: ((String) throws(ExpressionError) -> [String]?)?

  public init(
    context: Context,
    dynamicTask: ((String) throws(ExpressionError) -> [String]?)? = nil,
    dynamicGroup: ((String) throws(ExpressionError) -> [String]?)? = nil
  ) {
    self.context = context
    self.dynamicTask = dynamicTask
    self.dynamicGroup = dynamicGroup
  }

  public mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    try context.resolve(path)
  }

  public mutating func transform(
    _ name: String, _ subject: Value, _ arguments: [Value]
  ) throws(ExpressionError) -> Value? {
    switch name {
    case "task": return try task(subject)
    case "tasks": return try tasks(subject)
    case "groups": return try groups(subject)
    default: return try context.transform(name, subject, arguments)
    }
  }

  private func task(_ subject: Value) throws(ExpressionError) -> Value {
    guard case .string(let name) = subject else {
      throw ExpressionError(.type, "`\(subject.shown)` is not a valid task slug.")
    }
    guard let slugs = try dynamicTask?(name) else { return subject }
    guard slugs.count <= 1 else {
      throw ExpressionError(
        .result,
        "The dynamic task `\(name)` used by the `task` transform should not return more than one task -- "
          + "it returned \(slugs.count)")
    }
    return slugs.first.map(Value.string) ?? .null
  }

  private func tasks(_ subject: Value) throws(ExpressionError) -> Value {
    guard case .array(let items) = subject else {
      throw ExpressionError(.type, "`\(subject.shown)` is not a valid list of tasks.")
    }
    var slugs: [String] = []
    for item in items {
      guard case .string(let name) = item else { continue }
      for slug in try dynamicTask?(name) ?? [name] where !slugs.contains(slug) { slugs.append(slug) }
    }
    return .array(slugs.map(Value.string))
  }

  private func groups(_ subject: Value) throws(ExpressionError) -> Value {
    guard case .array(let items) = subject else {
      throw ExpressionError(.type, "\(subject.shown) is not a valid list of groups.")
    }
    var groups: Set<String> = []
    for item in items {
      guard case .string(let name) = item else {
        throw ExpressionError(.type, "A group has to be a text, found \(item.typeName).")
      }
      groups.formUnion(try dynamicGroup?(name) ?? [name])
    }
    return .array(groups.sorted().map(Value.string))
  }
}
