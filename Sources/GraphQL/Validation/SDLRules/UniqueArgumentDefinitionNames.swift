extension ValidationContext {
  /// Arguments of a field or directive have unique names (spec section 3.6.1).
  func uniqueArgumentDefinitionNames(_ owner: @autoclosure () -> String, _ first: NodeID) {
    guard isOn(.uniqueArgumentDefinitionNames), !first.isNone else { return }
    for group in duplicates(first) {
      report("Argument \"\(owner())(\(name(group[0])):)\" can only be defined once.", names: group)
    }
  }
}
