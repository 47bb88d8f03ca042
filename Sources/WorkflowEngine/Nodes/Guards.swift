/// What has to hold before something is done with a work item. Commands and `availableTransitions` ask here alike.
extension Execution {
  mutating func require(_ transition: Transition, _ id: EntityID) throws(EngineError) {
    let item = try requireWorkItem(id)
    switch transition {
    case .complete: try requireCompletable(id)
    case .skip: try requireSkippable(id)
    case .cancel: _ = try isCancelable(id, nested: false)
    case .suspend: _ = try isSuspendable(id, nested: false)
    case .resume: _ = try isResumable(id, nested: false)
    case .redo: try requireRedoable(id)
    default: try requirePhase(transition, item)
    }
    guard definitions.hasNodes || Self.isOfNodes(transition) else { return }
    try requireAccess(transition, item)
    switch transition {
    case .start, .complete: try requireEnabled(item)
    case .undo: try requireNoFollowers(item)
    case .revive:
      guard item.activation.host == nil else {
        throw .state("The timer of a boundary comes and goes with its work item.")
      }
    case .claim:
      guard caller.user != nil else { throw .forbidden }
    default: break
    }
  }

  private static func isOfNodes(_ transition: Transition) -> Bool {
    switch transition {
    case .complete, .skip, .cancel, .suspend, .resume, .redo: false
    default: true
    }
  }

  private func requirePhase(_ transition: Transition, _ item: WorkItem) throws(EngineError) {
    guard let task = task(item.task, in: item.caseID) else { throw .noWorkItem }
    let phase = ActivationPhase(item)
    guard NodeMachine(task.type).sources(of: transition).contains(phase) else {
      if transition == .claim || transition == .assign, phase == .assigned || phase == .started {
        throw EngineError(.assigned, "The work item is assigned to \(item.assignedUsers.joined(separator: ", ")).")
      }
      throw .state("A work item of the type \(task.type.rawValue) cannot \(transition.rawValue) while it is \(phase.rawValue).")
    }
    let found = status(ofCase: item.caseID)
    guard found == .running || (transition == .undo && found == .completed) else {
      throw .state("Only work items of running cases can \(transition.rawValue).")
    }
  }

  // MARK: Who may

  mutating func requireAccess(_ transition: Transition, _ item: WorkItem) throws(EngineError) {
    guard let node = task(item.task, in: item.caseID)?.node else { return }
    let isOwn = caller.user.map(item.assignedUsers.contains) == true
    switch transition {
    case .start, .complete, .claim, .deliver:
      if let rule = node.permission {
        guard try allows(rule, scope(of: item)) else { throw .forbidden }
      }
      if node.isExclusive, transition != .claim, transition != .deliver, !isOwn {
        throw EngineError(.permission, "Only a user whom the work item is assigned to can \(transition.rawValue) it.")
      }
    case .unassign where isOwn: return
    case .startJob, .finishJob, .failJob, .fire: return
    default:
      guard let rule = node.management else { return }
      guard try allows(rule, scope(of: item)) else { throw .forbidden }
    }
  }

  mutating func allows(_ rule: AccessRule, _ scope: EvaluationScope) throws(EngineError) -> Bool {
    if let user = caller.user, rule.users.contains(user) { return true }
    if rule.groups.contains(where: caller.groups.contains) { return true }
    if let text = rule.expression {
      if try evaluator.value(text, in: scope).isTrue { return true }
    }
    guard let closure = rule.closure else { return false }
    return try evaluator.allows(closure, in: scope)
  }

  // MARK: Whether it is the time

  private mutating func requireEnabled(_ item: WorkItem) throws(EngineError) {
    guard let node = task(item.task, in: item.caseID)?.node else { return }
    if let condition = node.enabledWhile {
      guard try evaluator.value(condition, in: scope(of: item)).isTrue else {
        throw .state("The work item is not enabled at the moment.")
      }
    }
    guard let mutex = node.mutex else { return }
    let isHeld = state.workItems.contains {
      $0.id != item.id && $0.status == .ready && $0.activation.startedAt != nil
        && task($0.task, in: $0.caseID)?.node?.mutex == mutex
    }
    if isHeld { throw .state("Another work item has to be done before: both need `\(mutex)`.") }
  }

  private func requireNoFollowers(_ item: WorkItem) throws(EngineError) {
    // Which items these are is for `undoPlan` to say, which knows who asks: not everybody may see them.
    guard !followers(of: item.id).contains(where: { holdsBack($0) }) else {
      throw .state("What followed has to be undone or canceled before.")
    }
    if status(ofCase: item.caseID) == .completed, let parent = state.parentWorkItem(of: item.caseID),
      !parent.status.isOpen
    {
      throw .state("The case that this one was started for has gone on.")
    }
  }

  /// Whether an item that followed has to go before the one that it followed. A join that waits only loses a branch.
  func holdsBack(_ item: WorkItem) -> Bool {
    guard item.status != .canceled else { return false }
    return !(item.status == .waiting && task(item.task, in: item.caseID)?.type == .join)
  }
}

extension EngineError {
  static let forbidden = EngineError(.permission, "You do not have permission to perform this action.")
}
