extension ValidationContext {
  /// Fragments Must Be Used (spec section 5.5.1.4): every fragment is reached from some operation. O(definitions +
  /// spreads).
  func fragmentsMustBeUsed() {
    guard isOn(.fragmentsMustBeUsed), !fragments.isEmpty else { return }
    var used = Set<NameID>()
    var pending = operations.flatMap { Array(spreads[$0.spreads]) }
    while let name = pending.popLast() {
      guard used.insert(name).inserted, let fragment = fragmentExecutables[name] else { continue }
      pending += spreads[fragment.spreads]
    }
    for id in document.definitions
    where document[id].kind == .fragmentDefinition && !used.contains(document[id].name) {
      report("Fragment \"\(name(id))\" is never used.", id)
    }
  }
}
