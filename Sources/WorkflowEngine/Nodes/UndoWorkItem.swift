/// `undoWorkItem`, `reviveWorkItem` and `retryWorkItem`.
extension Execution {
  /// What has to be taken back for an item to be undone, in that order: open items are canceled, done ones undone. The
  /// item itself is the last one.
  public func undoPlan(_ id: EntityID) -> [EntityID] {
    var plan: [EntityID] = []
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
        do throws(EngineError) { try require(.undo, id) } catch { guard isHeldBack(id, error) else { throw error } }
        for entry in undoPlan(id).reversed() {
          guard let item = state.workItem(entry) else { continue }
          if item.status.isOpen {
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
      reasons[id] = .undone
      let step = close(id, as: .canceled)
      return going(on: openCase(of: item), with: step, of: item)
    case .post: return nil
    }
  }

  /// Has a completed case go on; nil when the item's case is not complete.
  private mutating func openCase(of item: WorkItem) -> Step? {
    guard status(ofCase: item.caseID) == .completed else { return nil }
    return change(case: item.caseID) { row in
      row.status = .running
      row.closedAt = nil
      row.closedByUser = nil
      row.closedByGroup = nil
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
    case .subprocess, .multiSubprocess:
      throw .state("What a subprocess has started is done: undo it and revive it, which starts its cases anew.")
    case .end, .terminateEnd, .errorEnd: throw .state("An end would end again: undo it without reopening it.")
    default: return
    }
  }

  /// An undone item is new again, as the item that it is: its users, timers and deadline count anew, and what runs by
  /// itself runs again.
  private mutating func beginAgain(_ item: WorkItem, _ task: TaskDefinition) throws(EngineError) -> Step {
    let users = try assignment(of: task, for: item)
    let shut = joinedSiblings(of: item.id)
    push(.announceCreated(0))
    armBoundaries(of: item, task)
    push(.tell(.postUndoWorkItem, item.id))
    if !shut.isEmpty { push(.tellJoin(.postShutJoin, caseID: item.caseID, items: shut)) }
    for sibling in shut.reversed() { push(.setJoined(sibling, false)) }
    if !task.type.isHuman { line.append(item.id) }
    let opened = openCase(of: item)
    let deadline = deadline(of: task)
    let fresh = titled(item, task)
    let step = change(workItem: item.id) { [now] row in
      row.status = task.type.isHuman ? .ready : .running
      row.closedAt = nil
      row.closedByUser = nil
      row.closedByGroup = nil
      row.name = fresh.name
      row.description = fresh.description
      row.assignedUsers = users
      if deadline != nil { row.deadline = deadline }
      row.activation.closedReason = nil
      row.activation.assignedAt = users.isEmpty ? nil : now
      row.activation.startedAt = nil
      row.activation.scheduledAt = nil
      row.activation.attempts = 0
      row.activation.lastError = nil
      row.activation.isCompensated = false
    }
    return going(on: opened, with: step, of: item)
  }

  /// Whether an item could be undone but for what followed from it.
  private func isHeldBack(_ id: EntityID, _ error: EngineError) -> Bool {
    error.code == .state && state.workItem(id)?.status.isDone == true
      && followers(of: id).contains(where: holdsBack)
  }

  /// Whether nothing of the case is left once the item is undone.
  private func isLast(_ item: WorkItem) -> Bool {
    predecessors(of: item).isEmpty
      && !state.workItems.contains { $0.caseID == item.caseID && $0.id != item.id && $0.status != .canceled }
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
      line.append(id)
      push(.tell(.postRetryWorkItem, id))
      return change(workItem: id) { row in
        row.status = .running
        row.activation.attempts = 0
      }
    case .post: return nil
    }
  }
}
