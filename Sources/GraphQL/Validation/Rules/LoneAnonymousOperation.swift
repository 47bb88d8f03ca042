extension ValidationContext {
  /// Lone Anonymous Operation (spec section 5.2.3.1).
  func loneAnonymousOperation(_ id: NodeID) {
    guard isOn(.loneAnonymousOperation) else { return }
    report("This anonymous operation must be the only defined operation.", id)
  }
}
