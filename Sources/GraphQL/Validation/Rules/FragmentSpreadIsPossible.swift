extension ValidationContext {
  /// Fragment Spread Is Possible (spec section 5.5.2.3): some object can be of both types.
  func fragmentSpreadIsPossible(_ id: NodeID, _ parent: TypeID) {
    guard isOn(.fragmentSpreadIsPossible), let schema, !parent.isNone, let fragment = fragments[document[id].name]
    else { return }
    let type = conditionType(document[fragment].typeCondition)
    guard !type.isNone, schema.kind(type).isComposite, !schema.typesOverlap(type, parent) else { return }
    report(
      "Fragment \"\(name(id))\" cannot be spread here as objects of type \"\(schema.name(parent))\" "
        + "can never be of type \"\(schema.name(type))\".", id)
  }

  /// The same for inline fragments.
  func inlineFragmentIsPossible(_ id: NodeID, _ type: TypeID, _ parent: TypeID) {
    guard isOn(.fragmentSpreadIsPossible), let schema, !parent.isNone, !type.isNone, schema.kind(type).isComposite,
      !schema.typesOverlap(type, parent)
    else { return }
    report(
      "Fragment cannot be spread here as objects of type \"\(schema.name(parent))\" "
        + "can never be of type \"\(schema.name(type))\".", id)
  }
}
