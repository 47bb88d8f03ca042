extension ValidationContext {
  /// Operation Name Uniqueness (spec section 5.2.2.1).
  func operationNameUniqueness(_ first: NodeID, _ id: NodeID) {
    guard isOn(.operationNameUniqueness) else { return }
    report("There can be only one operation named \"\(name(id))\".", names: [first, id])
  }
}
