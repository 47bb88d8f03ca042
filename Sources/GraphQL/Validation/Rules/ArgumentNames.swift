extension ValidationContext {
  /// Argument Names (spec section 5.4.1): the field has the argument.
  func argumentNames(_ id: NodeID, _ field: FieldID, _ parent: TypeID) {
    guard isOn(.argumentNames), let schema else { return }
    let definition = schema[field]
    let names = schema.inputValues[definition.arguments].map { schema.names.string($0.name) }
    report(
      "Unknown argument \"\(name(id))\" on field \"\(schema.name(parent)).\(schema.names.string(definition.name))\"."
        + didYouMean(name(id), names), id)
  }

  /// The same for the arguments of a fragment spread.
  func fragmentArgumentNames(_ id: NodeID, _ fragment: NameID) {
    guard isOn(.argumentNames), let definition = fragments[fragment] else { return }
    let names = document.list(document[definition].variables).map { name($0) }
    report(
      "Unknown argument \"\(name(id))\" on fragment \"\(document.string(fragment))\"." + didYouMean(name(id), names), id
    )
  }

  /// The same for directives.
  func argumentNamesOnDirective(_ id: NodeID) {
    guard isOn(.argumentNames) || isOn(.argumentNamesOnDirectives), !document[id].arguments.isNone,
      let names = directiveArguments(id)?.map(\.name)
    else { return }
    for argument in document.list(document[id].arguments) where !names.contains(name(argument)) {
      report(
        "Unknown argument \"\(name(argument))\" on directive \"@\(name(id))\"." + didYouMean(name(argument), names),
        argument)
    }
  }

  /// Arguments of a directive's definition: name, type, whether required. Nil for an unknown directive.
  func directiveArguments(_ id: NodeID) -> [(name: String, type: String, isRequired: Bool)]? {
    let directive = document[id].name
    if let definition = documentDirectives[directive] {
      return BuiltInDirectives.arguments(document, definition)
    }
    if let schema {
      guard let known = schema.directive(schemaName(directive)) else { return nil }
      return schema.inputValues[schema[known].arguments].map {
        (schema.names.string($0.name), schema.describe($0.type), $0.isRequired)
      }
    }
    return BuiltInDirectives.named(name(id))?.arguments
  }
}
