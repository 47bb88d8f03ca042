extension ValidationContext {
  private static let listFields: Set<String> = ["fields", "interfaces", "possibleTypes", "inputFields"]

  /// Not in the specification: an introspection query may nest lists of types only this deep, because its answer grows
  /// exponentially with it. Each fragment is entered once per depth, over all roots of the document. Returns whether a
  /// field is too deep, and then nothing is reported within it.
  func maxIntrospectionDepth(_ id: NodeID) -> Bool {
    guard isOn(.maxIntrospectionDepth), !isInDeepIntrospection else { return false }
    let length = document.names.length(document[id].name)
    guard length == 8 || length == 6 else { return false }
    let field = name(id)
    guard field == "__schema" || field == "__type" else { return false }
    /// Selections still to look at, the list level around them, and the fragment they are of.
    struct Frame {
      var next: NodeID
      var depth: Int
      var fragment: NameID = .none
    }
    var visited: [NameID: Int] = [:]
    var stack = [
      Frame(next: document[id].selectionSet.isNone ? .none : document[document[id].selectionSet].children, depth: 0)
    ]
    func exceed() -> Bool {
      for frame in stack.reversed() where !frame.fragment.isNone { introspectionExceeded[frame.fragment] = frame.depth }
      report("Maximum introspection depth exceeded", id, code: GraphQLError.Code.introspectionTooDeep)
      return true
    }
    while let frame = stack.last {
      guard !frame.next.isNone else {
        stack.removeLast()
        if !frame.fragment.isNone { introspectionChecked[frame.fragment] = frame.depth }
        continue
      }
      let node = document[frame.next]
      stack[stack.count - 1].next = node.next
      var depth = frame.depth
      if node.kind == .fragmentSpread {
        if let exceeded = introspectionExceeded[node.name], exceeded <= depth { return exceed() }
        if visited[node.name, default: -1] >= depth || introspectionChecked[node.name, default: -1] >= depth {
          continue
        }
        guard let definition = fragments[node.name] else { continue }
        visited[node.name] = depth
        stack.append(
          Frame(next: document[document[definition].selectionSet].children, depth: depth, fragment: node.name))
        continue
      }
      if node.kind == .field && Self.listFields.contains(document.string(node.name)) {
        depth += 1
        if depth >= limits.maxIntrospectionLists { return exceed() }
      }
      if !node.selectionSet.isNone { stack.append(Frame(next: document[node.selectionSet].children, depth: depth)) }
    }
    return false
  }
}
