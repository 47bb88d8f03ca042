extension ValidationContext {
  /// Most selections that subscriptions may visit together: each looks into its fragments for itself.
  private static let maxFragmentWork = 50_000

  /// Single Root Field (spec section 5.2.4.1): a subscription selects one field, without conditions and not of
  /// introspection.
  func singleRootField(_ id: NodeID) {
    let node = document[id]
    guard isOn(.singleRootField), node.operation == .subscription, let root = schema?.subscriptionType else { return }
    let subject = node.name.isNone ? "Anonymous Subscription" : "Subscription \"\(name(id))\""
    var collected = CollectedRootFields()
    collectRootFields(node.selectionSet, root, &collected)
    if !collected.conditions.isEmpty {
      report(
        "\(subject) must not use `@skip` or `@include` directives in the top level selection.", collected.conditions)
      return
    }
    if collected.groups.isEmpty { report("\(subject) must select one top level field.", node.selectionSet) }
    if collected.groups.count > 1 {
      report("\(subject) must select only one top level field.", collected.groups.dropFirst().flatMap { $0 })
    }
    for group in collected.groups where name(group[0]).hasPrefix("__") {
      report("\(subject) must not select an introspection top level field.", group)
    }
  }

  private struct CollectedRootFields {
    var groups: [[NodeID]] = []
    var responseNames: [NameID: Int] = [:]
    var conditions: [NodeID] = []
    var visited = Set<NameID>()
  }

  private func collectRootFields(_ selectionSet: NodeID, _ root: TypeID, _ collected: inout CollectedRootFields) {
    for id in document.list(document[selectionSet].children) {
      fragmentWork += 1
      guard fragmentWork <= Self.maxFragmentWork else { return abort("Validation aborted.") }
      let node = document[id]
      let directives = document.list(node.directives)
      if let condition = directives.first(where: { name($0) == "skip" })
        ?? directives.first(where: { name($0) == "include" })
      {
        collected.conditions.append(condition)
        continue
      }
      switch node.kind {
      case .field:
        if let index = collected.responseNames[node.responseName] {
          collected.groups[index].append(id)
        } else {
          collected.responseNames[node.responseName] = collected.groups.count
          collected.groups.append([id])
        }
      case .fragmentSpread:
        guard collected.visited.insert(node.name).inserted, let fragment = fragments[node.name],
          applies(document[fragment].typeCondition, root)
        else { continue }
        collectRootFields(document[fragment].selectionSet, root, &collected)
      default:
        guard node.typeCondition.isNone || applies(node.typeCondition, root) else { continue }
        collectRootFields(node.selectionSet, root, &collected)
      }
    }
  }

  private func applies(_ condition: NodeID, _ root: TypeID) -> Bool {
    let type = conditionType(condition)
    return !type.isNone && schema?.isSubtype(type, root) == true
  }
}
