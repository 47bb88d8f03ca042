/// Rules on values and directives: ValuesOfCorrectType, UniqueInputFieldNames, KnownDirectives,
/// UniqueDirectivesPerLocation, and the directives' arguments.
extension Validator {
  /// Checks a literal against the type of its place; nil when the place is unknown.
  mutating func visitValue(_ node: ValueNode, _ type: TypeReference?, hasDefault: Bool = false) {
    if node.kind == .variable {
      usage.variables.append(
        DefinitionUsage.VariableUse(
          name: document.text(node.text), start: node.start, type: type, hasDefault: hasDefault))
      return
    }
    guard let type else {
      visitParts(node)
      return
    }
    if node.kind == .null {
      if type.isNonNull {
        report("Expected value of type \"\(schema.text(type))\", found null.", node.start)
      }
      return
    }
    if let item = type.item {
      if node.kind == .list {
        for index in node.children.indices { visitValue(document.values[index], item) }
      } else {
        visitValue(node, item)
      }
      return
    }
    let named = schema[type.named]
    switch named.kind {
    case .inputObject: visitObject(node, type, named)
    case .enumeration: visitEnum(node, named)
    default: visitScalar(node, type, named)
    }
  }

  private mutating func visitParts(_ node: ValueNode) {
    switch node.kind {
    case .list:
      for index in node.children.indices { visitValue(document.values[index], nil) }
    case .object:
      for index in node.children.indices {
        visitValue(document.values[Int(document.objectFields[index].value)], nil)
      }
    default: break
    }
  }

  private func shown(_ node: ValueNode) -> String {
    Printer(document: document).text(of: node)
  }

  private mutating func visitObject(_ node: ValueNode, _ type: TypeReference, _ named: TypeDefinition) {
    guard node.kind == .object else {
      report("Expected value of type \"\(schema.text(type))\", found \(shown(node)).", node.start)
      return
    }
    var seen: [String: UInt32] = [:]
    for index in node.children.indices {
      let field = document.objectFields[index]
      let name = document.text(field.name)
      if let first = seen[name] {
        report("There can be only one input field named \"\(name)\".", first, field.start)
      } else {
        seen[name] = field.start
      }
      let definition = named.inputFields.first { $0.name == name }
      if definition == nil {
        let hint = Suggestions.text(for: name, among: named.inputFields.map(\.name))
        report("Field \"\(name)\" is not defined by type \"\(named.name)\".\(hint)", field.start)
      }
      visitValue(
        document.values[Int(field.value)], definition?.type, hasDefault: definition?.defaultValue != nil)
    }
    for definition in named.inputFields where definition.isRequired && seen[definition.name] == nil {
      report(
        "Field \"\(named.name).\(definition.name)\" of required type \"\(schema.text(definition.type))\" was not provided.",
        node.start)
    }
    if named.isOneOf, seen.count != 1 {
      report("OneOf Input Object \"\(named.name)\" must specify exactly one key.", node.start)
    }
  }

  private mutating func visitEnum(_ node: ValueNode, _ named: TypeDefinition) {
    guard node.kind == .enumeration else {
      let hint = Suggestions.text(for: document.text(node.text), among: named.enumValues.map(\.name))
        .replacing("Did you mean", with: "Did you mean the enum value")
      report("Enum \"\(named.name)\" cannot represent non-enum value: \(shown(node)).\(hint)", node.start)
      return
    }
    let name = document.text(node.text)
    if !named.enumValues.contains(where: { $0.name == name }) {
      let hint = Suggestions.text(for: name, among: named.enumValues.map(\.name))
        .replacing("Did you mean", with: "Did you mean the enum value")
      report("Value \"\(name)\" does not exist in \"\(named.name)\" enum.\(hint)", node.start)
    }
  }

  private mutating func visitScalar(_ node: ValueNode, _ type: TypeReference, _ named: TypeDefinition) {
    guard !ValueReader(document: document).usesVariables(node) else {
      visitParts(node)
      return
    }
    guard let value = ValueReader(document: document).value(node, variables: nil) else { return }
    do throws(ScalarCoercion.Failure) {
      _ = try (named.scalar ?? .any).parse(value)
    } catch {
      let message =
        named.isBuiltIn
        ? error.message
        : "Expected value of type \"\(schema.text(type))\", found \(shown(node)); \(error.message)"
      report(message, node.start)
    }
  }

  mutating func visitDirectives(_ range: NodeRange, at location: DirectiveLocation) {
    var seen: [String: UInt32] = [:]
    for index in range.indices {
      let directive = document.directives[index]
      let name = document.text(directive.name)
      guard let definition = schema.directive(named: name) else {
        report("Unknown directive \"@\(name)\".", directive.start)
        for number in directive.arguments.indices {
          visitValue(document.values[Int(document.arguments[number].value)], nil)
        }
        continue
      }
      if !definition.locations.contains(location) {
        report("Directive \"@\(name)\" may not be used on \(location.rawValue).", directive.start)
      }
      if let first = seen[name], !definition.isRepeatable {
        report(
          "The directive \"@\(name)\" can only be used once at this location.", first, directive.start)
      }
      seen[name] = seen[name] ?? directive.start
      visitArguments(
        directive.arguments, definition.arguments, of: "directive \"@\(name)\"", "Directive \"@\(name)\"",
        directive.start)
    }
  }
}
