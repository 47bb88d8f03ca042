/// What a typed node does when its turn comes.
extension Execution {
  mutating func activate(_ id: EntityID) throws(EngineError) -> Step? {
    guard let item = state.workItem(id), item.status == .running, status(ofCase: item.caseID) == .running,
      let task = task(item.task, in: item.caseID)
    else { return nil }
    automaticSteps += 1
    guard automaticSteps <= automaticStepLimit else {
      throw EngineError(
        .limit,
        "The case took more than \(automaticStepLimit) steps by itself, the last one to `\(task.slug)`: "
          + "it may never end."
      )
    }
    do throws(EngineError) {
      return try begin(item, task)
    } catch {
      return try fail(item, because: error)
    }
  }

  private mutating func begin(_ item: WorkItem, _ task: TaskDefinition) throws(EngineError) -> Step? {
    let node = task.node ?? NodeDefinition()
    switch task.type {
    case .handler, .startFunction, .startSignal:
      guard let handler = node.handler else {
        guard task.type != .handler else {
          throw EngineError(.unknownDefinition, "The task `\(task.slug)` has no handler.")
        }
        push(.finish(item.id, .pre))
        return nil
      }
      push(.call(HandlerCall(handler, purpose: .perform, workItem: item.id, caseID: item.caseID)))
    case .job: return schedule(item, at: now)
    case .catchCall, .catchMessage, .catchSignal:
      var correlation: String?
      if let text = node.correlation { correlation = try evaluator.value(text, in: scope(of: item)).text }
      if task.type != .catchCall {
        push(
          .give(
            .listen(
              SignalListener(
                node.signal ?? task.slug, takesMessages: task.type == .catchMessage, correlation: correlation,
                workItem: item.id, caseID: item.caseID, family: state.family ?? item.caseID, task: task.slug))))
      }
      push(.tell(.postAdvanceWorkItem, item.id))
      return change(workItem: item.id) { row in
        row.status = .waiting
        row.activation.correlation = correlation
      }
    case .timer:
      return schedule(item, at: try moment(of: node.delay ?? .seconds(0), for: item))
    case .condition:
      if try holds(node, item) {
        push(.finish(item.id, .pre))
        return nil
      }
      push(.tell(.postAdvanceWorkItem, item.id))
      return change(workItem: item.id) { $0.status = .waiting }
    case .if, .switch, .split:
      chosen[item.id] = try choose(from: task, for: item)
      push(.finish(item.id, .pre))
    case .splitFirst: go(to: try choose(from: task, for: item), from: item, splits: true)
    case .join:
      unsettle(item.caseID, mayEnd: true)
      push(.tell(.postAdvanceWorkItem, item.id))
      return change(workItem: item.id) { $0.status = .waiting }
    case .end: push(.finish(item.id, .pre))
    case .terminateEnd, .errorEnd:
      outcomes[item.caseID] = (task.type == .errorEnd ? .error : .terminated, node.errorCode)
      push(.finish(item.id, .pre))
      withdraw(.terminated, in: item.caseID) { $0.id != item.id }
    case .throwSignal:
      let name = node.signal ?? task.slug
      let key = try node.correlation.map { (text) throws(EngineError) in
        try evaluator.value(text, in: scope(of: item)).text
      }
      var signal = SignalThrow(
        name, correlation: key ?? nil, payload: item.activation.data, family: state.family ?? item.caseID,
        workItem: item.id)
      signal.timeToLive = node.timeToLive
      signals.append(signal)
      push(.finish(item.id, .pre))
    case .escalation: escalate(node.errorCode, from: item)
    case .compensation:
      push(.finish(item.id, .pre))
      compensate(item)
    case .subprocess, .multiSubprocess: return try startChildren(of: item, node)
    case .simple, .completeWorkflowForm, .completeTaskForm, .obsolete: break
    }
    return nil
  }

  /// Whether what a condition waits for is the case.
  func holds(_ node: NodeDefinition, _ item: WorkItem) throws(EngineError) -> Bool {
    var evaluator = evaluator
    let scope = scope(of: item)
    if let text = node.condition {
      guard try evaluator.value(text, in: scope).isTrue else { return false }
    }
    guard let closure = node.conditionClosure else { return node.condition != nil }
    guard evaluator.hasRule(closure) else {
      throw EngineError(
        .unknownDefinition, "The task `\(item.task)` waits for the rule `\(closure)`, which no module has.")
    }
    return try evaluator.allows(closure, in: scope)
  }

  /// Puts a job or a timer off until its moment.
  mutating func schedule(_ item: WorkItem, at moment: Int64) -> Step {
    guard let task = task(item.task, in: item.caseID) else { return .unschedule(item.id) }
    let isJob = task.type == .job
    let work = ScheduledWork(
      isJob ? .job : .timer, workItem: item.id, caseID: item.caseID, family: state.family ?? item.caseID,
      handler: isJob ? task.node?.handler ?? task.slug : nil, dueAt: moment,
      maximumAttempts: task.node?.retry.maximumAttempts ?? 1)
    push(.give(.schedule(work)))
    push(.tell(.postAdvanceWorkItem, item.id))
    return change(workItem: item.id) { row in
      row.status = .scheduled
      row.activation.scheduledAt = moment
    }
  }

  mutating func moment(of delay: Delay, for item: WorkItem) throws(EngineError) -> Int64 {
    switch delay {
    case .seconds(let seconds): return now &+ seconds &* 1_000_000
    case .expression(let text):
      let value = try evaluator.value(text, in: scope(of: item))
      if let seconds = value.number { return now &+ seconds &* 1_000_000 }
      guard let moment = value.text.flatMap(evaluator.moment) else {
        throw EngineError(.expression, "`\(text)` gives neither seconds nor a moment.")
      }
      return moment
    }
  }

  /// An automatic item is done.
  mutating func finish(_ id: EntityID, _ beat: Beat) -> Step? {
    guard let item = state.workItem(id) else { return nil }
    switch beat {
    case .validate, .pre:
      guard item.status.isAutomatic else { return nil }
      push(.finish(id, .change))
      return event(.preCompleteWorkItem, workItem: id)
    case .cascade, .change:
      guard item.status.isAutomatic else { return nil }
      push(.finish(id, .post))
      return close(id, as: .completed)
    case .post:
      push(.proceed(after: id))
      push(.wind(id))
      return event(.postCompleteWorkItem, workItem: id)
    }
  }

  mutating func call(_ call: HandlerCall) -> Step {
    push(.called(call))
    return .call(call)
  }

  mutating func reschedule(_ id: EntityID) -> Step? {
    guard let item = state.workItem(id), item.status.isAutomatic else { return nil }
    return schedule(item, at: item.activation.scheduledAt ?? now)
  }

  /// After a handler: its outcome is in `handlerOutcome`.
  mutating func called(_ call: HandlerCall) throws(EngineError) -> Step? {
    let outcome = handlerOutcome ?? .failed(WorkItemFailure(message: "Nobody called the handler `\(call.handler)`."))
    handlerOutcome = nil
    guard let item = state.workItem(call.workItem) else { return nil }
    switch outcome {
    case .done(let result):
      if let problem = result.problem {
        guard call.purpose == .perform else { throw problem }
        return try fail(item, WorkItemFailure(code: "INVALID_INPUT", message: problem.message))
      }
      if call.purpose == .perform { push(.finish(item.id, .pre)) }
      bring(result, to: item)
      return nil
    case .failed(let failure):
      guard call.purpose == .perform else { throw EngineError(.failed, failure.message) }
      return try fail(item, failure)
    }
  }

  /// Notes what a handler or a message brought.
  mutating func bring(_ result: HandlerResult, to item: WorkItem) {
    if result.caseData != nil || result.caseArtifacts != nil {
      state.update(case: item.caseID) { [now] row in
        if let data = result.caseData { row.data = data }
        if let artifacts = result.caseArtifacts { row.artifacts = artifacts }
        row.version += 1
        row.modifiedAt = now
      }
      push(.give(event(.postUpdateCase, case: item.caseID)))
      push(.give(.change(.updateCase(item.caseID))))
      unsettle(item.caseID, mayEnd: false)
    }
    guard result.data != nil || result.artifacts != nil else { return }
    state.update(workItem: item.id) { row in
      if let data = result.data { row.activation.data = data }
      if let artifacts = result.artifacts { row.activation.artifacts = artifacts }
    }
  }

  private mutating func escalate(_ code: String?, from item: WorkItem) {
    guard let host = state.parentWorkItem(of: item.caseID), host.status.isOpen,
      let boundary = task(host.task, in: host.caseID)?.node?.boundaries.first(where: {
        $0.kind == .escalation && ($0.errorCode == nil || $0.errorCode == code)
      })
    else { return push(.finish(item.id, .pre)) }
    if boundary.isInterrupting {
      reasons[host.id] = .boundary
      push(.cancelWorkItem(host.id, .validate, nested: true))
    }
    push(.finish(item.id, .pre))
    push(.announceCreated(0))
    push(.arrive(Arrival(boundary.target, in: host.caseID, token: outer(host.activation.token), after: [host.id])))
  }

  /// Whether a boundary of what the case was started for is about to cancel it, so that nothing follows any more.
  func isBeingLeft(_ caseID: EntityID) -> Bool {
    guard definitions.hasNodes, let host = state.parentWorkItem(of: caseID) else { return false }
    return host.status.isOpen && reasons[host.id] == .boundary
  }

  private mutating func compensate(_ item: WorkItem) {
    let done = state.workItems.filter {
      $0.caseID == item.caseID && $0.status == .completed && !$0.activation.isCompensated
    }
    // Calls stand on the agenda in reverse: the latest one comes first.
    for other in done.sorted(by: { ($0.closedAt ?? 0, $0.id) < ($1.closedAt ?? 0, $1.id) }) {
      guard let handler = task(other.task, in: other.caseID)?.node?.compensationHandler else { continue }
      push(.tell(.postAdvanceWorkItem, other.id))
      push(.setCompensated(other.id))
      push(.call(HandlerCall(handler, purpose: .compensate, workItem: other.id, caseID: other.caseID)))
    }
  }

  /// Once a case runs again: what was due meanwhile is put off anew, so that nothing is missed.
  mutating func resumeNodes(of caseID: EntityID) {
    guard definitions.hasNodes else { return }
    unsettle(caseID, mayEnd: false)
    for item in state.workItems.reversed() where item.caseID == caseID {
      guard item.status == .scheduled || (item.status == .running && task(item.task, in: caseID)?.type == .job) else {
        continue
      }
      push(.reschedule(item.id))
    }
    // The case was suspended before they had their turn.
    for item in state.workItems where item.caseID == caseID && item.status == .running {
      guard let task = task(item.task, in: caseID), task.type != .job, !hasBegun(item, task) else { continue }
      line.append(item.id)
    }
  }
}
