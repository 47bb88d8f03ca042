extension NodeDefinition {
  /// All expressions of the node.
  public var expressions: [String] {
    var found = [condition, correlation, enabledWhile, subprocess?.data, subprocess?.items].compactMap(\.self)
    for edge in edges { found += [edge.condition, edge.items, edge.data].compactMap(\.self) }
    for delay in [delay] + boundaries.map(\.delay) {
      if case .expression(let text)? = delay { found.append(text) }
    }
    switch join.need {
    case .count(let text), .condition(let text): found.append(text)
    case .all, .any, .paired: break
    }
    for rule in [assignment, escalation?.assignment] {
      if case .expression(let text)? = rule { found.append(text) }
    }
    if let text = escalation?.addressGroups { found.append(text) }
    found += [permission?.expression, management?.expression].compactMap(\.self)
    return found
  }
}
