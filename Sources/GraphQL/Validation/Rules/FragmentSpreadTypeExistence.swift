extension ValidationContext {
  /// Fragment Spread Type Existence (spec section 5.5.1.2), also for types of variables and in schema documents.
  func fragmentSpreadTypeExistence(_ id: NodeID, isSDL: Bool) {
    guard isOn(.fragmentSpreadTypeExistence) else { return }
    let node = document[id]
    if let schema, !schema.type(schemaName(node.name)).isNone { return }
    if sdl.definedTypes[node.name] != nil { return }
    let typeName = name(id)
    if isSDL && Self.builtInNames.contains(typeName) { return }
    report("Unknown type \"\(typeName)\"." + didYouMean(typeName, knownTypeNames(isSDL: isSDL)), id)
  }

  private func knownTypeNames(isSDL: Bool) -> [String] {
    var names = isSDL ? Self.builtInNames : []
    if let schema { names += schema.typeOrder.map { schema.name($0) }.filter { !names.contains($0) } }
    let known = Set(names)
    return names + sdl.definedTypes.keys.map { document.string($0) }.filter { !known.contains($0) }
  }

  /// Names of the built-in scalars and introspection types.
  static let builtInNames: [String] = {
    let document = BuiltInTypes.document
    return document.definitions.filter { document[$0].kind.isTypeDefinition }.map { document.name($0) }
  }()
}
