extension ValidationContext {
  /// All Variable Usages Are Allowed (spec section 5.8.5): the variable's type fits the position, and members of a OneOf
  /// input object take no nullable variable.
  func allVariableUsagesAreAllowed(_ operation: Executable, _ reached: [Executable]) {
    let node = document[operation.node]
    guard isOn(.allVariableUsagesAreAllowed), let schema, !node.variables.isNone || hasFragmentVariables else { return }
    var definitions: [NameID: NodeID] = [:]
    for id in document.list(node.variables) { definitions[document[id].name] = id }
    for executable in reached {
      for usage in usages[executable.usages] {
        let own = usage.fragmentVariable.isNone ? nil : usage.fragmentVariable
        guard let definition = own ?? definitions[document[usage.node].name], let position = usage.type,
          let type = typeReference(document[definition].type)
        else { continue }
        if !isAllowed(type, document[definition].defaultValue, position, usage.hasDefault) {
          report(
            "Variable \"$\(name(usage.node))\" of type \"\(schema.describe(type))\" used in position expecting type "
              + "\"\(schema.describe(position))\".", [definition, usage.node])
        }
        if !usage.oneOf.isNone && !type.isNonNull {
          report(
            "Variable \"$\(name(usage.node))\" is of type \"\(schema.describe(type))\" but must be non-nullable to be used for "
              + "OneOf Input Object \"\(schema.name(usage.oneOf))\".", [definition, usage.node])
        }
      }
    }
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
