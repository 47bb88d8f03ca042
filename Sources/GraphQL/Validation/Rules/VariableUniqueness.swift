extension ValidationContext {
  /// Variable Uniqueness (spec section 5.8.1).
  func variableUniqueness(_ operation: NodeID) {
    let first = document[operation].variables
    guard isOn(.variableUniqueness), !first.isNone, !document[first].next.isNone else { return }
    for group in duplicates(first) {
      report("There can be only one variable named \"$\(name(group[0]))\".", names: group)
    }
  }

  /// Groups of sibling nodes that share a name, in the order of their first members. O(n).
  func duplicates(_ first: NodeID) -> [[NodeID]] {
    guard !first.isNone, !document[first].next.isNone else { return [] }
    var groups: [[NodeID]] = []
    var indices: [NameID: Int] = [:]
    for id in document.list(first) {
      if let index = indices[document[id].name] {
        groups[index].append(id)
      } else {
        indices[document[id].name] = groups.count
        groups.append([id])
      }
    }
    return groups.filter { $0.count > 1 }
  }
}
