extension ValidationContext {
  /// A field where its set of merged fields needs it.
  struct MergedField {
    var node: NodeID
    /// Type the field is selected on, if known.
    var parent: TypeID
    var definition: FieldID
  }

  /// A selection set and the type it selects on.
  struct TypedSelection: Hashable {
    var set: NodeID
    var parent: TypeID
  }

  /// Field Selection Merging (spec section 5.3.2).
  ///
  /// Detection follows the published linear algorithm: fields are expanded into groups by response name; within a group
  /// every field is compared with the first only, once for the shape of the response and once per concrete parent type
  /// for name and arguments. A worklist stands for recursion, and sets that have been checked are not checked again.
  /// Only when a conflict is found, the pairwise comparison of `FieldConflicts` words every pair, within a budget.
  func fieldSelectionMerging() {
    guard isOn(.fieldSelectionMerging), schema != nil else { return }
    if hasFragmentVariables {
      // What is detected below holds where a variable means the same everywhere.
      var conflicts = FieldConflicts(context: self)
      conflicts.reportAll()
      return
    }
    var detection = FieldMergeDetection(context: self)
    var roots: [TypedSelection] = operations.map {
      TypedSelection(
        set: document[$0.node].selectionSet, parent: schema?.rootType(document[$0.node].operation) ?? .none)
    }
    for fragment in mergeRoots() {
      roots.append(
        TypedSelection(set: document[fragment].selectionSet, parent: conditionType(document[fragment].typeCondition)))
    }
    switch detection.check(roots) {
    case .mergeable: return
    case .exhausted: abort("Validation aborted.")
    case .conflict:
      var conflicts = FieldConflicts(context: self)
      conflicts.reportAll()
    }
  }

  /// Fragments that no operation reaches and that together reach all other such fragments: those that nothing spreads
  /// first, then what is left in cycles. Starting from every fragment would make chains of fragments cost quadratic
  /// time. Where several share a name, no spread means the earlier ones, so each of these is a root.
  private func mergeRoots() -> [NodeID] {
    var reached = Set<NameID>()
    func reach(_ start: Executable) {
      var pending = Array(spreads[start.spreads])
      while let name = pending.popLast() {
        if reached.insert(name).inserted, let fragment = fragmentExecutables[name] {
          pending += spreads[fragment.spreads]
        }
      }
    }
    for operation in operations { reach(operation) }
    let names = document.definitions.filter { document[$0].kind == .fragmentDefinition }.map { document[$0].name }
    let left = names.filter { !reached.contains($0) }
    var spread = Set<NameID>()
    for name in left {
      if let fragment = fragmentExecutables[name] { spread.formUnion(spreads[fragment.spreads]) }
    }
    var roots = document.definitions.filter {
      document[$0].kind == .fragmentDefinition && fragments[document[$0].name] != $0
    }
    for name in left.filter({ !spread.contains($0) }) + left where !reached.contains(name) {
      guard let fragment = fragmentExecutables[name] else { continue }
      reached.insert(name)
      roots.append(fragment.node)
      reach(fragment)
    }
    return roots
  }
}
