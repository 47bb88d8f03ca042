/// What has to hold before something is done with a work item. Commands and `availableTransitions` ask here alike.
extension Execution {
  /// - Parameter cascade: of `undo`: all that followed is taken back, too.
  mutating func require(_ transition: Transition, _ id: EntityID, cascade: Bool = false) throws(EngineError) {
    let item = try requireWorkItem(id)
    try requireReach(transition, item)
    guard definitions.hasNodes || Self.isOfNodes(transition) else { return }
    switch transition {
    case .start, .complete: try requireEnabled(item)
    case .prepare: try requireEnabled(item, isHeld: false)
    case .activate: try requireBeginnable(item)
    case .activateNext: _ = try onward(from: item)
    case .undo: try requireUndoable(item, cascade: cascade)
    case .revive:
      guard item.activation.host == nil else {
        throw .state("The timer of a boundary comes and goes with its work item.")
      }
    case .claim:
      guard caller.user != nil else { throw .forbidden }
    default: break
    }
  }

  /// What is known without a look at where the transition leads: the item's phase, and who may.
  mutating func requireReach(_ transition: Transition, _ item: WorkItem) throws(EngineError) {
    let id = item.id
    if task(item.task, in: item.caseID)?.type == .obsolete { try Self.requireOfObsolete(transition, item) }
    switch transition {
    case .complete: try requireCompletable(id)
    case .skip: try requireSkippable(id)
    case .cancel: _ = try isCancelable(id, nested: false)
    case .suspend: _ = try isSuspendable(id, nested: false)
    case .resume: _ = try isResumable(id, nested: false)
    case .redo: try requireRedoable(id)
    default: try requirePhase(transition, item)
    }
    if definitions.hasNodes || Self.isOfNodes(transition) { try requireAccess(transition, item) }
  }

  /// Nobody knows what would follow an item whose task the case's version does not have.
  private static func requireOfObsolete(_ transition: Transition, _ item: WorkItem) throws(EngineError) {
    switch transition {
    case .cancel, .suspend, .resume: return
    default:
      throw .state(
        "The task `\(item.task)` is obsolete in the version of the case: its work items can only be canceled.")
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
      let (type, denied) = (task.type.rawValue, Self.passive(transition))
      throw .state("A work item of the type \(type) cannot \(denied) while it is \(phase.rawValue).")
    }
    let found = status(ofCase: item.caseID)
    guard found == .running || (found == .completed && (transition == .undo || transition == .activateNext)) else {
      throw .state("Only work items of running cases can \(Self.passive(transition)).")
    }
  }

  /// What happens to an item, as the end of "it can" or "it cannot".
  private static func passive(_ transition: Transition) -> String {
    switch transition {
    case .assign: "be assigned"
    case .claim: "be claimed"
    case .unassign: "be unassigned"
    case .reassign: "be reassigned"
    case .prepare: "be prepared"
    case .start: "be started"
    case .complete: "be completed"
    case .skip: "be skipped"
    case .cancel: "be canceled"
    case .suspend: "be suspended"
    case .resume: "be resumed"
    case .redo: "be redone"
    case .undo: "be undone"
    case .revive: "be revived"
    case .retry: "be retried"
    case .activate: "be activated"
    case .activateNext: "be gone on from"
    case .deliver: "be delivered to"
    case .fire: "fire"
    case .startJob: "be begun"
    case .finishJob: "be finished"
    case .failJob: "fail"
    }
  }

  // MARK: Who may

  mutating func requireAccess(_ transition: Transition, _ item: WorkItem) throws(EngineError) {
    guard let node = task(item.task, in: item.caseID)?.node else { return }
    let isOwn = caller.user.map(item.assignedUsers.contains) == true
    switch transition {
    case .start, .prepare, .complete, .claim, .deliver:
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

  /// - Parameter isHeld: whether the item keeps others from being started.
  private mutating func requireEnabled(_ item: WorkItem, isHeld: Bool = true) throws(EngineError) {
    guard let node = task(item.task, in: item.caseID)?.node else { return }
    if let condition = node.enabledWhile {
      guard try evaluator.value(condition, in: scope(of: item)).isTrue else {
        throw .state("The work item is not enabled at the moment.")
      }
    }
    guard isHeld, let mutex = node.mutex else { return }
    let isTaken = state.workItems.contains {
      $0.id != item.id && $0.status == .ready && $0.activation.startedAt != nil
        && task($0.task, in: $0.caseID)?.node?.mutex == mutex
    }
    if isTaken { throw .state("Another work item has to be done before: both need `\(mutex)`.") }
  }

  private func requireUndoable(_ item: WorkItem, cascade: Bool) throws(EngineError) {
    // Which items these are is for `undoPlan` to say, which knows who asks: not everybody may see them.
    guard cascade || !followers(of: item.id).contains(where: { holdsBack($0) }) else {
      throw .state("What followed has to be undone or canceled before.")
    }
    try requireAwaited(item.caseID, cascade: cascade)
  }

  private mutating func requireBeginnable(_ item: WorkItem) throws(EngineError) {
    guard let task = task(item.task, in: item.caseID) else { throw .noWorkItem }
    switch task.type {
    case .condition:
      guard try holds(task.node ?? NodeDefinition(), item) else { throw .state("The condition does not hold.") }
    case .join:
      guard predecessors(of: item).contains(where: { state.workItem($0)?.status.isDone == true }) else {
        throw .state("Nothing has come to the join.")
      }
    default:
      guard !hasBegun(item, task) else { throw .state("The work item has begun already.") }
    }
  }

  /// Whether an item that is running has something of its own to wait for, instead of only not having had its turn.
  func hasBegun(_ item: WorkItem, _ task: TaskDefinition) -> Bool {
    switch task.type {
    case .subprocess, .multiSubprocess: item.activation.startedAt != nil
    case .splitFirst: !followers(of: item.id).isEmpty
    default: false
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
