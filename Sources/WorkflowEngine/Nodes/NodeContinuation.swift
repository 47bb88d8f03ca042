/// What follows a closed item of a typed node, and of any item whose task has edges.
extension Execution {
  /// Whether the item's own edges lead on, instead of the workflow's flow.
  func leadsByEdges(_ item: WorkItem) -> Bool {
    task(item.task, in: item.caseID)?.node?.edges.isEmpty == false
  }

  /// Goes on from an item along its edges: all items that follow are created before any of them runs.
  mutating func follow(_ item: WorkItem) throws(EngineError) {
    guard let task = task(item.task, in: item.caseID) else { return }
    let ways: [Way]
    if let chosen = chosen.removeValue(forKey: item.id) {
      ways = chosen
    } else {
      ways = try choose(from: task, for: item)
    }
    go(to: ways, from: item, splits: branches(task))
  }

  mutating func go(to ways: [Way], from item: WorkItem, splits: Bool) {
    let base = outer(item.activation.token)
    let number = splits ? splitNumber(in: item.caseID) : 0
    push(.announceCreated(0))
    for (index, way) in ways.enumerated().reversed() {
      push(
        .arrive(
          Arrival(
            way.target, in: item.caseID, token: splits ? base + [number, Int64(index + 1)] : base,
            after: [item.id], data: way.data)))
    }
  }

  /// The token behind a join is that of the split's own branch; any other goes on with its own.
  func outer(_ token: [Int64]) -> [Int64] { token.count % 2 == 0 ? token : Array(token.dropLast()) }

  /// The ways that are taken from an item.
  ///
  /// - Throws: that an expression cannot be evaluated, or that there is no way where there has to be one.
  mutating func choose(from task: TaskDefinition, for item: WorkItem) throws(EngineError) -> [Way] {
    guard let node = task.node, !node.edges.isEmpty else { return [] }
    let scope = scope(of: item)
    let isExclusive = task.type == .if || task.type == .switch
    var ways: [Way] = []
    let edges = node.edges.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
    for (_, edge) in edges where !edge.isDefault {
      if let condition = edge.condition {
        guard try evaluator.value(condition, in: scope).isTrue else { continue }
      }
      if let closure = edge.closure {
        guard evaluator.hasRule(closure) else {
          throw EngineError(
            .unknownDefinition,
            "The way from `\(task.slug)` to `\(edge.target)` asks the rule `\(closure)`, which no module has.")
        }
        guard try evaluator.allows(closure, in: scope) else { continue }
      }
      ways += try self.ways(along: edge, scope)
      if isExclusive && !ways.isEmpty { return ways }
    }
    if ways.isEmpty {
      for (_, edge) in edges where edge.isDefault {
        ways += try self.ways(along: edge, scope)
        if isExclusive { break }
      }
    }
    guard !ways.isEmpty else {
      throw EngineError(
        .failed, "No edge leads on from the task `\(task.slug)`: no condition holds, and there is no default.")
    }
    return ways
  }

  private mutating func ways(along edge: EdgeDefinition, _ scope: EvaluationScope) throws(EngineError) -> [Way] {
    guard let items = edge.items else {
      return [
        Way(
          target: edge.target,
          data: try edge.data.map { (text) throws(EngineError) in try evaluator.value(text, in: scope).json })
      ]
    }
    guard let elements = try evaluator.value(items, in: scope).elements else {
      throw EngineError(.expression, "`\(items)` does not give a list.")
    }
    var ways: [Way] = []
    for element in elements {
      var own = scope
      own.element = element
      let data = try edge.data.map { (text) throws(EngineError) in try evaluator.value(text, in: own).json }
      ways.append(Way(target: edge.target, data: data ?? element))
    }
    return ways
  }

  /// Once an item is closed, however: what hangs on it goes with it.
  mutating func wind(_ id: EntityID) -> Step? {
    guard definitions.hasNodes, let item = state.workItem(id) else { return nil }
    let node = task(item.task, in: item.caseID)?.node
    unsettle(item.caseID, mayEnd: item.status.isDone)
    if item.status.isDone {
      if let cancels = node?.cancels, !cancels.isEmpty {
        withdraw(.superseded, in: item.caseID) { cancels.contains($0.task) && $0.id != id }
      }
      for cause in predecessors(of: item) {
        guard let split = state.workItem(cause), split.status == .running,
          task(split.task, in: split.caseID)?.type == .splitFirst
        else { continue }
        win(split, by: item)
      }
    }
    withdraw(.hostClosed, in: item.caseID) { $0.activation.host == id }
    let type = task(item.task, in: item.caseID)?.type
    let isHeard = type == .catchSignal || type == .catchMessage
    // What has failed is an incident until it is closed.
    let isAwaited = isHeard || item.activation.scheduledAt != nil || item.activation.lastError != nil
    return isAwaited ? .unschedule(id) : nil
  }

  /// Cancels open items, in the order of their creation, without anything following from it.
  mutating func withdraw(_ reason: ClosedReason, in caseID: EntityID, where isMeant: (WorkItem) -> Bool) {
    for item in state.workItems.reversed() where item.caseID == caseID && item.status.isOpen && isMeant(item) {
      reasons[item.id] = reason
      push(.cancelWorkItem(item.id, .validate, nested: true))
    }
  }

  func predecessors(of item: WorkItem) -> [EntityID] {
    item.activation.predecessors.isEmpty ? item.previousWorkItem.map { [$0] } ?? [] : item.activation.predecessors
  }

  /// The items that followed from an item directly.
  public func followers(of id: EntityID) -> [WorkItem] {
    let causes = causes(with: id)
    return state.workItems.filter { item in
      item.activation.host != id && item.id != id && predecessors(of: item).contains(where: causes.contains)
    }
  }

  /// The item with those that led on together with it, where only the last of them is said to have done so: what a flow
  /// has joined, and the instances of a task.
  private func causes(with id: EntityID) -> [EntityID] {
    guard let item = state.workItem(id) else { return [id] }
    if item.isJoined { return [id] + joinedSiblings(of: id) }
    guard leadsByEdges(item), task(item.task, in: item.caseID)?.waitsForInstances == true else { return [id] }
    let cause = predecessors(of: item)
    return state.workItems.compactMap { other in
      other.caseID == item.caseID && other.task == item.task && predecessors(of: other) == cause ? other.id : nil
    }
  }

  /// Has the joins and conditions of a case looked at again when all else is done.
  ///
  /// - Parameter mayEnd: whether the case is complete when nothing is open any more.
  mutating func unsettle(_ caseID: EntityID, mayEnd: Bool) {
    guard definitions.hasNodes else { return }
    if let place = unsettled.firstIndex(where: { $0.caseID == caseID }) {
      unsettled[place].mayEnd = unsettled[place].mayEnd || mayEnd
    } else {
      unsettled.append((caseID, mayEnd))
    }
  }
}
