/// What `saveCase` without an id and `startCase` take.
public struct StartCase: Sendable {
  public var workflow: String
  /// The work item that the case is started for; it has to be in the execution's state.
  public var parentWorkItem: EntityID?
  /// JSON text.
  public var meta: String
  public var document: EntityID?

  public init(workflow: String, parentWorkItem: EntityID? = nil, meta: String = "{}", document: EntityID? = nil) {
    self.workflow = workflow
    self.parentWorkItem = parentWorkItem
    self.meta = meta
    self.document = document
  }
}

/// `startCase`, and `saveCase` without an id.
///
/// Events: `pre_create_case`, `pre_create_work_item` before each start item, `post_create_case`,
/// `post_create_work_item` for each start item in the order of creation.
extension Execution {
  mutating func startCase(_ input: StartCase, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      guard definitions.workflow(input.workflow) != nil else {
        throw EngineError(.unknownDefinition, "Invalid pk \"\(input.workflow)\" - object does not exist.")
      }
      try requireFreeParent(input.parentWorkItem)
      push(.startCase(input, .pre))
      return nil
    case .pre:
      let id = ids.next()
      caseID = id
      pendingCase = Case(
        id: id, family: state.family ?? id, workflow: input.workflow, meta: input.meta,
        document: input.document, createdAt: now, modifiedAt: now,
        createdByUser: caller.user, createdByGroup: caller.group)
      push(.startCase(input, .change))
      return event(.preCreateCase, case: id)
    case .cascade, .change:
      try requireFreeParent(input.parentWorkItem)
      guard let new = pendingCase, let workflow = definitions.workflow(new.workflow) else { return nil }
      pendingCase = nil
      caseID = new.id
      state.insert(new)
      push(.startCase(input, .post))
      for task in workflow.startTasks.reversed() {
        push(.enter(task: task, caseID: new.id, previous: nil))
      }
      if let parent = input.parentWorkItem {
        state.link(child: new.id, to: parent)
        state.update(workItem: parent) { [now] row in
          row.version += 1
          row.modifiedAt = now
        }
        push(.storeParent(parent))
      }
      return .change(.insertCase(new.id))
    case .post:
      guard let id = caseID else { return nil }
      push(.announceCreated(0))
      return event(.postCreateCase, case: id)
    }
  }

  /// A child case of a closed item, or a second open one, could never be reached through its parent.
  private func requireFreeParent(_ id: EntityID?) throws(EngineError) {
    guard let id else { return }
    let parent = try requireWorkItem(id)
    guard compatibility(of: parent.caseID) == .exact else { return }
    guard parent.status == .ready else {
      throw .state("Child cases can only be started for ready work items.")
    }
    if let child = parent.childCase.flatMap(status(ofCase:)), child.isOpen {
      throw .state("The work item already has an open child case.")
    }
  }
}
