/// `undoWorkItem`, `reviveWorkItem` and `retryWorkItem`.
extension Execution {
  /// What has to be taken back for an item to be undone, in that order: open items are canceled, done ones undone. The
  /// item itself is the last one. Where its case is complete, and what waited for the case has gone on, the plan begins
  /// with all that followed there, and with the item that waits again.
  public func undoPlan(_ id: EntityID) -> [EntityID] {
    var plan = state.workItem(id).flatMap { awaiting($0.caseID).last }.map(undoPlan) ?? []
    var seen: Set<EntityID> = []
    // Items and whether what followed them is in the plan already.
    var pending: [(id: EntityID, isOpened: Bool)] = [(id, false)]
    while let entry = pending.popLast() {
      if entry.isOpened {
        plan.append(entry.id)
        continue
      }
      guard seen.insert(entry.id).inserted else { continue }
      pending.append((entry.id, true))
      pending += followers(of: entry.id).filter { holdsBack($0) }.map { ($0.id, false) }
    }
    return plan
  }

  mutating func undo(_ id: EntityID, cascade: Bool, reopen: Bool, _ beat: Beat) throws(EngineError) -> Step? {
    let own = Command.undoWorkItem(id, cascade: false, reopen: reopen)
    switch beat {
    case .validate:
      if reopen { try requireReopenable(id) }
      if cascade {
        // Who may undo the item may undo what followed from it.
        try require(.undo, id, cascade: true)
        let awaiting = Set((state.workItem(id)?.caseID).map(awaiting) ?? [])
        for entry in undoPlan(id).reversed() {
          guard let item = state.workItem(entry) else { continue }
          if awaiting.contains(entry) {
            push(.waitAgain(entry, .pre))
          } else if item.status.isOpen {
            reasons[entry] = .superseded
            push(.cancelWorkItem(entry, .validate, nested: true))
          } else {
            push(.operate(entry == id ? own : .undoWorkItem(entry), .pre))
          }
        }
        return nil
      }
      try require(.undo, id)
      push(.operate(own, .pre))
      return nil
    case .pre:
      guard let item = state.workItem(id), item.status.isDone else { return nil }
      push(.operate(own, .change))
      if status(ofCase: item.caseID) == .completed { push(.give(event(.preReopenCase, case: item.caseID))) }
      if let handler = task(item.task, in: item.caseID)?.node?.undoHandler {
        push(.call(HandlerCall(handler, purpose: .undo, workItem: id, caseID: item.caseID)))
      }
      return event(.preUndoWorkItem, workItem: id)
    case .cascade, .change:
      guard let item = state.workItem(id), item.status.isDone else { return nil }
      unsettle(item.caseID, mayEnd: false)
      if reopen, let task = task(item.task, in: item.caseID) { return try beginAgain(item, task) }
      if isLast(item) { push(.cancelCase(item.caseID, .validate, nested: false)) }
      push(.tell(.postUndoWorkItem, id))
      shutJoin(of: item)
      reasons[id] = .undone
      let step = close(id, as: .canceled)
      return going(on: openCase(of: item), with: step, of: item)
    case .post: return nil
    }
  }

  /// Has a completed case go on; nil when the item's case is not complete.
  mutating func openCase(of item: WorkItem) -> Step? {
    guard status(ofCase: item.caseID) == .completed else { return nil }
    // What has failed because the case ended with an error waits for it again.
    if state.case(item.caseID)?.outcome == .error, let parent = state.parentWorkItem(of: item.caseID),
      parent.status == .error
    {
      push(.tell(.postAdvanceWorkItem, parent.id))
      push(
        .give(
          change(workItem: parent.id) { row in
            row.status = .running
            row.activation.lastError = nil
          }))
    }
    return change(case: item.caseID) { row in
      row.status = .running
      row.forgetClosing()
      row.outcome = nil
      row.errorCode = nil
    }
  }

  /// The step of an undone item, behind the one that has its completed case go on.
  private mutating func going(on opened: Step?, with step: Step, of item: WorkItem) -> Step {
    guard let opened else { return step }
    push(.give(step))
    push(.give(event(.postReopenCase, case: item.caseID)))
    return opened
  }

  // MARK: Begin again

  private func requireReopenable(_ id: EntityID) throws(EngineError) {
    let item = try requireWorkItem(id)
    guard let type = task(item.task, in: item.caseID)?.type else { throw .noWorkItem }
    switch type {
    case .end, .terminateEnd, .errorEnd: throw .state("An end would end again: undo it without reopening it.")
    default: return
    }
  }

  /// An undone item is new again, as the item that it is: its users, timers and deadline count anew, and what runs by
  /// itself runs again.
  private mutating func beginAgain(_ item: WorkItem, _ task: TaskDefinition) throws(EngineError) -> Step {
    let users = try assignment(of: task, for: item)
    push(.announceCreated(0))
    armBoundaries(of: item, task)
    push(.tell(.postUndoWorkItem, item.id))
    shutJoin(of: item)
    if !task.type.isHuman { line.append(item.id) }
    let opened = openCase(of: item)
    let deadline = deadline(of: task)
    let fresh = titled(item, task)
    let step = change(workItem: item.id) { [now] row in
      row.status = task.type.isHuman ? .ready : .running
      row.forgetClosing()
      row.name = fresh.name
      row.description = fresh.description
      row.assignedUsers = users
      if deadline != nil { row.deadline = deadline }
      row.activation.closedReason = nil
      row.activation.assignedAt = users.isEmpty ? nil : now
      row.activation.forgetBeginning()
      row.activation.addedElements = []
      row.activation.scheduledAt = nil
      row.activation.attempts = 0
      row.activation.lastError = nil
      row.activation.isCompensated = false
    }
    return going(on: opened, with: step, of: item)
  }

  /// Has the flow of an item count its branches anew, if it has gone on with the item.
  private mutating func shutJoin(of item: WorkItem) {
    let shut = joinedSiblings(of: item.id)
    guard !shut.isEmpty else { return }
    push(.tellJoin(.postShutJoin, caseID: item.caseID, items: shut))
    for sibling in shut.reversed() { push(.setJoined(sibling, false)) }
  }

  /// Whether nothing of the case is left once the item is undone.
  private func isLast(_ item: WorkItem) -> Bool {
    predecessors(of: item).isEmpty
      && !state.workItems.contains { $0.caseID == item.caseID && $0.id != item.id && $0.status != .canceled }
  }

  // MARK: What waited for the case

  /// The done items that have to wait again for a completed case to go on, the outermost first: the one that it was
  /// started for, the one that this one's case was started for if that is complete, too, and so on.
  private func awaiting(_ caseID: EntityID) -> [EntityID] {
    guard status(ofCase: caseID) == .completed, let parent = state.parentWorkItem(of: caseID), parent.status.isDone
    else {
      return []
    }
    return awaiting(parent.caseID) + [parent.id]
  }

  /// Whether a completed case can go on although something was started for it, or with it.
  ///
  /// - Parameter cascade: what has gone on with the end of the case is taken back.
  func requireAwaited(_ caseID: EntityID, cascade: Bool) throws(EngineError) {
    guard let child = state.case(caseID), child.status == .completed, let parent = state.parentWorkItem(of: caseID)
    else {
      return
    }
    if child.parentItem != nil, let began = parent.activation.startedAt, child.createdAt < began {
      throw .state("The work item that this case was started for has started another one in its place.")
    }
    switch parent.status {
    case .ready, .running, .waiting, .scheduled, .error, .completed, .skipped: break
    case .canceled, .suspended, .redo:
      let status = parent.status == .redo ? "in redo" : parent.status.rawValue
      throw .state("The work item that this case was started for is \(status).")
    }
    guard let above = status(ofCase: parent.caseID), above == .running || above == .completed else {
      throw .state("The case that this one was started for is canceled or suspended.")
    }
    guard parent.status.isDone else { return }
    guard cascade else { throw .state("The case that this one was started for has gone on.") }
    try requireAwaited(parent.caseID, cascade: true)
  }

  /// A done item waits again for the case that was started for it; nothing of what it has is lost.
  mutating func waitAgain(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    guard let item = state.workItem(id), item.status.isDone, let task = task(item.task, in: item.caseID) else {
      return nil
    }
    if beat == .pre {
      push(.waitAgain(id, .change))
      if status(ofCase: item.caseID) == .completed { push(.give(event(.preReopenCase, case: item.caseID))) }
      return event(.preUndoWorkItem, workItem: id)
    }
    unsettle(item.caseID, mayEnd: false)
    push(.announceCreated(0))
    armBoundaries(of: item, task)
    push(.tell(.postUndoWorkItem, id))
    shutJoin(of: item)
    let opened = openCase(of: item)
    let step = change(workItem: id) { row in
      row.status = task.type.isHuman ? .ready : .running
      row.forgetClosing()
      row.activation.closedReason = nil
      row.activation.isCompensated = false
    }
    return going(on: opened, with: step, of: item)
  }

  // MARK: Revive

  mutating func revive(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      try require(.revive, id)
      push(.operate(.reviveWorkItem(id), .change))
      return event(.preReviveWorkItem, workItem: id)
    case .cascade, .change:
      try require(.revive, id)
      let item = try requireWorkItem(id)
      var arrival = Arrival(
        item.task, in: item.caseID, token: item.activation.token, after: predecessors(of: item) + [id],
        data: item.activation.data)
      arrival.artifacts = item.activation.artifacts
      arrival.revivedFrom = id
      push(.announceCreated(0))
      push(.arrive(arrival))
      push(.tell(.postReviveWorkItem, id))
      reasons[id] = .revived
      // A canceled item keeps the moment at which it was closed.
      if item.status == .error { return close(id, as: .canceled) }
      return change(workItem: id) { $0.activation.closedReason = .revived }
    case .post: return nil
    }
  }

  // MARK: Retry

  mutating func retry(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      try require(.retry, id)
      push(.operate(.retryWorkItem(id), .change))
      return event(.preRetryWorkItem, workItem: id)
    case .cascade, .change:
      try require(.retry, id)
      let item = state.workItem(id)
      let isStalled = item?.activation.isStalled == true
      // What has done its work has only to go on.
      if isStalled { push(.finish(id, .pre)) } else { line.append(id) }
      push(.tell(.postRetryWorkItem, id))
      // A job that begins anew does so in the place of its incident.
      if isStalled || item.flatMap({ task($0.task, in: $0.caseID) })?.type != .job { push(.give(.unschedule(id))) }
      return change(workItem: id) { row in
        row.status = .running
        row.activation.attempts = 0
        row.activation.isStalled = false
      }
    case .post: return nil
    }
  }
}
