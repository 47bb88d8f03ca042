extension ValidationContext {
  /// Argument Uniqueness (spec section 5.4.2).
  func argumentUniqueness(_ owner: NodeID) {
    let first = document[owner].arguments
    guard isOn(.argumentUniqueness), !first.isNone else { return }
    for group in duplicates(first) {
      report("There can be only one argument named \"\(name(group[0]))\".", names: group)
    }
  }
}
