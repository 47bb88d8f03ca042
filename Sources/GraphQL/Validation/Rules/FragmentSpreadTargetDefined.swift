extension ValidationContext {
  /// Fragment Spread Target Defined (spec section 5.5.2.1).
  func fragmentSpreadTargetDefined(_ id: NodeID) {
    guard isOn(.fragmentSpreadTargetDefined), fragments[document[id].name] == nil else { return }
    report("Unknown fragment \"\(name(id))\".", names: [id])
  }
}
