extension ValidationContext {
  /// Leaf Field Selections (spec section 5.3.3): subfields exactly where the type has some.
  func leafFieldSelections(_ id: NodeID, _ field: FieldID) {
    guard isOn(.leafFieldSelections), let schema else { return }
    let type = schema[field].type
    let selectionSet = document[id].selectionSet
    if schema.kind(type.named).isLeaf {
      guard !selectionSet.isNone else { return }
      report(
        "Field \"\(name(id))\" must not have a selection since type \"\(schema.describe(type))\" has no subfields.",
        selectionSet)
    } else if selectionSet.isNone {
      report(
        "Field \"\(name(id))\" of type \"\(schema.describe(type))\" must have a selection of subfields. "
          + "Did you mean \"\(name(id)) { ... }\"?", id)
    }
  }
}
