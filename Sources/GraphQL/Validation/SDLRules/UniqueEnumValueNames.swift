extension ValidationContext {
  /// Values of an enum and its extensions have unique names (spec section 3.9).
  func uniqueEnumValueNames(_ id: NodeID) {
    guard isOn(.uniqueEnumValueNames) else { return }
    let type = document[id].name
    for value in document.list(document[id].children) {
      let member = SDLState.Member(type: type, name: document[value].name)
      let text = "Enum value \"\(name(id)).\(name(value))\""
      if let schema, case let known = schema.type(schemaName(type)), !known.isNone,
        schema.enumValue(known, schemaName(member.name)) != nil
      {
        report(
          "\(text) already exists in the schema. It cannot also be defined in this type extension.", names: [value])
      } else if let first = sdl.enumValues[member] {
        report("\(text) can only be defined once.", names: [first, value])
      } else {
        sdl.enumValues[member] = value
      }
    }
  }
}
