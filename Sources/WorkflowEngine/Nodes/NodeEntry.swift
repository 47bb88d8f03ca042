/// How an item of a typed node, or one that a token brings, comes into being.
extension Execution {
  /// The number of a new split in a case: no token of the case has it yet.
  func splitNumber(in caseID: EntityID) -> Int64 {
    var last: Int64 = 0
    for item in state.workItems where item.caseID == caseID {
      var place = 0
      while place < item.activation.token.count {
        last = max(last, item.activation.token[place])
        place += 2
      }
    }
    return last + 1
  }

  mutating func arrive(_ arrival: Arrival) throws(EngineError) -> Step? {
    guard let task = task(arrival.task, in: arrival.caseID) else {
      if arrival.isByFlow { return nil }
      throw EngineError(.unknownDefinition, "The task `\(arrival.task)` does not exist.")
    }
    guard status(ofCase: arrival.caseID) == .running else { return nil }
    if task.type == .join, arrival.revivedFrom == nil { return arriveAtJoin(arrival, task) }
    if task.type.isHuman {
      let controlling = try groups(task.controlGroups, of: task, in: arrival.caseID, after: arrival.previous)
      let addressed = try groups(task.addressGroups, of: task, in: arrival.caseID, after: arrival.previous)
      let instances = task.isMultipleInstance && !addressed.isEmpty ? addressed.map { [$0] } : [addressed]
      for groups in instances.reversed() {
        push(.instantiate(arrival, addressed: groups, controlling: controlling))
      }
      return nil
    }
    return insert(titled(item(of: task, arrival, addressed: [], controlling: [], status: .running), task))
  }

  mutating func item(
    of task: TaskDefinition, _ arrival: Arrival, addressed: [String], controlling: [String], status: WorkItemStatus
  ) -> WorkItem {
    var activation = ActivationState()
    if definitions.hasNodes {
      activation.token = arrival.token
      activation.iteration = state.workItems.lazy.filter { $0.caseID == arrival.caseID && $0.task == task.slug }.count
      activation.predecessors = arrival.predecessors.count > 1 ? arrival.predecessors : []
      activation.data = arrival.data
      activation.artifacts = arrival.artifacts
      activation.revivedFrom = arrival.revivedFrom
      activation.host = arrival.host
      activation.boundary = arrival.boundary
    }
    return WorkItem(
      id: ids.next(), caseID: arrival.caseID, task: task.slug, name: task.name, description: task.description,
      status: status, deadline: deadline(of: task), addressedGroups: addressed, controllingGroups: controlling,
      previousWorkItem: arrival.previous, activation: activation, createdAt: now, modifiedAt: now,
      createdByUser: caller.user, createdByGroup: caller.group)
  }

  mutating func insert(_ item: WorkItem) -> Step {
    pendingWorkItem = item
    push(.insertPending)
    return event(.preCreateWorkItem, workItem: item)
  }

  /// Once an item is stored: what runs by itself stands in line, a human item gets its timers and users.
  mutating func enlist(_ item: WorkItem) {
    guard definitions.hasNodes, let task = task(item.task, in: item.caseID) else { return }
    unsettle(item.caseID, mayEnd: false)
    guard let node = task.node else {
      if !task.type.isHuman { line.append(item.id) }
      return
    }
    if !task.type.isHuman && (task.type != .join || item.status == .running) { line.append(item.id) }
    armBoundaries(of: item, task)
    if let handler = node.createHandler {
      push(.call(HandlerCall(handler, purpose: .create, workItem: item.id, caseID: item.caseID)))
    }
  }

  /// Creates the timers that hang on an item.
  mutating func armBoundaries(of item: WorkItem, _ task: TaskDefinition) {
    for (index, boundary) in (task.node?.boundaries ?? []).enumerated().reversed() where boundary.kind == .timer {
      var arrival = Arrival(
        task.boundaryTimer(at: index), in: item.caseID, token: item.activation.token, after: [item.id])
      arrival.host = item.id
      arrival.boundary = index
      push(.arrive(arrival))
    }
  }

  /// The users that a new item of a task begins with.
  mutating func assignment(of task: TaskDefinition, for item: WorkItem) throws(EngineError) -> [String] {
    guard let rule = task.node?.assignment else { return [] }
    return try users(by: rule, for: item)
  }

  mutating func users(by rule: AssignmentRule, for item: WorkItem) throws(EngineError) -> [String] {
    switch rule {
    case .users(let users): return users
    case .sameAs(let other):
      let done = state.workItems.last { $0.caseID == item.caseID && $0.task == other && $0.status == .completed }
      return done?.closedByUser.map { [$0] } ?? []
    case .expression(let text): return try evaluator.value(text, in: scope(of: item)).texts
    case .closure(let name): return try evaluator.users(name, in: scope(of: item))
    }
  }

  /// What an expression about an item sees.
  func scope(of item: WorkItem) -> EvaluationScope {
    var scope = EvaluationScope(
      state: state, caseID: item.caseID, task: item.task, previousWorkItem: item.previousWorkItem, caller: caller,
      context: context)
    scope.workItem = item.id
    scope.element = item.activation.data
    return scope
  }
}
