/// Group expressions: whom a work item is addressed to and who controls it.
public enum GroupExpression {
  /// The transforms that group expressions know besides the built-in ones.
  public static let transforms: Set<String> = ["groups"]

  /// What is wrong with a group expression before it is stored. The messages are for clients.
  public static func problems(of analysis: Analysis) -> [String] {
    var problems = analysis.undefinedTransforms(known: transforms)
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
