extension ValidationContext {
  /// A document has one schema definition, none if it extends a schema (spec section 3.3).
  func loneSchemaDefinition(_ id: NodeID) {
    guard isOn(.loneSchemaDefinition) else { return }
    if let schema,
      !schema.schemaNode.isNone || schema.queryType != nil || schema.mutationType != nil
        || schema.subscriptionType != nil
    {
      report("Cannot define a new schema within a schema extension.", id)
      return
    }
    if sdl.schemaDefinitions > 0 { report("Must provide only one schema definition.", id) }
    sdl.schemaDefinitions += 1
  }
}
