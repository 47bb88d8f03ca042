extension ValidationContext {
  /// All Variables Used (spec section 5.8.4).
  func allVariablesUsed(_ operation: Executable, _ reached: [Executable]) {
    let node = document[operation.node]
    guard isOn(.allVariablesUsed), !node.variables.isNone else { return }
    var used = Set<NameID>()
    for executable in reached {
      for usage in usages[executable.usages] where usage.fragmentVariable.isNone {
        used.insert(document[usage.node].name)
      }
    }
    for id in document.list(node.variables) where !used.contains(document[id].name) {
      let by = node.name.isNone ? "" : " in operation \"\(name(operation.node))\""
      report("Variable \"$\(name(id))\" is never used\(by).", id)
    }
  }

  /// The same for a fragment's own variables, which only the fragment itself can use.
  func allFragmentVariablesUsed(_ fragment: NodeID, _ usages: ContiguousArray<VariableUsage>.SubSequence) {
    let variables = document[fragment].variables
    guard isOn(.allVariablesUsed), !variables.isNone else { return }
    let used = Set(usages.map { document[$0.node].name })
    for id in document.list(variables) where !used.contains(document[id].name) {
      report("Variable \"$\(name(id))\" is never used in fragment \"\(name(fragment))\".", id)
    }
  }
}
