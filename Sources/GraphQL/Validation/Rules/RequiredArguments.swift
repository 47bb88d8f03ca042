extension ValidationContext {
  /// Required Arguments (spec section 5.4.3).
  func requiredArguments(_ id: NodeID, _ field: FieldID, _ parent: TypeID) {
    guard isOn(.requiredArguments), let schema else { return }
    let definition = schema[field]
    for argument in schema.inputValues[definition.arguments] where argument.isRequired {
      let isGiven = document.list(document[id].arguments).contains { schemaName(document[$0].name) == argument.name }
      if isGiven { continue }
      let owner =
        schema[definition.type.named].isBuiltIn && schema.kind(definition.type.named) != .scalar
        ? "<meta>" : schema.name(parent)
      report(
        "Argument \"\(owner).\(name(id))(\(schema.names.string(argument.name)):)\" of type "
          + "\"\(schema.describe(argument.type))\" "
          + "is required, but it was not provided.", id)
    }
  }

  /// The same for the arguments of a fragment spread.
  func requiredFragmentArguments(_ spread: NodeID) {
    guard isOn(.requiredArguments), hasFragmentVariables, let fragment = fragments[document[spread].name] else {
      return
    }
    let known = variables(ofFragment: document[spread].name)
    for variable in document.list(document[fragment].variables) {
      let definition = document[variable]
      // Of several variables with one name the last is meant.
      guard known[definition.name] == variable, document[definition.type].kind == .nonNullType,
        definition.defaultValue.isNone
      else { continue }
      if document.list(document[spread].arguments).contains(where: { document[$0].name == definition.name }) {
        continue
      }
      let type =
        typeReference(definition.type).flatMap { schema?.describe($0) } ?? Printer.print(document, definition.type)
      report(
        "Fragment \"\(name(spread))\" argument \"\(name(variable))\" of type \"\(type)\" is required, "
          + "but it was not provided.", spread)
    }
  }

  /// The same for directives.
  func requiredArgumentsOnDirective(_ id: NodeID) {
    guard isOn(.requiredArguments) || isOn(.requiredArgumentsOnDirectives) else { return }
    var named = Set<String>()
    for argument in directiveArguments(id) ?? [] where argument.isRequired {
      // A document that defines an argument twice says so elsewhere.
      guard named.insert(argument.name).inserted else { continue }
      if document.list(document[id].arguments).contains(where: { name($0) == argument.name }) { continue }
      report(
        "Argument \"@\(name(id))(\(argument.name):)\" of type \"\(argument.type)\" is required, but it was not "
          + "provided.",
        id)
    }
  }
}
