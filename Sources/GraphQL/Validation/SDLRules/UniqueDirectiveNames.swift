extension ValidationContext {
  /// Directives have unique names (spec section 3.3).
  func uniqueDirectiveNames(_ id: NodeID) {
    guard isOn(.uniqueDirectiveNames) else { return }
    let directive = document[id].name
    if schema?.directive(schemaName(directive)) != nil {
      report("Directive \"@\(name(id))\" already exists in the schema. It cannot be redefined.", names: [id])
    } else if let first = sdl.directiveNames[directive] {
      report("There can be only one directive named \"@\(name(id))\".", names: [first, id])
    } else {
      sdl.directiveNames[directive] = id
    }
  }
}
