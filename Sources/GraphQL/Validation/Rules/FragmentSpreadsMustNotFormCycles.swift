extension ValidationContext {
  /// Fragment Spreads Must Not Form Cycles (spec section 5.5.2.2). A depth-first search that visits each fragment once.
  func fragmentSpreadsMustNotFormCycles() {
    guard isOn(.fragmentSpreadsMustNotFormCycles), !fragments.isEmpty else { return }
    /// One fragment on the search's path.
    struct Frame {
      var name: NameID
      var spreads: [NodeID]
      var next = 0
    }
    var visited = Set<NameID>()
    var onPath: [NameID: Int] = [:]
    var path: [NodeID] = []
    for id in document.definitions where document[id].kind == .fragmentDefinition {
      guard visited.insert(document[id].name).inserted else { continue }
      origin = document[id].start
      var stack = [Frame(name: document[id].name, spreads: fragmentSpreads(id))]
      onPath[document[id].name] = 0
      while var frame = stack.last {
        if frame.next == frame.spreads.count {
          onPath[frame.name] = nil
          stack.removeLast()
          if !path.isEmpty { path.removeLast() }
          continue
        }
        let spread = frame.spreads[frame.next]
        frame.next += 1
        stack[stack.count - 1] = frame
        let name = document[spread].name
        if let start = onPath[name] {
          let cycle = path[start...] + [spread]
          let via = cycle.dropLast().map { "\"\(self.name($0))\"" }.joined(separator: ", ")
          report(
            "Cannot spread fragment \"\(self.name(spread))\" within itself" + (via.isEmpty ? "." : " via \(via)."),
            Array(cycle))
        } else if let fragment = fragments[name], visited.insert(name).inserted {
          path.append(spread)
          onPath[name] = path.count
          stack.append(Frame(name: name, spreads: fragmentSpreads(fragment)))
        }
      }
    }
  }

  /// The spreads anywhere in a fragment, sets of selections in the order last in, first out.
  private func fragmentSpreads(_ fragment: NodeID) -> [NodeID] {
    var found: [NodeID] = []
    var pending = [document[fragment].selectionSet]
    while let set = pending.popLast() {
      for selection in document.list(document[set].children) {
        if document[selection].kind == .fragmentSpread {
          found.append(selection)
        } else if !document[selection].selectionSet.isNone {
          pending.append(document[selection].selectionSet)
        }
      }
    }
    return found
  }
}
