/// The operations that Caluma does not have, in their beats.
extension Execution {
  mutating func operate(_ command: Command, _ beat: Beat) throws(EngineError) -> Step? {
    switch command {
    case .assignWorkItem(let id, let users):
      try assign(id, users, .assign, (.preAssignWorkItem, .postAssignWorkItem), command, beat)
    case .claimWorkItem(let id):
      try assign(id, caller.user.map { [$0] } ?? [], .claim, (.preAssignWorkItem, .postAssignWorkItem), command, beat)
    case .reassignWorkItem(let id, let users):
      try assign(id, users, .reassign, (.preReassignWorkItem, .postReassignWorkItem), command, beat)
    case .unassignWorkItem(let id):
      try assign(id, [], .unassign, (.preUnassignWorkItem, .postUnassignWorkItem), command, beat)
    case .startWorkItem(let id):
      try takeUp(id, .start, (.preStartWorkItem, .postStartWorkItem), \.startedAt, command, beat)
    case .prepareWorkItem(let id):
      try takeUp(id, .prepare, (.prePrepareWorkItem, .postPrepareWorkItem), \.preparedAt, command, beat)
    case .activateWorkItem(let id): try activateWorkItem(id, beat)
    case .activateNext(let id): try activateNext(id, beat)
    case .startJob(let id): try startJob(id)
    case .finishJob(let id, let result):
      try carryOn(with: result, .finishJob, id)
    case .deliver(let delivery): try carryOn(with: delivery.result, .deliver, delivery.workItem)
    case .failJob(let id, let failure): try failJob(id, failure)
    case .fireTimer(let id): try fireTimer(id)
    case .undoWorkItem(let id, let cascade, let reopen): try undo(id, cascade: cascade, reopen: reopen, beat)
    case .reviveWorkItem(let id): try revive(id, beat)
    case .retryWorkItem(let id): try retry(id, beat)
    case .snoozeWorkItem(let id, let moment): try snooze(id, until: moment, beat)
    case .unsnoozeWorkItem(let id, let isDue): try unsnooze(id, isDue: isDue, beat)
    case .escalateWorkItem(let id): try escalateWorkItem(id)
    case .addSubprocessItem(let id, let element): try addChild(of: id, element)
    case .migrateCase(let input): try migrateCase(input, beat)
    default: nil
    }
  }

  private mutating func assign(
    _ id: EntityID, _ users: [String], _ transition: Transition, _ names: (pre: EventName, post: EventName),
    _ command: Command, _ beat: Beat
  ) throws(EngineError) -> Step? {
    switch beat {
    case .validate, .pre:
      try require(transition, id)
      guard transition == .unassign || !users.isEmpty else { throw EngineError(.input, "There is no user to assign.") }
      push(.operate(command, .change))
      return event(names.pre, workItem: id)
    case .cascade, .change:
      try require(transition, id)
      push(.tell(names.post, id))
      return change(workItem: id) { [now] row in
        row.assignedUsers = users
        row.activation.assignedAt = users.isEmpty ? nil : now
        guard transition != .claim && transition != .assign else { return }
        row.activation.forgetBeginning()
      }
    case .post: return nil
    }
  }

  /// Notes the moment at which somebody has taken up an item.
  private mutating func takeUp(
    _ id: EntityID, _ transition: Transition, _ names: (pre: EventName, post: EventName),
    _ moment: WritableKeyPath<ActivationState, Int64?>, _ command: Command, _ beat: Beat
  ) throws(EngineError) -> Step? {
    try require(transition, id)
    guard beat == .change else {
      push(.operate(command, .change))
      return event(names.pre, workItem: id)
    }
    push(.tell(names.post, id))
    return change(workItem: id) { [now] in $0.activation[keyPath: moment] = now }
  }

  // MARK: What comes from outside

  private mutating func startJob(_ id: EntityID) throws(EngineError) -> Step? {
    try require(.startJob, id)
    push(.tell(.postAdvanceWorkItem, id))
    return change(workItem: id) { [now] row in
      row.status = .running
      row.activation.startedAt = now
      row.activation.attempts += 1
    }
  }

  private mutating func carryOn(
    with result: HandlerResult, _ transition: Transition, _ id: EntityID
  ) throws(EngineError) -> Step? {
    try require(transition, id)
    if let problem = result.problem { throw problem }
    push(.finish(id, .pre))
    bring(result, to: try requireWorkItem(id))
    return nil
  }

  private mutating func failJob(_ id: EntityID, _ failure: WorkItemFailure) throws(EngineError) -> Step? {
    try require(.failJob, id)
    let item = try requireWorkItem(id)
    let policy = task(item.task, in: item.caseID)?.node?.retry ?? RetryPolicy()
    guard !failure.isFinal, let pause = policy.pause(afterAttempts: item.activation.attempts) else {
      return try fail(item, failure.stored)
    }
    state.update(workItem: id) { $0.activation.lastError = failure.stored }
    return schedule(item, at: now &+ max(pause, failure.retryAfter) &* 1_000_000)
  }

  private mutating func fireTimer(_ id: EntityID) throws(EngineError) -> Step? {
    try require(.fire, id)
    let item = try requireWorkItem(id)
    guard let task = task(item.task, in: item.caseID) else { return nil }
    if task.type == .condition {
      if let node = task.node, try holds(node, item) { push(.finish(id, .pre)) }
      return nil
    }
    fire(item)
    return nil
  }

  /// The moment of a timer is there.
  mutating func fire(_ item: WorkItem) {
    if let host = item.activation.host.flatMap({ state.workItem($0) }),
      let index = item.activation.boundary, let boundaries = self.task(host.task, in: host.caseID)?.node?.boundaries,
      boundaries.indices.contains(index), boundaries[index].isInterrupting
    {
      reasons[host.id] = .boundary
      push(.cancelWorkItem(host.id, .validate, nested: true))
    }
    push(.finish(item.id, .pre))
  }
}
