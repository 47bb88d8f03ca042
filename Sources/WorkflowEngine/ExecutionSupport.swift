/// What the operations share.
extension Execution {
  mutating func push(_ instruction: Instruction) {
    agenda.append(instruction)
  }

  func requireCase(_ id: EntityID) throws(EngineError) -> Case {
    guard let found = state.case(id) else { throw .noCase }
    return found
  }

  func requireWorkItem(_ id: EntityID) throws(EngineError) -> WorkItem {
    guard let found = state.workItem(id) else { throw .noWorkItem }
    return found
  }

  func status(ofCase id: EntityID) -> CaseStatus? { state.status(ofCase: id) }

  /// The workflow as the case follows it: its version, or the live definition.
  func workflow(of caseID: EntityID) -> WorkflowDefinition? {
    guard let found = state.case(caseID) else { return nil }
    return definitions.version(of: found)?.workflow ?? definitions.workflow(found.workflow)
  }

  /// A task as the case knows it. One that its version does not have is obsolete.
  func task(_ slug: String, in caseID: EntityID) -> TaskDefinition? {
    guard definitions.hasNodes, let found = state.case(caseID), let version = definitions.version(of: found) else {
      return definitions.task(slug)
    }
    return version.tasks[slug]
      ?? definitions.task(slug).map {
        TaskDefinition(slug: slug, type: .obsolete, name: $0.name, description: $0.description)
      }
  }

  func compatibility(of caseID: EntityID) -> Compatibility {
    workflow(of: caseID)?.compatibility ?? .exact
  }

  func event(_ name: EventName, case id: EntityID, items: [EntityID] = []) -> Step {
    let found = state.case(id)
    var row: EventRow?
    if let found, tellsRow(name) || (name == .postCompleteCase && (found.outcome != nil || definitions.hasNodes)) {
      row = .case(found, parent: name == .postCreateCase ? state.parentWorkItem(of: id) : nil)
    }
    return .emit(
      Event(
        name: name, sender: sender, family: found?.family ?? pendingCase?.family ?? id, caseID: id,
        items: items, row: row, context: context, caller: caller, time: now))
  }

  private func tellsRow(_ name: EventName) -> Bool {
    switch name {
    case .postOpenJoin, .postShutJoin: false
    default: name.isPost && !name.isPlainClosing
    }
  }

  func event(_ name: EventName, workItem id: EntityID) -> Step? {
    guard let item = state.workItem(id) else { return nil }
    return event(name, workItem: item)
  }

  func event(_ name: EventName, workItem item: WorkItem) -> Step {
    .emit(
      Event(
        name: name, sender: sender, family: state.case(item.caseID)?.family ?? item.caseID, caseID: item.caseID,
        workItem: item.id, task: item.task,
        row: tellsRow(name) || (name.isPost && (isNode(item) || artifacts != nil || item.activation.preparedAt != nil))
          ? .workItem(item) : nil, context: context,
        caller: caller, time: now))
  }

  /// Changes a case and raises its version. Only the case that the command names notes who did it.
  mutating func change(case id: EntityID, _ change: (inout Case) -> Void) -> Step {
    let addressed = workItemID == nil && caseID == id
    state.update(case: id) { [now, caller] row in
      change(&row)
      row.version += 1
      row.modifiedAt = now
      if addressed {
        row.modifiedByUser = caller.user
        row.modifiedByGroup = caller.group
      }
    }
    return .change(.updateCase(id))
  }

  /// Changes a work item and raises its version. Only the item that the command names notes who did it.
  mutating func change(workItem id: EntityID, _ change: (inout WorkItem) -> Void) -> Step {
    let addressed = workItemID == id
    state.update(workItem: id) { [now, caller] row in
      change(&row)
      row.version += 1
      row.modifiedAt = now
      if addressed {
        row.modifiedByUser = caller.user
        row.modifiedByGroup = caller.group
      }
    }
    return .change(.updateWorkItem(id))
  }

  /// Closes a work item: status and who closed it when.
  mutating func close(_ id: EntityID, as status: WorkItemStatus) -> Step {
    let reason = reasons.removeValue(forKey: id)
    let result = status.isDone ? resultText(of: id) : nil
    return change(workItem: id) { [now, caller] row in
      row.status = status
      if let result { row.description = result }
      row.closedAt = now
      row.closedByUser = caller.user
      row.closedByGroup = caller.group
      row.activation.closedReason = reason ?? row.activation.closedReason
      // Who has opened the form and is done without a further word had begun then.
      if status.isDone { row.activation.startedAt = row.activation.startedAt ?? row.activation.preparedAt }
    }
  }

  func deadline(of task: TaskDefinition) -> Int64? {
    task.leadTime.map { now &+ $0 &* 1_000_000 }
  }

  /// Whether an item has more to tell than Caluma's.
  func isNode(_ item: WorkItem) -> Bool {
    definitions.hasNodes
      && (item.activation != .plain
        || task(item.task, in: item.caseID).map { !$0.type.isHuman || $0.node != nil } == true)
  }

  /// Whether an item of the case is still to be dealt with. Caluma does not mind suspended ones.
  func hasOpenWorkItem(in caseID: EntityID) -> Bool {
    let exact = compatibility(of: caseID) == .exact
    return state.workItems.contains {
      $0.caseID == caseID && $0.status.isOpen && (exact || $0.status != .suspended)
    }
  }
}
