/// What follows a closed work item.
extension Execution {
  /// 1. Is the item's task done? 2. What is next? 3. Are the other tasks of the flow done? Then the next items
  /// are created. With nothing next and nothing open the case is complete.
  ///
  /// A canceled item leads on only where a join waits: see `isRoundDone` and `release`.
  mutating func proceed(after id: EntityID) throws(EngineError) -> Step? {
    // A receiver may have gone on already, or back.
    guard let item = state.workItem(id), !item.isJoined, item.status.isDone || item.status == .canceled,
      let found = state.case(item.caseID), found.status == .running, !isBeingLeft(found.id)
    else { return nil }
    // Its ways were taken when it began.
    if task(item.task, in: item.caseID)?.type == .splitFirst { return nil }
    let canceled = item.status == .canceled
    if leadsByEdges(item) {
      if !canceled && isTaskDone(item) { try follow(item) }
      return nil
    }
    guard !canceled || compatibility(of: found.id) == .exact else { return nil }

    var isEnd = !canceled
    if let flow = flow(of: item), isTaskDone(item) {
      let isOpen = isOpen(flow, after: item)
      if isOpen || !canceled {
        let previous = canceled ? lastDone(flow, in: found.id) ?? item : item
        let next = try nextTasks(flow, after: previous)
        if isOpen && !next.isEmpty {
          go(on: flow, to: next, after: previous)
          return nil
        }
        isEnd = isEnd && next.isEmpty
      }
    } else if flow(of: item) != nil {
      return nil
    }
    guard !hasOpenWorkItem(in: found.id) else { return nil }
    if try !release(in: found), isEnd { push(.completeCase(found.id, .validate)) }
    return nil
  }

  /// Opens a join that waits for a sibling which cannot come any more: nothing in the case is open, and
  /// something was canceled on the way or the sibling is a task with instances. Else a join keeps waiting, which
  /// shows the mistake in the workflow: it joins a branch that was never entered.
  private mutating func release(in found: Case) throws(EngineError) -> Bool {
    guard compatibility(of: found.id) == .exact, let workflow = workflow(of: found.id) else { return false }
    let someCanceled = state.workItems.contains { $0.caseID == found.id && $0.status == .canceled }
    for flow in workflow.flows where counts(flow, in: found.id) {
      guard someCanceled || (lacksInstances(flow, in: found.id) && isRoundDone(flow, in: found.id)),
        let previous = lastDone(flow, in: found.id)
      else { continue }
      let next = try nextTasks(flow, after: previous)
      guard !next.isEmpty else { continue }
      go(on: flow, to: next, after: previous)
      return true
    }
    return false
  }

  mutating func go(on flow: FlowDefinition, to next: [String], after previous: WorkItem) {
    push(.announceCreated(0))
    let tokens = tokens(next.count, on: flow, after: previous)
    for (index, task) in next.enumerated().reversed() {
      var arrival = Arrival(task, in: previous.caseID, token: tokens[index], after: [previous.id])
      arrival.isByFlow = true
      push(.arrive(arrival))
    }
    guard counts(flow, in: previous.caseID) else { return }
    let siblings = joining(flow, in: previous.caseID)
    push(.tellJoin(.postOpenJoin, caseID: previous.caseID, items: siblings))
    for sibling in siblings.reversed() { push(.setJoined(sibling, true)) }
  }

  /// The tokens of the tasks that follow: where tasks join, they go on with what their branches have in common.
  private func tokens(_ count: Int, on flow: FlowDefinition, after previous: WorkItem) -> [[Int64]] {
    guard definitions.hasNodes else { return [[Int64]](repeating: [], count: count) }
    var base = outer(previous.activation.token)
    if flow.tasks.count > 1 {
      for sibling in joining(flow, in: previous.caseID) {
        guard let token = state.workItem(sibling)?.activation.token else { continue }
        let common = zip(base, token).prefix { $0 == $1 }.count
        base = Array(base[..<(common - common % 2)])
      }
    }
    guard count > 1 else { return [[Int64]](repeating: base, count: count) }
    let number = splitNumber(in: previous.caseID)
    return (1...count).map { base + [number, Int64($0)] }
  }

  mutating func nextTasks(_ flow: FlowDefinition, after item: WorkItem) throws(EngineError) -> [String] {
    let scope = EvaluationScope(
      state: state, caseID: item.caseID, task: item.task, previousWorkItem: item.id, caller: caller,
      context: context)
    var tasks: [String] = []
    for slug in try evaluator.tasks(flow.next, in: scope)
    where task(slug, in: item.caseID) != nil && !tasks.contains(slug) {
      tasks.append(slug)
    }
    return tasks
  }

  mutating func groups(
    _ expression: String?, of task: TaskDefinition, in caseID: EntityID, after previous: EntityID?
  ) throws(EngineError) -> [String] {
    guard let expression, !expression.isEmpty else { return [] }
    let scope = EvaluationScope(
      state: state, caseID: caseID, task: task.slug, previousWorkItem: previous, caller: caller,
      context: context)
    guard let groups = try evaluator.groups(expression, in: scope) else {
      throw EngineError(
        .expression, "The group expression `\(expression)` of the task `\(task.slug)` evaluates to null.")
    }
    return groups
  }

  /// By a flow, nothing is created where the same item is open already. An item in redo becomes ready again instead:
  /// the earliest one, for it is that of the first of a loop's rounds that wait. What items follow does not tell
  /// their rounds: those of two come to follow the same when one of the rounds was gone through without the other.
  mutating func instantiate(
    _ arrival: Arrival, addressed: [String], controlling: [String]
  ) throws(EngineError) -> Step? {
    guard let task = task(arrival.task, in: arrival.caseID) else { return nil }
    let exact = compatibility(of: arrival.caseID) == .exact
    var waiting: [EntityID] = []
    for item in state.workItems
    where item.caseID == arrival.caseID && item.task == arrival.task && item.addressedGroups == addressed
      && item.controllingGroups == controlling
    {
      if arrival.isByFlow && item.status.isOpen && !task.isMultipleInstance { return nil }
      if item.status == .redo, !exact || waiting.isEmpty { waiting.append(item.id) }
    }
    guard waiting.isEmpty || arrival.revivedFrom != nil else {
      for id in waiting.reversed() { push(.reenter(id, arrival, .pre)) }
      return nil
    }
    var item = titled(
      item(of: task, arrival, addressed: addressed, controlling: controlling, status: .ready), task)
    let users = try assignment(of: task, for: item)
    if !users.isEmpty {
      item.assignedUsers = users
      item.activation.assignedAt = now
    }
    return insert(item)
  }

  mutating func insertPending() -> Step? {
    guard let item = pendingWorkItem else { return nil }
    pendingWorkItem = nil
    guard goesOn(item.caseID) else { return nil }
    state.insert(item)
    created.append(item.id)
    // Whoever revives an item asks for its copy.
    if let old = item.activation.revivedFrom, old == workItemID { workItemID = item.id }
    enlist(item)
    return .change(.insertWorkItem(item.id))
  }

  /// A receiver of `pre_create_work_item` may have closed the case, where an item would be ready for nobody.
  private func goesOn(_ caseID: EntityID) -> Bool {
    status(ofCase: caseID) == .running || compatibility(of: caseID) == .caluma
  }

  mutating func reenter(_ id: EntityID, _ arrival: Arrival, _ beat: Beat) -> Step? {
    guard beat == .change else {
      push(.reenter(id, arrival, .change))
      return event(.preCreateWorkItem, workItem: id)
    }
    guard let item = state.workItem(id), item.status == .redo, goesOn(item.caseID) else { return nil }
    created.append(id)
    let deadline = task(item.task, in: item.caseID).flatMap(deadline(of:))
    let exact = compatibility(of: item.caseID) == .exact
    state.update(workItem: id) { [caller] row in
      row.deadline = deadline
      row.activation.token = arrival.token
      // What it followed before may be another round's.
      if exact, let previous = arrival.previous { row.previousWorkItem = previous }
      row.modifiedByUser = caller.user
      row.modifiedByGroup = caller.group
    }
    return setReady(id)
  }

  mutating func setReady(_ id: EntityID) -> Step? {
    guard let item = state.workItem(id) else { return nil }
    let clears = compatibility(of: item.caseID) == .exact
    return change(workItem: id) { row in
      row.status = .ready
      row.isJoined = false
      row.activation.forgetBeginning()
      guard clears else { return }
      row.forgetClosing()
    }
  }

  mutating func setRedo(_ id: EntityID) -> Step? {
    change(workItem: id) { row in
      row.status = .redo
      row.isJoined = false
    }
  }

  mutating func setJoined(_ id: EntityID, _ joined: Bool) -> Step? {
    state.update(workItem: id) { $0.isJoined = joined }
    return .change(.updateWorkItem(id))
  }

  mutating func announceCreated(_ index: Int) -> Step? {
    guard index < created.count else {
      created.removeAll(keepingCapacity: true)
      return nil
    }
    push(.announceCreated(index + 1))
    return event(.postCreateWorkItem, workItem: created[index])
  }
}
