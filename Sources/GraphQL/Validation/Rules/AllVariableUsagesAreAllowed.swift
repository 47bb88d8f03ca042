extension ValidationContext {
  /// All Variable Usages Are Allowed (spec section 5.8.5): the variable's type fits the position, and members of a
  /// OneOf input object take no nullable variable.
  func allVariableUsagesAreAllowed(_ operation: Executable, _ reached: [Executable]) {
    let node = document[operation.node]
    guard isOn(.allVariableUsagesAreAllowed), let schema, !node.variables.isNone || hasFragmentVariables else { return }
    var definitions: [NameID: NodeID] = [:]
    for id in document.list(node.variables) { definitions[document[id].name] = id }
    for executable in reached {
      for usage in usages[executable.usages] {
        let own = usage.fragmentVariable.isNone ? nil : usage.fragmentVariable
        guard let definition = own ?? definitions[document[usage.node].name],
          let problem = variableUsageProblem(usage, definition)
        else { continue }
        if problem.isMistyped, let position = usage.type {
          report(
            "Variable \"$\(name(usage.node))\" of type \"\(schema.describe(problem.type))\" used in position "
              + "expecting type "
              + "\"\(schema.describe(position))\".", [definition, usage.node])
        }
        if problem.isNullableMember {
          report(
            "Variable \"$\(name(usage.node))\" is of type \"\(schema.describe(problem.type))\" but must be "
              + "non-nullable to be "
              + "used for OneOf Input Object \"\(schema.name(usage.oneOf))\".", [definition, usage.node])
        }
      }
    }
  }

  /// What is wrong with the use of a variable.
  struct VariableUsageProblem {
    /// The variable's type.
    var type: TypeReference
    var isMistyped: Bool
    /// Whether a nullable variable is a member of a OneOf input object.
    var isNullableMember: Bool
  }

  /// What is wrong with a use of a variable that has this definition; nil if nothing is.
  func variableUsageProblem(_ usage: VariableUsage, _ definition: NodeID) -> VariableUsageProblem? {
    guard let position = usage.type, let type = typeReference(document[definition].type) else { return nil }
    let problem = VariableUsageProblem(
      type: type, isMistyped: !isAllowed(type, document[definition].defaultValue, position, usage.hasDefault),
      isNullableMember: !usage.oneOf.isNone && !type.isNonNull)
    return problem.isMistyped || problem.isNullableMember ? problem : nil
  }

  /// Spec `IsVariableUsageAllowed`.
  private func isAllowed(
    _ type: TypeReference, _ defaultValue: NodeID, _ position: TypeReference, _ hasDefault: Bool
  ) -> Bool {
    guard let schema else { return true }
    guard position.isNonNull && !type.isNonNull else { return schema.isSubtype(type, of: position) }
    let hasNonNullDefault = !defaultValue.isNone && document[defaultValue].kind != .nullValue
    return (hasNonNullDefault || hasDefault) && schema.isSubtype(type, of: position.ofType)
  }
}
