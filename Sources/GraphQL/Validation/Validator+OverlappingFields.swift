/// The rule OverlappingFieldsCanBeMerged: what ends up under one key of a response must be one thing.
///
/// Fields are gathered per merged selection set and compared with the first of their group, so the work grows
/// with the expanded size of the operation, which `Limits.expandedFields` bounds.
extension Validator {
  private struct Entry {
    let field: FieldNode
    let parent: TypeID
  }

  mutating func checkOverlappingFields() {
    for operation in document.operations {
      guard let root = schema.rootType(of: operation.kind) else { continue }
      checkMerged([(operation.selections, root)])
    }
  }

  private mutating func checkMerged(_ sets: [(selections: NodeRange, parent: TypeID)]) {
    var order: [String] = []
    var groups: [String: [Entry]] = [:]
    var visited: Set<String> = []
    for set in sets { gather(set.selections, set.parent, &order, &groups, &visited) }
    for name in order {
      guard let group = groups[name], errors.count < limits.reportedErrors else { continue }
      if group.count > 1, let (other, reason) = conflict(in: group) {
        report(
          "Fields \"\(name)\" conflict because \(reason). Use different aliases on the fields to fetch both if this was intentional.",
          group[0].field.start, other.start)
        continue
      }
      let below = group.compactMap { entry -> (selections: NodeRange, parent: TypeID)? in
        guard entry.field.hasSelectionSet, let type = type(of: entry) else { return nil }
        return (entry.field.selections, type.named)
      }
      if !below.isEmpty { checkMerged(below) }
    }
  }

  private func gather(
    _ range: NodeRange, _ parent: TypeID, _ order: inout [String], _ groups: inout [String: [Entry]],
    _ visited: inout Set<String>
  ) {
    for index in range.indices {
      switch document.selections[index] {
      case .field(let number):
        let field = document.fields[Int(number)]
        let name = document.text(field.responseName)
        if groups[name] == nil { order.append(name) }
        groups[name, default: []].append(Entry(field: field, parent: parent))
      case .inline(let condition, _, let selections, _):
        let type = condition.isEmpty ? parent : schema.type(named: document.text(condition)) ?? parent
        gather(selections, type, &order, &groups, &visited)
      case .spread(let name, _, _):
        // Under another parent type the same fragment adds nothing new: its fields' parent is its own condition.
        guard visited.insert(document.text(name)).inserted, let fragment = document.fragment(named: name),
          let type = schema.type(named: document.text(fragment.typeCondition))
        else { continue }
        gather(fragment.selections, type, &order, &groups, &visited)
      }
    }
  }

  private func type(of entry: Entry) -> TypeReference? {
    definition(of: document.text(entry.field.name), in: entry.parent)?.0
  }

  private func conflict(in group: [Entry]) -> (FieldNode, String)? {
    let first = group[0]
    var representatives: [TypeID: Entry] = [:]
    for entry in group {
      if let expected = type(of: first), let found = type(of: entry), !sameShape(expected, found) {
        return (
          entry.field,
          "they return conflicting types \"\(schema.text(expected))\" and \"\(schema.text(found))\""
        )
      }
      // Objects of two different object types never meet, so their fields may differ.
      for (type, other) in representatives
      where type == entry.parent || schema[type].kind != .object || schema[entry.parent].kind != .object {
        if let reason = difference(other.field, entry.field) { return (entry.field, reason) }
      }
      if representatives[entry.parent] == nil { representatives[entry.parent] = entry }
    }
    return nil
  }

  private func difference(_ first: FieldNode, _ second: FieldNode) -> String? {
    let names = (document.text(first.name), document.text(second.name))
    if names.0 != names.1 { return "\"\(names.0)\" and \"\(names.1)\" are different fields" }
    return arguments(first) == arguments(second) ? nil : "they have differing arguments"
  }

  private func arguments(_ field: FieldNode) -> [String: String] {
    var texts: [String: String] = [:]
    for index in field.arguments.indices {
      let argument = document.arguments[index]
      texts[document.text(argument.name)] = Printer(document: document).text(of: document.values[Int(argument.value)])
    }
    return texts
  }

  /// Spec: `SameResponseShape`, without the fields below, which are merged in their turn.
  private func sameShape(_ first: TypeReference, _ second: TypeReference) -> Bool {
    guard first.wrappers == second.wrappers else { return false }
    let types = (schema[first.named], schema[second.named])
    return types.0.isLeaf || types.1.isLeaf ? first.named == second.named : true
  }
}
