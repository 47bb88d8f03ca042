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
    var problems = analysis.undefinedTransforms(known: transforms)
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
