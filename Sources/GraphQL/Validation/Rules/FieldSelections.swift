extension ValidationContext {
  /// Field Selections (spec section 5.3.1): the selected field exists on the type.
  func fieldSelections(_ id: NodeID, _ parent: TypeID) {
    guard isOn(.fieldSelections), let schema else { return }
    let field = document[id].name
    var suggestion = ""
    if suggestions {
      suggestion = Suggestions.didYouMean(
        suggestedTypes(parent, schemaName(field)), subject: "to use an inline fragment on")
      if suggestion.isEmpty {
        let names = schema.fields[schema[parent].fields].map { schema.names.string($0.name) }
        suggestion = Suggestions.didYouMean(Suggestions.closest(name(id), names))
      }
    }
    report("Cannot query field \"\(name(id))\" on type \"\(schema.name(parent))\"." + suggestion, id)
  }

  /// Possible types that have the field, and the interfaces that give it to them, the most common first.
  private func suggestedTypes(_ parent: TypeID, _ field: NameID) -> [String] {
    guard let schema, !field.isNone, schema.kind(parent).isAbstract else { return [] }
    var counts: [TypeID: Int] = [:]
    var found: [TypeID] = []
    for type in schema[parent].possibleTypes where schema.field(type, field) != nil {
      found.append(type)
      counts[type] = 1
      for interface in schema[type].interfaces where schema.field(interface, field) != nil {
        if counts[interface] == nil { found.append(interface) }
        counts[interface, default: 0] += 1
      }
    }
    return found.sorted { left, right in
      let difference = counts[left, default: 0] - counts[right, default: 0]
      if difference != 0 { return difference > 0 }
      if schema.kind(left) == .interface && schema.isSubtype(left, right) { return true }
      if schema.kind(right) == .interface && schema.isSubtype(right, left) { return false }
      return NaturalOrder.precedes(schema.name(left), schema.name(right))
    }.map { schema.name($0) }
  }
}
