extension ValidationContext {
  /// Input Object Field Uniqueness (spec section 5.6.3).
  func inputObjectFieldUniqueness(_ object: NodeID) {
    guard isOn(.inputObjectFieldUniqueness) else { return }
    for group in duplicates(document[object].children) {
      for field in group.dropFirst() {
        report("There can be only one input field named \"\(name(field))\".", names: [group[0], field])
      }
    }
  }
}
