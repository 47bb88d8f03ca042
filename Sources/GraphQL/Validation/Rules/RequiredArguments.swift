extension ValidationContext {
  /// Required Arguments (spec section 5.4.3).
  func requiredArguments(_ id: NodeID, _ field: FieldID, _ parent: TypeID) {
    guard isOn(.requiredArguments), let schema else { return }
    let definition = schema[field]
    for argument in schema.inputValues[definition.arguments] where argument.isRequired {
      let isGiven = document.list(document[id].arguments).contains { schemaName(document[$0].name) == argument.name }
      if isGiven { continue }
      let owner = schema[definition.type.named].isBuiltIn && schema.kind(definition.type.named) != .scalar ? "<meta>" : schema.name(parent)
      report(
        "Argument \"\(owner).\(name(id))(\(schema.names.string(argument.name)):)\" of type \"\(schema.describe(argument.type))\" "
          + "is required, but it was not provided.", id)
    }
  }

  /// The same for directives.
  func requiredArgumentsOnDirective(_ id: NodeID) {
    guard isOn(.requiredArguments) || isOn(.requiredArgumentsOnDirectives) else { return }
    for argument in directiveArguments(id) ?? [] where argument.isRequired {
      if document.list(document[id].arguments).contains(where: { name($0) == argument.name }) { continue }
      report(
        "Argument \"@\(name(id))(\(argument.name):)\" of type \"\(argument.type)\" is required, but it was not provided.", id)
    }
  }
}
