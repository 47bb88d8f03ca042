/// Rules on variables: UniqueVariableNames, VariablesAreInputTypes, NoUndefinedVariables, NoUnusedVariables,
/// VariablesInAllowedPosition.
extension Validator {
  mutating func visitVariableDefinitions(_ operation: OperationDefinition) {
    var seen: [String: UInt32] = [:]
    for index in operation.variables.indices {
      let variable = document.variables[index]
      let name = document.text(variable.name)
      if let first = seen[name] {
        report("There can be only one variable named \"$\(name)\".", first, variable.name.start)
      } else {
        seen[name] = variable.name.start
      }
      visitDirectives(variable.directives, at: .variableDefinition)
      let node = document.types[Int(variable.type)]
      guard let type = schema.reference(node, in: document) else {
        let named = document.namedType(node)
        let hint = Suggestions.text(for: document.text(named), among: schema.types.map(\.name))
        report("Unknown type \"\(document.text(named))\".\(hint)", named.start)
        continue
      }
      if !schema[type.named].isInput {
        report("Variable \"$\(name)\" cannot be non-input type \"\(schema.text(type))\".", node.start)
      } else if variable.defaultValue >= 0 {
        visitValue(document.values[Int(variable.defaultValue)], type)
      }
    }
  }

  /// What an operation uses through its fragments is checked against what it defines.
  mutating func checkVariables(of operation: OperationDefinition) {
    var uses = usage.variables
    var visited: Set<String> = []
    var pending = usage.spreads.map(\.name)
    while let name = pending.popLast() {
      guard visited.insert(name).inserted, let inner = fragmentUsage[name] else { continue }
      uses += inner.variables
      pending += inner.spreads.map(\.name)
    }
    let named = operation.name.isEmpty ? "" : " by operation \"\(document.text(operation.name))\""
    for use in uses {
      guard let variable = document.variables[operation.variables.indices]
        .first(where: { document.text($0.name) == use.name })
      else {
        report("Variable \"$\(use.name)\" is not defined\(named).", use.start, operation.start)
        continue
      }
      guard let place = use.type,
        let type = schema.reference(document.types[Int(variable.type)], in: document)
      else { continue }
      if !allowed(type, variable, place, use.hasDefault) {
        report(
          "Variable \"$\(use.name)\" of type \"\(schema.text(type))\" used in position expecting type \"\(schema.text(place))\".",
          variable.start, use.start)
      }
    }
    let usedNames = Set(uses.map(\.name))
    for index in operation.variables.indices {
      let name = document.text(document.variables[index].name)
      if !usedNames.contains(name) {
        let place = operation.name.isEmpty ? "" : " in operation \"\(document.text(operation.name))\""
        report("Variable \"$\(name)\" is never used\(place).", document.variables[index].start)
      }
    }
  }

  /// Spec: `IsVariableUsageAllowed`.
  private func allowed(
    _ type: TypeReference, _ variable: VariableNode, _ place: TypeReference, _ placeHasDefault: Bool
  ) -> Bool {
    if place.isNonNull, !type.isNonNull {
      let hasDefault =
        variable.defaultValue >= 0 && document.values[Int(variable.defaultValue)].kind != .null
      return (hasDefault || placeHasDefault) && compatible(type, place.nullable)
    }
    return compatible(type, place)
  }

  /// Spec: `AreTypesCompatible`.
  private func compatible(_ type: TypeReference, _ place: TypeReference) -> Bool {
    if place.isNonNull { return type.isNonNull && compatible(type.nullable, place.nullable) }
    if type.isNonNull { return compatible(type.nullable, place) }
    if let item = place.item { return type.item.map { compatible($0, item) } ?? false }
    return type.item == nil && type.named == place.named
  }
}

extension Document {
  func namedType(_ node: TypeNode) -> ByteRange {
    var current = node
    while current.kind != .named { current = types[Int(current.inner)] }
    return current.name
  }
}

extension Schema {
  /// The type that a document's type node means; nil when its name is unknown.
  func reference(_ node: TypeNode, in document: Document) -> TypeReference? {
    var wrappers: [TypeReference.Wrapper] = []
    var current = node
    while current.kind != .named {
      wrappers.append(current.kind == .list ? .list : .nonNull)
      current = document.types[Int(current.inner)]
    }
    return type(named: document.text(current.name)).map { TypeReference(named: $0, wrappers: wrappers) }
  }

  /// Spec: 4.1 "Type Name Introspection" and 4.2: the fields that are there without being declared.
  func introspectionField(named name: String, of type: TypeID) -> (TypeReference, [InputValueDefinition])? {
    guard name.hasPrefix("__") else { return nil }
    func reference(_ name: String, nonNull: Bool) -> TypeReference? {
      self.type(named: name).map { TypeReference(named: $0, wrappers: nonNull ? [.nonNull] : []) }
    }
    switch name {
    case "__typename":
      return reference("String", nonNull: true).map { ($0, []) }
    case "__schema" where type == queryType:
      return reference("__Schema", nonNull: true).map { ($0, []) }
    case "__type" where type == queryType:
      guard let argument = reference("String", nonNull: true) else { return nil }
      let definition = InputValueDefinition(name: "name", description: nil, type: argument, deprecationReason: nil)
      return reference("__Type", nonNull: false).map { ($0, [definition]) }
    default:
      return nil
    }
  }
}
