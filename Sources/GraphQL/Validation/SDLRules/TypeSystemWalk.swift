/// The walk over definitions and extensions of a schema document.
extension ValidationContext {
  func prepareSchemaRules() {
    for id in document.definitions where document[id].kind.isTypeDefinition {
      // The last definition counts where duplicates are told apart elsewhere.
      sdl.definedTypes[document[id].name] = id
    }
  }

  func walkTypeSystem(_ id: NodeID) {
    let node = document[id]
    switch node.kind {
    case .schemaDefinition, .schemaExtension:
      if node.kind == .schemaDefinition { loneSchemaDefinition(id) }
      walkDirectives(id, .schema)
      for operation in document.list(node.children) {
        uniqueOperationTypes(operation)
        walkType(document[operation].type, isSDL: true)
      }
    case .directiveDefinition:
      uniqueDirectiveNames(id)
      uniqueArgumentDefinitionNames("@\(name(id))", node.arguments)
      for argument in document.list(node.arguments) { walkInputValue(argument, .argumentDefinition) }
      walkDirectives(id, .directiveDefinition)
    case .directiveExtension: walkDirectives(id, .directiveDefinition)
    default: walkTypeDefinition(id)
    }
  }

  private func walkTypeDefinition(_ id: NodeID) {
    let node = document[id]
    if node.kind.isTypeDefinition { uniqueTypeNames(id) } else { possibleTypeExtensions(id) }
    switch node.kind {
    case .objectTypeDefinition, .objectTypeExtension, .interfaceTypeDefinition, .interfaceTypeExtension:
      for interface in document.list(node.interfaces) { walkType(interface, isSDL: true) }
      let isObject = node.kind == .objectTypeDefinition || node.kind == .objectTypeExtension
      walkDirectives(id, isObject ? .object : .interface)
      uniqueFieldDefinitionNames(id)
      for field in document.list(node.children) {
        uniqueArgumentDefinitionNames("\(name(id)).\(name(field))", document[field].arguments)
        for argument in document.list(document[field].arguments) { walkInputValue(argument, .argumentDefinition) }
        walkType(document[field].type, isSDL: true)
        walkDirectives(field, .fieldDefinition)
      }
    case .unionTypeDefinition, .unionTypeExtension:
      walkDirectives(id, .union)
      for member in document.list(node.children) { walkType(member, isSDL: true) }
    case .enumTypeDefinition, .enumTypeExtension:
      walkDirectives(id, .enum)
      uniqueEnumValueNames(id)
      for value in document.list(node.children) { walkDirectives(value, .enumValue) }
    case .inputObjectTypeDefinition, .inputObjectTypeExtension:
      walkDirectives(id, .inputObject)
      uniqueFieldDefinitionNames(id)
      for field in document.list(node.children) { walkInputValue(field, .inputFieldDefinition) }
    default: walkDirectives(id, .scalar)
    }
  }

  private func walkInputValue(_ id: NodeID, _ location: DirectiveLocation) {
    let node = document[id]
    walkType(node.type, isSDL: true)
    if !node.defaultValue.isNone { walkValue(node.defaultValue, nil, hasDefault: false, oneOf: .none) }
    walkDirectives(id, location)
  }
}
