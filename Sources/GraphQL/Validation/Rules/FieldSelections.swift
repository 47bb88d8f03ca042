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

  /// Possible types that have the field, and the interfaces that give it to them: the most common first, of these each
  /// type behind its interfaces, and else by name. No more than suggestions show.
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
    var left = found.sorted { left, right in
      let difference = counts[left, default: 0] - counts[right, default: 0]
      return difference == 0 ? NaturalOrder.precedes(schema.name(left), schema.name(right)) : difference > 0
    }
    var result: [String] = []
    while result.count < Suggestions.maxCount, !left.isEmpty {
      let interfaces = left.filter { schema.kind($0) == .interface }
      let next = left.firstIndex { type in
        !interfaces.contains { $0 != type && counts[$0] == counts[type] && schema.isSubtype($0, type) }
      }
      result.append(schema.name(left.remove(at: next ?? 0)))
    }
    return result
  }
}
