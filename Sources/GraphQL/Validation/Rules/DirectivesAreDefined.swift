extension ValidationContext {
  /// Directives Are Defined (spec section 5.7.1) and Directives Are in Valid Locations (section 5.7.2).
  func directivesAreDefined(_ id: NodeID, _ location: DirectiveLocation) {
    guard isOn(.directivesAreDefined) else { return }
    let directive = document[id].name
    let locations: [DirectiveLocation]
    if let definition = documentDirectives[directive] {
      locations = document.list(document[definition].children).compactMap { DirectiveLocation(name: name($0)) }
    } else if let schema {
      guard let definition = schema.directive(schemaName(directive)) else {
        report("Unknown directive \"@\(name(id))\".", id)
        return
      }
      locations = schema[definition].locations
    } else if let known = BuiltInDirectives.named(name(id)) {
      locations = known.locations
    } else {
      report("Unknown directive \"@\(name(id))\".", id)
      return
    }
    if !locations.contains(location) {
      report("Directive \"@\(name(id))\" may not be used on \(location.name).", id)
    }
  }
}
