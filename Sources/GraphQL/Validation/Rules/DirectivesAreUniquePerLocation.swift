extension ValidationContext {
  /// Directives Are Unique per Location (spec section 5.7.3). A type and its extensions are one location.
  func directivesAreUniquePerLocation(_ owner: NodeID) {
    guard isOn(.directivesAreUniquePerLocation) else { return }
    let node = document[owner]
    let isShared: Bool
    var key = SDLState.DirectiveOwner.schema
    switch node.kind {
    case .schemaDefinition, .schemaExtension: isShared = true
    case .directiveDefinition, .directiveExtension:
      isShared = true
      key = .directive(node.name)
    default:
      isShared = node.kind.isTypeDefinition || node.kind.isTypeExtension
      key = .type(node.name)
    }
    if !isShared && document[node.directives].next.isNone { return }
    var seen = isShared ? sdl.seenDirectives[key] ?? [:] : [:]
    for id in document.list(node.directives) where isUnique(id) {
      let directive = document[id].name
      if let first = seen[directive] {
        report("The directive \"@\(name(id))\" can only be used once at this location.", [first, id])
      } else {
        seen[directive] = id
      }
    }
    if isShared { sdl.seenDirectives[key] = seen }
  }

  private func isUnique(_ id: NodeID) -> Bool {
    let directive = document[id].name
    if let definition = documentDirectives[directive] { return !document[definition].isRepeatable }
    if let schema { return schema.directive(schemaName(directive)).map { !schema[$0].isRepeatable } ?? false }
    return BuiltInDirectives.named(name(id)) != nil
  }
}
