extension ValidationContext {
  /// Executable Definitions (spec section 5.1.1): a document to execute holds operations and fragments only.
  func executableDefinitions(_ id: NodeID) {
    guard isOn(.executableDefinitions) else { return }
    let kind = document[id].kind
    let subject = kind == .schemaDefinition || kind == .schemaExtension ? "schema" : "\"\(name(id))\""
    report("The \(subject) definition is not executable.", id)
  }
}
