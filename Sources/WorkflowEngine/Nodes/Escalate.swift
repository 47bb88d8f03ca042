/// What happens when the deadline of an item has passed.
///
/// Events: `post_overdue_work_item`, once for each deadline; where the node gives the item to others
/// `pre_reassign_work_item` and `post_reassign_work_item`; then those of what the node's boundaries lead to.
extension Execution {
  mutating func escalateWorkItem(_ id: EntityID) throws(EngineError) -> Step? {
    guard isOverdue(try requireWorkItem(id)) else { throw .state("The work item is not overdue.") }
    return tellOverdue(id)
  }

  /// Whether the passing of the item's deadline is to be told now.
  private func isOverdue(_ item: WorkItem) -> Bool {
    guard let deadline = item.awaitedDeadline else { return false }
    return deadline <= now && status(ofCase: item.caseID) == .running
  }

  private mutating func tellOverdue(_ id: EntityID) -> Step {
    push(.escalate(id, .pre))
    push(.tell(.postOverdueWorkItem, id))
    // What the server notes for itself is no change that somebody else's could be lost to: the version stays.
    state.update(workItem: id) { $0.activation.toldDeadline = $0.deadline }
    return .change(.updateWorkItem(id))
  }

  mutating func escalate(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    guard let item = state.workItem(id), item.status.isOpen, status(ofCase: item.caseID) == .running,
      let task = task(item.task, in: item.caseID), let node = task.node
    else { return nil }
    switch beat {
    case .validate, .pre:
      push(.escalate(id, .post))
      guard try heirs(of: item, task) != nil else { return nil }
      push(.escalate(id, .change))
      return event(.preReassignWorkItem, workItem: id)
    case .cascade, .change:
      // The receivers of the event may have given the item to somebody.
      guard let heirs = try heirs(of: item, task) else { return nil }
      push(.tell(.postReassignWorkItem, id))
      return change(workItem: id) { [now] row in
        row.addressedGroups = heirs.groups
        guard row.assignedUsers != heirs.users else { return }
        row.assignedUsers = heirs.users
        row.activation.assignedAt = now
        row.activation.forgetBeginning()
      }
    case .post:
      lead(by: node.boundaries.filter { $0.kind == .deadline }, from: item)
      return nil
    }
  }

  /// Makes up for what became overdue while the case was suspended.
  mutating func takeUpDeadlines(ofCase id: EntityID) {
    for item in state.workItems.reversed() where item.caseID == id && isOverdue(item) {
      push(.overdue(item.id))
    }
  }

  /// Makes up for what became overdue while the item was suspended.
  mutating func takeUpDeadline(of id: EntityID) {
    if let item = state.workItem(id), isOverdue(item) { push(.overdue(id)) }
  }

  /// Receivers of what was told before may have dealt with the item.
  mutating func overdue(_ id: EntityID) -> Step? {
    guard let item = state.workItem(id), isOverdue(item) else { return nil }
    return tellOverdue(id)
  }

  /// - Returns: nil where nothing changes.
  private mutating func heirs(
    of item: WorkItem, _ task: TaskDefinition
  ) throws(EngineError) -> (users: [String], groups: [String])? {
    guard let rule = task.node?.escalation else { return nil }
    var (users, groups) = (item.assignedUsers, item.addressedGroups)
    if let assignment = rule.assignment {
      let others = try self.users(by: assignment, for: item)
      if !others.isEmpty { users = others }
    }
    for group in try self.groups(rule.addressGroups, of: task, in: item.caseID, after: item.previousWorkItem)
    where !groups.contains(group) {
      groups.append(group)
    }
    return users == item.assignedUsers && groups == item.addressedGroups ? nil : (users, groups)
  }

  private mutating func lead(by boundaries: [BoundaryDefinition], from item: WorkItem) {
    guard !boundaries.isEmpty else { return }
    push(.announceCreated(0))
    for boundary in boundaries.reversed() {
      push(.arrive(Arrival(boundary.target, in: item.caseID, token: outer(item.activation.token), after: [item.id])))
    }
    guard boundaries.contains(where: \.isInterrupting) else { return }
    reasons[item.id] = .boundary
    push(.cancelWorkItem(item.id, .validate, nested: true))
  }
}
