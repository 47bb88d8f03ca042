/// Rules on the document as a whole: ExecutableDefinitions, UniqueOperationNames, LoneAnonymousOperation,
/// UniqueFragmentNames, NoFragmentCycles, NoUnusedFragments; and the limits on size.
extension Validator {
  mutating func checkDefinitions() -> Bool {
    for definition in document.typeSystem {
      let name = definition.kind == .schema ? "schema" : "\"\(document.text(definition.name))\""
      report("The \(name) definition is not executable.", definition.start)
    }
    var names: [String: UInt32] = [:]
    for operation in document.operations {
      if operation.name.isEmpty {
        if document.operations.count > 1 {
          report("This anonymous operation must be the only defined operation.", operation.start)
        }
        continue
      }
      let name = document.text(operation.name)
      if let first = names[name] {
        report("There can be only one operation named \"\(name)\".", first, operation.name.start)
      } else {
        names[name] = operation.name.start
      }
    }
    names = [:]
    for fragment in document.fragments {
      let name = document.text(fragment.name)
      if let first = names[name] {
        report("There can be only one fragment named \"\(name)\".", first, fragment.name.start)
      } else {
        names[name] = fragment.name.start
      }
    }
    return errors.isEmpty
  }

  /// Spreads of each fragment, found without recursion through other fragments.
  private func spreads(in range: NodeRange) -> [(name: ByteRange, start: UInt32)] {
    var found: [(name: ByteRange, start: UInt32)] = []
    for index in range.indices {
      switch document.selections[index] {
      case .field(let number): found += spreads(in: document.fields[Int(number)].selections)
      case .spread(let name, _, let start): found.append((name, start))
      case .inline(_, _, let selections, _): found += spreads(in: selections)
      }
    }
    return found
  }

  /// Depth first over the graph of fragments; a fragment on the current path closes a cycle.
  mutating func checkFragmentCycles() -> Bool {
    let numbers = Dictionary(
      uniqueKeysWithValues: document.fragments.enumerated().map { (document.text($0.element.name), $0.offset) })
    let edges = document.fragments.map { fragment in
      spreads(in: fragment.selections).map { (number: numbers[document.text($0.name)], start: $0.start) }
    }
    var state = [UInt8](repeating: 0, count: document.fragments.count)  // 0 new, 1 on the path, 2 done
    for root in document.fragments.indices where state[root] == 0 {
      // An explicit stack: a chain of fragments may be as long as the document.
      var path: [(fragment: Int, next: Int)] = [(root, 0)]
      state[root] = 1
      while let (fragment, next) = path.last {
        guard next < edges[fragment].count else {
          state[fragment] = 2
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard let target = edges[fragment][next].number else { continue }
        if state[target] == 1 {
          let name = document.text(document.fragments[target].name)
          let place = path.firstIndex { $0.fragment == target } ?? 0
          let via = path[(place + 1)...].map { "\"\(document.text(document.fragments[$0.fragment].name))\"" }
          let way = via.isEmpty ? "" : " via \(via.joined(separator: ", "))"
          report("Cannot spread fragment \"\(name)\" within itself\(way).", edges[fragment][next].start)
        } else if state[target] == 0 {
          state[target] = 1
          path.append((target, 0))
        }
      }
    }
    return errors.isEmpty
  }

  /// How many fields an operation has with every fragment in its place, and how deep they go.
  mutating func checkSize() -> Bool {
    var sizes: [String: (fields: Int, depth: Int)] = [:]
    func measure(_ range: NodeRange, _ remaining: Int) -> (fields: Int, depth: Int) {
      var fields = 0
      var depth = 0
      guard remaining > 0 else { return (0, 0) }
      for index in range.indices {
        let part: (fields: Int, depth: Int)
        switch document.selections[index] {
        case .field(let number):
          let field = document.fields[Int(number)]
          let inner = measure(field.selections, remaining - 1)
          let isIntrospection = document.bytes[Int(field.name.start)] == UInt8(ascii: "_")
          part = (inner.fields + 1, isIntrospection ? 0 : inner.depth + 1)
        case .inline(_, _, let selections, _):
          part = measure(selections, remaining - 1)
        case .spread(let name, _, _):
          let text = document.text(name)
          if let known = sizes[text] {
            part = known
          } else {
            part = document.fragment(named: name).map { measure($0.selections, remaining - 1) } ?? (0, 0)
            sizes[text] = part
          }
        }
        fields = min(fields + part.fields, limits.expandedFields + 1)
        depth = max(depth, part.depth)
      }
      return (fields, depth)
    }
    // Fragments are measured in the order in which they need each other, so that recursion stays as deep as a
    // chain of fragments is long; the token limit bounds that.
    for operation in document.operations {
      let size = measure(operation.selections, limits.tokens)
      if size.fields > limits.expandedFields {
        report(
          "The operation selects more than \(limits.expandedFields) fields once its fragments are expanded.",
          operation.start, code: "SELECTION_TOO_LARGE")
      } else if size.depth > limits.selectionDepth {
        report(
          "The operation is \(size.depth) fields deep; at most \(limits.selectionDepth) are allowed.",
          operation.start, code: "SELECTION_TOO_DEEP")
      }
    }
    return errors.isEmpty
  }

  mutating func checkUnusedFragments() {
    var used: Set<String> = []
    var pending = document.operations.flatMap { spreads(in: $0.selections).map { document.text($0.name) } }
    while let name = pending.popLast() {
      guard used.insert(name).inserted else { continue }
      pending += fragmentUsage[name]?.spreads.map(\.name) ?? []
    }
    for fragment in document.fragments where !used.contains(document.text(fragment.name)) {
      report("Fragment \"\(document.text(fragment.name))\" is never used.", fragment.start)
    }
  }
}
