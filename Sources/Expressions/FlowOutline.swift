/// What a flow expression can lead to, told from its text without evaluating it.
public struct FlowOutline: Equatable, Sendable {
  /// One way on.
  public struct Branch: Equatable, Sendable {
    /// When it is taken, as the expression says it; nil when nothing more is known.
    public var condition: String?
    /// Empty where the way ends.
    public var tasks: [String]
  }

  public var branches: [Branch]
  /// Whether exactly one branch is taken; otherwise any number of them may be.
  public var isExclusive: Bool

  public init(branches: [Branch] = [], isExclusive: Bool = false) {
    self.branches = branches
    self.isExclusive = isExclusive
  }
}

extension Expression {
  /// The tasks that the expression, as that of a flow, can answer, with the conditions under which it does.
  ///
  /// Names that are computed are not seen. What is mentioned in other ways than by literals, lists and conditions
  /// counts as a branch without a condition.
  public var outline: FlowOutline {
    if case .conditional = nodes[Int(root)] {
      return FlowOutline(branches: alternatives(root, []), isExclusive: true)
    }
    var branches: [FlowOutline.Branch] = []
    var always: [String] = []
    for part in parts(root) {
      if case .conditional = nodes[Int(part)] {
        branches += alternatives(part, []).filter { !$0.tasks.isEmpty }
      } else {
        always += literals(part).filter { !always.contains($0) }
      }
    }
    if !always.isEmpty || branches.isEmpty { branches.insert(FlowOutline.Branch(condition: nil, tasks: always), at: 0) }
    return FlowOutline(branches: branches)
  }

  /// The elements of a list of tasks; the expression itself where it is none.
  private func parts(_ index: Node.Index) -> [Node.Index] {
    switch nodes[Int(index)] {
    case .array(let items): items.flatMap(parts)
    case .transform(let subject, "tasks", _): parts(subject)
    default: [index]
    }
  }

  /// The ends of nested conditions, in the order of the text.
  private func alternatives(_ index: Node.Index, _ conditions: [String]) -> [FlowOutline.Branch] {
    guard case .conditional(let condition, let then, let otherwise) = nodes[Int(index)] else {
      return [FlowOutline.Branch(condition: conditions.last, tasks: literals(index))]
    }
    let text = text(from: start(of: condition), to: start(of: then))
    return alternatives(then, conditions + [text]) + alternatives(otherwise, conditions + ["else"])
  }

  /// The slugs that stand as texts below a node, in order, each once.
  private func literals(_ index: Node.Index) -> [String] {
    var found: [String] = []
    visit(index) { node in
      if case .literal(.string(let slug)) = node, !found.contains(slug) { found.append(slug) }
    }
    return found
  }

  private func visit(_ index: Node.Index, _ body: (Node) -> Void) {
    body(nodes[Int(index)])
    for child in children(index) { visit(child, body) }
  }

  private func children(_ index: Node.Index) -> [Node.Index] {
    switch nodes[Int(index)] {
    case .literal, .identifier, .relative: []
    case .attribute(let subject, _), .not(let subject): [subject]
    case .subscripted(let subject, let other), .filter(let subject, let other), .binary(_, let subject, let other):
      [subject, other]
    case .transform(let subject, _, let arguments): [subject] + arguments
    case .conditional(let condition, let then, let otherwise): [condition, then, otherwise]
    case .array(let items): items
    case .object(let members): members.map(\.value)
    }
  }

  /// A node of an operator may begin at the operator; what it stands for begins with its first part.
  private func start(of index: Node.Index) -> Int {
    children(index).reduce(Int(positions[Int(index)])) { min($0, start(of: $1)) }
  }

  private func text(from start: Int, to end: Int) -> String {
    guard start < end else { return "" }
    var part = Array(text.utf8)[start..<end]
    // Brackets around the branches that begin behind the text, and those around the condition that began before it.
    while let last = part.last, last <= 0x20 || "?([".utf8.contains(last) || isUnbalanced(part) { part.removeLast() }
    return String(decoding: part, as: UTF8.self)
  }

  /// Whether a text ends in a bracket that it does not open.
  private func isUnbalanced(_ part: ArraySlice<UInt8>) -> Bool {
    part.last == UInt8(ascii: ")") && part.count { $0 == UInt8(ascii: ")") } > part.count { $0 == UInt8(ascii: "(") }
  }
}
