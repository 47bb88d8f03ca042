extension ValidationContext {
  /// Variables Are Input Types (spec section 5.8.2).
  func variablesAreInputTypes(_ id: NodeID, _ type: TypeReference?) {
    guard isOn(.variablesAreInputTypes), let schema, let type, !schema.kind(type.named).isInput else { return }
    report("Variable \"$\(name(id))\" cannot be non-input type \"\(schema.describe(type))\".", document[id].type)
  }
}
