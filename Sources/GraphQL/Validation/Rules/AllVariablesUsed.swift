extension ValidationContext {
  /// All Variables Used (spec section 5.8.4).
  func allVariablesUsed(_ operation: Executable, _ reached: [Executable]) {
    let node = document[operation.node]
    guard isOn(.allVariablesUsed), !node.variables.isNone else { return }
    var used = Set<NameID>()
    for executable in reached {
      for usage in usages[executable.usages] { used.insert(document[usage.node].name) }
    }
    for id in document.list(node.variables) where !used.contains(document[id].name) {
      let by = node.name.isNone ? "" : " in operation \"\(name(operation.node))\""
      report("Variable \"$\(name(id))\" is never used\(by).", id)
    }
  }
}
