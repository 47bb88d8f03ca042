extension ValidationContext {
  /// All Variable Uses Defined (spec section 5.8.3).
  func allVariableUsesDefined(_ operation: Executable, _ reached: [Executable]) {
    guard isOn(.allVariableUsesDefined) else { return }
    let node = document[operation.node]
    var defined = Set<NameID>()
    for id in document.list(node.variables) { defined.insert(document[id].name) }
    for executable in reached {
      for usage in usages[executable.usages]
      where usage.fragmentVariable.isNone && !defined.contains(document[usage.node].name) {
        let by = node.name.isNone ? "" : " by operation \"\(name(operation.node))\""
        report("Variable \"$\(name(usage.node))\" is not defined\(by).", [usage.node, operation.node])
      }
    }
  }
}
