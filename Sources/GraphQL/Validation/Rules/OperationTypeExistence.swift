extension ValidationContext {
  /// Operation Type Existence (spec section 5.2.1.1): the schema has a root type for the operation.
  func operationTypeExistence(_ id: NodeID) {
    guard isOn(.operationTypeExistence), let schema else { return }
    let operation = document[id].operation
    if schema.rootType(operation) == nil {
      report("The \(operation.keyword) operation is not supported by the schema.", id)
    }
  }
}
