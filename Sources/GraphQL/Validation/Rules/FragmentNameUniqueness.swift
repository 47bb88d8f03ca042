extension ValidationContext {
  /// Fragment Name Uniqueness (spec section 5.5.1.1).
  func fragmentNameUniqueness(_ first: NodeID, _ id: NodeID) {
    guard isOn(.fragmentNameUniqueness) else { return }
    report("There can be only one fragment named \"\(name(id))\".", names: [first, id])
  }
}
