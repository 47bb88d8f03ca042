extension ValidationContext {
  /// A schema has at most one root type per operation (spec section 3.3.1).
  func uniqueOperationTypes(_ id: NodeID) {
    guard isOn(.uniqueOperationTypes) else { return }
    let operation = document[id].operation
    if schema?.rootType(operation) != nil {
      report("Type for \(operation.keyword) already defined in the schema. It cannot be redefined.", id)
    } else if let first = sdl.operationTypes[operation] {
      report("There can be only one \(operation.keyword) type in schema.", [first, id])
    } else {
      sdl.operationTypes[operation] = id
    }
  }
}
