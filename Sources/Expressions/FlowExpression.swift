/// Flow expressions: which tasks come next, and which may be redone.
public enum FlowExpression {
  /// The transforms that flow expressions know besides the built-in ones.
  public static let transforms: Set<String> = ["task", "tasks", "groups"]

  /// What is wrong with a flow expression before it is stored: unknown transforms, wrong subjects, unknown tasks.
  /// The messages are for clients; empty if all is well.
  ///
  /// - Parameter isTask: whether a task of that slug exists or is registered as dynamic task.
  public static func problems(
    of analysis: Analysis, isTask: (_ slug: String) throws -> Bool
  ) rethrows -> [String] {
    var problems = undefinedTransforms(of: analysis, known: transforms)
    for misuse in analysis.misused where misuse.name != "groups" {
      problems.append(
        misuse.name == "task"
          ? "`\(misuse.subject)` is not a valid task slug." : "`\(misuse.subject)` is not a valid list of tasks.")
    }
    for slug in analysis.tasks where try !isTask(slug) {
      problems.append("The task `\(slug)` does not exist or is not registered as dynamic task")
    }
    return problems
  }

  /// The slugs that a result gives, in its order, each once. Anything but texts is passed over.
  public static func slugs(of result: Value) -> [String] {
    var slugs: [String] = []
    var pending = [result]
    while let value = pending.popLast() {
      switch value {
      case .string(let slug): if !slugs.contains(slug) { slugs.append(slug) }
      case .array(let items): pending += items.reversed()
      default: break
      }
    }
    return slugs
  }
}

/// Group expressions: whom a work item is addressed to and who controls it.
public enum GroupExpression {
  /// The transforms that group expressions know besides the built-in ones.
  public static let transforms: Set<String> = ["groups"]

  /// What is wrong with a group expression before it is stored. The messages are for clients.
  public static func problems(of analysis: Analysis) -> [String] {
    var problems = undefinedTransforms(of: analysis, known: transforms)
    for misuse in analysis.misused where misuse.name == "groups" {
      problems.append("\(misuse.subject) is not a valid list of groups.")
    }
    return problems
  }

  /// The groups that a result gives; a single text is a list of one. Nil for null.
  ///
  /// - Throws: `result` if the result holds anything but texts.
  public static func groups(of result: Value) throws(ExpressionError) -> [String]? {
    switch result {
    case .null: return nil
    case .string(let group): return [group]
    case .array(let items):
      var groups: [String] = []
      for item in items {
        guard case .string(let group) = item else {
          throw ExpressionError(.result, "A group has to be a text, found \(item.typeName).")
        }
        groups.append(group)
      }
      return groups
    default: throw ExpressionError(.result, "Groups have to be a list of texts, found \(result.typeName).")
    }
  }
}

private func undefinedTransforms(of analysis: Analysis, known: Set<String>) -> [String] {
  var names: [String] = []
  for use in analysis.transforms where BuiltinTransform(rawValue: use.name) == nil && !known.contains(use.name) {
    if !names.contains(use.name) { names.append(use.name) }
  }
  return names.map { "The `\($0)` transform is undefined." }
}
