extension ValidationContext {
  /// Fields of a type and its extensions have unique names (spec sections 3.6, 3.7, 3.10).
  func uniqueFieldDefinitionNames(_ id: NodeID) {
    guard isOn(.uniqueFieldDefinitionNames) else { return }
    let type = document[id].name
    for field in document.list(document[id].children) {
      let member = SDLState.Member(type: type, name: document[field].name)
      let text = "Field \"\(name(id)).\(name(field))\""
      if let schema, case let known = schema.type(schemaName(type)), !known.isNone,
        case let fieldName = schemaName(member.name), !fieldName.isNone,
        schema.field(known, fieldName) != nil || schema.inputField(known, fieldName) != nil
      {
        report(
          "\(text) already exists in the schema. It cannot also be defined in this type extension.", names: [field])
      } else if let first = sdl.fields[member] {
        report("\(text) can only be defined once.", names: [first, field])
      } else {
        sdl.fields[member] = field
      }
    }
  }
}
