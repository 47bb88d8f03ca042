extension ValidationContext {
  /// Types have unique names (spec section 3.3).
  func uniqueTypeNames(_ id: NodeID) {
    guard isOn(.uniqueTypeNames) else { return }
    let type = document[id].name
    if let schema, !schema.type(schemaName(type)).isNone {
      report(
        "Type \"\(name(id))\" already exists in the schema. It cannot also be defined in this type definition.",
        names: [id])
    } else if let first = sdl.typeNames[type] {
      report("There can be only one type named \"\(name(id))\".", names: [first, id])
    } else {
      sdl.typeNames[type] = id
    }
  }
}
