extension ValidationContext {
  /// Fragments on Object, Interface or Union Types (spec section 5.5.1.3).
  func fragmentsOnCompositeTypes(_ id: NodeID, _ type: TypeID) {
    guard isOn(.fragmentsOnCompositeTypes), let schema, !type.isNone, !schema.kind(type).isComposite else { return }
    report(
      "Fragment \"\(name(id))\" cannot condition on non composite type \"\(schema.name(type))\".",
      document[id].typeCondition)
  }

  /// The same for inline fragments.
  func inlineFragmentOnCompositeType(_ id: NodeID, _ type: TypeID) {
    guard isOn(.fragmentsOnCompositeTypes), let schema, !type.isNone, !schema.kind(type).isComposite else { return }
    report("Fragment cannot condition on non composite type \"\(schema.name(type))\".", document[id].typeCondition)
  }
}
