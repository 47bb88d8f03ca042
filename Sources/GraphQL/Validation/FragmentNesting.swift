/// How deep the selection sets of definitions nest with every fragment in its place.
///
/// The parser bounds the nesting within one definition; a chain of fragments, each of them shallow, would still send
/// every later pass as deep as the chain is long. O(selections), without recursion.
struct FragmentNesting {
  private let context: ValidationContext
  private let document: Document
  /// Depths of fragments, by name.
  private var depths: [NameID: Int] = [:]

  /// A selection set's own depth, and its spreads with the depth at which they stand.
  private struct Nesting {
    var depth = 0
    var spreads: [(name: NameID, depth: Int)] = []
  }

  init(_ context: ValidationContext) {
    self.context = context
    document = context.document
  }

  /// The depth of an operation or fragment. A spread that closes a cycle adds nothing: cycles have a rule.
  mutating func depth(of definition: NodeID) -> Int {
    let nesting = nesting(of: definition)
    for spread in nesting.spreads { measure(spread.name) }
    return depth(nesting)
  }

  private mutating func measure(_ root: NameID) {
    guard depths[root] == nil, let fragment = context.fragments[root] else { return }
    var path = [(name: root, nesting: nesting(of: fragment), next: 0)]
    var onPath: Set<NameID> = [root]
    while let (name, nesting, next) = path.last {
      guard next < nesting.spreads.count else {
        path.removeLast()
        onPath.remove(name)
        depths[name] = depth(nesting)
        continue
      }
      path[path.count - 1].next += 1
      let spread = nesting.spreads[next].name
      if depths[spread] == nil, let fragment = context.fragments[spread], onPath.insert(spread).inserted {
        path.append((spread, self.nesting(of: fragment), 0))
      }
    }
  }

  private func depth(_ nesting: Nesting) -> Int {
    nesting.spreads.reduce(nesting.depth) { max($0, $1.depth + depths[$1.name, default: 0]) }
  }

  private func nesting(of definition: NodeID) -> Nesting {
    var result = Nesting()
    var pending = [(set: document[definition].selectionSet, depth: 1)]
    while let (set, depth) = pending.popLast() {
      result.depth = max(result.depth, depth)
      for id in document.list(document[set].children) {
        let node = document[id]
        if node.kind == .fragmentSpread {
          result.spreads.append((node.name, depth))
        } else if !node.selectionSet.isNone {
          pending.append((node.selectionSet, depth + 1))
        }
      }
    }
    return result
  }
}
