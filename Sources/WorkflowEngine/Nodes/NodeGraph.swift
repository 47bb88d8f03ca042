/// What leads where in a workflow, as far as the definitions tell without evaluating anything.
struct NodeGraph {
  private let next: (String) -> [String]
  private let isSplitting: (String) -> Bool
  private let isJoin: (String) -> Bool

  init(
    next: @escaping (String) -> [String], isSplitting: @escaping (String) -> Bool, isJoin: @escaping (String) -> Bool
  ) {
    self.next = next
    self.isSplitting = isSplitting
    self.isJoin = isJoin
  }

  /// Whether a token that leaves `from` can come to `target`.
  func reaches(_ target: String, from: String) -> Bool {
    var seen: Set<String> = []
    var pending = next(from)
    while let task = pending.popLast() {
      if task == target { return true }
      if seen.insert(task).inserted { pending += next(task) }
    }
    return false
  }

  /// Whether a token that enters `from` can come to `target` on the very branch that it is on: with every split on the
  /// way joined again.
  func reachesOnBranch(_ target: String, entering from: String) -> Bool {
    struct Place: Hashable {
      var task: String
      var depth: Int
    }
    let bound = 16
    var seen: Set<Place> = []
    var pending = [Place(task: from, depth: 0)]
    while let place = pending.popLast() {
      if place.task == target && place.depth == 0 { return true }
      guard seen.insert(place).inserted else { continue }
      var depth = place.depth
      // A join of the searched branch itself would leave the branch.
      if isJoin(place.task) { depth -= 1 }
      if isSplitting(place.task) { depth += 1 }
      guard depth >= 0, depth <= bound else { continue }
      pending += next(place.task).map { Place(task: $0, depth: depth) }
    }
    return false
  }
}

extension Execution {
  func graph(of caseID: EntityID) -> NodeGraph {
    NodeGraph(
      next: { self.targets(of: $0, in: caseID) },
      isSplitting: { slug in
        guard let task = self.task(slug, in: caseID) else { return false }
        if self.branches(task) { return true }
        guard task.node?.edges.isEmpty ?? true else { return false }
        return (self.workflow(of: caseID)?.flow(of: slug)?.targets?.count ?? 0) > 1
      },
      isJoin: { self.task($0, in: caseID)?.type == .join })
  }

  /// The tasks that can follow a task. Where a flow's targets are not known, all can.
  func targets(of slug: String, in caseID: EntityID) -> [String] {
    guard let task = task(slug, in: caseID) else { return [] }
    let boundaries = task.node?.boundaries.map(\.target) ?? []
    if let edges = task.node?.edges, !edges.isEmpty { return edges.map(\.target) + boundaries }
    guard let workflow = workflow(of: caseID), let flow = workflow.flow(of: slug) else { return boundaries }
    return (flow.targets ?? workflow.flows.flatMap { $0.tasks }) + boundaries
  }

  /// Whether the ways out of a task are branches of a split.
  func branches(_ task: TaskDefinition) -> Bool {
    guard let node = task.node else { return false }
    switch task.type {
    case .split, .splitFirst: return true
    case .if, .switch: return node.edges.contains { $0.items != nil }
    default:
      return node.edges.contains { $0.items != nil } || node.edges.lazy.filter { !$0.isDefault }.count > 1
    }
  }
}
