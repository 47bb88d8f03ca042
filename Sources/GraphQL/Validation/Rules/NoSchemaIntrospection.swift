extension ValidationContext {
  /// Not in the specification: refuses fields of introspection types, for servers that do not show their schema.
  func noSchemaIntrospection(_ id: NodeID, _ field: FieldID) {
    guard isOn(.noSchemaIntrospection), let schema else { return }
    let type = schema[field].type.named
    guard schema[type].isBuiltIn, schema.name(type).hasPrefix("__") else { return }
    report(
      "GraphQL introspection has been disabled, but the requested query contained the field \"\(name(id))\".", id,
      code: GraphQLError.Code.introspectionDisabled)
  }
}
