/// Rules on fields and fragments in their place: FieldsOnCorrectType, ScalarLeafs, KnownArgumentNames,
/// ProvidedRequiredArguments, UniqueArgumentNames, KnownTypeNames, FragmentsOnCompositeTypes,
/// KnownFragmentNames, PossibleFragmentSpreads.
extension Validator {
  mutating func visitField(_ field: FieldNode, _ parent: TypeID) {
    visitDirectives(field.directives, at: .field)
    let name = document.text(field.name)
    guard let (definition, arguments) = definition(of: name, in: parent) else {
      let type = schema.name(of: parent)
      report("Cannot query field \"\(name)\" on type \"\(type)\".\(suggestion(for: name, in: parent))", field.start)
      return
    }
    visitArguments(field.arguments, arguments, of: "field \"\(schema.name(of: parent)).\(name)\"", "Field \"\(name)\"", field.start)
    let type = schema[definition.named]
    if type.isLeaf, field.hasSelectionSet {
      report(
        "Field \"\(name)\" must not have a selection since type \"\(schema.text(definition))\" has no subfields.",
        document.selectionStart(field))
    } else if type.isComposite, !field.hasSelectionSet {
      report(
        "Field \"\(name)\" of type \"\(schema.text(definition))\" must have a selection of subfields. Did you mean \"\(name) { ... }\"?",
        field.start)
    } else if field.hasSelectionSet {
      visitSelections(field.selections, definition.named)
    }
  }

  /// The type and the arguments of a field, the fields that every type has included.
  func definition(of name: String, in parent: TypeID) -> (TypeReference, [InputValueDefinition])? {
    if let introspection = schema.introspectionField(named: name, of: parent) { return introspection }
    guard let id = schema.field(named: name, of: parent) else { return nil }
    return (schema[id].type, schema[id].arguments)
  }

  private func suggestion(for name: String, in parent: TypeID) -> String {
    let candidates = schema[parent].fields.map { schema[$0].name }
    return Suggestions.text(for: name, among: candidates)
  }

  mutating func visitArguments(
    _ range: NodeRange, _ definitions: [InputValueDefinition], of owner: String, _ subject: String, _ start: UInt32
  ) {
    var seen: [String: UInt32] = [:]
    for index in range.indices {
      let argument = document.arguments[index]
      let name = document.text(argument.name)
      if let first = seen[name] {
        report("There can be only one argument named \"\(name)\".", first, argument.start)
      } else {
        seen[name] = argument.start
      }
      let definition = definitions.first { $0.name == name }
      if definition == nil {
        let hint = Suggestions.text(for: name, among: definitions.map(\.name))
        report("Unknown argument \"\(name)\" on \(owner).\(hint)", argument.start)
      }
      visitValue(document.values[Int(argument.value)], definition?.type, hasDefault: definition?.defaultValue != nil)
    }
    for definition in definitions where definition.isRequired && seen[definition.name] == nil {
      report(
        "\(subject) argument \"\(definition.name)\" of type \"\(schema.text(definition.type))\" is required, but it was not provided.",
        start)
    }
  }

  mutating func visitSpread(_ name: ByteRange, _ start: UInt32, _ parent: TypeID) {
    let text = document.text(name)
    usage.spreads.append((text, start))
    guard let fragment = document.fragment(named: name) else {
      report("Unknown fragment \"\(text)\".", name.start)
      return
    }
    guard let type = schema.type(named: document.text(fragment.typeCondition)), schema[type].isComposite,
      !schema.overlap(type, parent)
    else { return }
    report(
      "Fragment \"\(text)\" cannot be spread here as objects of type \"\(schema.name(of: parent))\" can never be of type \"\(schema.name(of: type))\".",
      start)
  }

  mutating func compositeType(_ condition: ByteRange, fragment: String?) -> TypeID? {
    let name = document.text(condition)
    guard let type = schema.type(named: name) else {
      report("Unknown type \"\(name)\".\(Suggestions.text(for: name, among: schema.types.map(\.name)))", condition.start)
      return nil
    }
    guard schema[type].isComposite else {
      let subject = fragment.map { "Fragment \"\($0)\"" } ?? "Fragment"
      report("\(subject) cannot condition on non composite type \"\(name)\".", condition.start)
      return nil
    }
    return type
  }
}

extension Document {
  /// Where the braces behind a field open, near enough for a message: at its first selection.
  func selectionStart(_ field: FieldNode) -> UInt32 {
    var offset = field.responseName.end
    while offset < bytes.count, bytes[Int(offset)] != UInt8(ascii: "{") { offset += 1 }
    return offset
  }
}
