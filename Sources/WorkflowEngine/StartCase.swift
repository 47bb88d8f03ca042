/// What `saveCase` without an id and `startCase` take.
public struct StartCase: Sendable {
  public var workflow: String
  /// The work item that the case is started for; it has to be in the execution's state.
  public var parentWorkItem: EntityID?
  /// JSON text.
  public var meta: String
  public var document: EntityID?
  /// What the case's nodes share: JSON text of an object.
  public var data: String
  public var artifacts: [Artifact] = []
  /// The start task to begin with; nil for all that do not wait for a trigger.
  public var trigger: String?
  /// The subprocess that starts the case.
  var parentItem: EntityID?
  /// Started by a subprocess on the way, not by the client.
  var isNested = false
  /// The new case's id, once it is made up.
  var id: EntityID?

  public init(
    workflow: String, parentWorkItem: EntityID? = nil, meta: String = "{}", document: EntityID? = nil,
    data: String = "{}", trigger: String? = nil
  ) {
    self.workflow = workflow
    self.parentWorkItem = parentWorkItem
    self.meta = meta
    self.document = document
    self.data = data
    self.trigger = trigger
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
      try Artifact.check(input.artifacts)
      var input = input
      if let parent = input.parentWorkItem.flatMap({ state.workItem($0) }), isMultiple(parent) {
        input.parentItem = parent.id
        input.parentWorkItem = nil
      }
      push(.startCase(input, .pre))
      return nil
    case .pre:
      var input = input
      let id = ids.next()
      input.id = id
      if !input.isNested { caseID = id }
      pendingCase = Case(
        id: id, family: state.family ?? id, workflow: input.workflow, meta: input.meta,
        document: input.document, data: input.data, artifacts: input.artifacts,
        workflowVersion: pinnedVersion(of: input.workflow),
        parentItem: input.parentItem, createdAt: now, modifiedAt: now,
        createdByUser: caller.user, createdByGroup: caller.group)
      push(.startCase(input, .change))
      return event(.preCreateCase, case: id)
    case .cascade, .change:
      try requireFreeParent(input.parentWorkItem)
      guard let new = pendingCase, definitions.workflow(new.workflow) != nil else { return nil }
      pendingCase = nil
      var input = input
      input.id = new.id
      if !input.isNested { caseID = new.id }
      state.insert(new)
      let startTasks = try startTasks(of: new, input.trigger)
      push(.startCase(input, .post))
      for (index, task) in startTasks.enumerated().reversed() {
        var arrival = Arrival(task, in: new.id)
        arrival.isByFlow = true
        if startTasks.count > 1 && definitions.hasNodes { arrival.token = [1, Int64(index + 1)] }
        push(.arrive(arrival))
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
      guard let id = input.id else { return nil }
      unsettle(id, mayEnd: false)
      push(.announceCreated(0))
      return event(.postCreateCase, case: id)
    }
  }

  /// A child case of a closed item, or a second open one, could never be reached through its parent.
  private func requireFreeParent(_ id: EntityID?) throws(EngineError) {
    guard let id else { return }
    let parent = try requireWorkItem(id)
    if isMultiple(parent) {
      guard parent.status == .running else {
        throw .state("Child cases can only be added while the item waits for others.")
      }
      guard task(parent.task, in: parent.caseID)?.node?.subprocess?.isSequential != true else {
        throw .state("The item's cases come one after the other: `addSubprocessItem` has one more come.")
      }
      return
    }
    guard compatibility(of: parent.caseID) == .exact else { return }
    guard parent.status == .ready else {
      throw .state("Child cases can only be started for ready work items.")
    }
    if let child = parent.childCase.flatMap(status(ofCase:)), child.isOpen {
      throw .state("The work item already has an open child case.")
    }
  }

  private func isMultiple(_ item: WorkItem) -> Bool { task(item.task, in: item.caseID)?.type == .multiSubprocess }

  private func pinnedVersion(of workflow: String) -> Int64? {
    guard definitions.workflow(workflow)?.versioning == .pinned else { return nil }
    return definitions.latestVersion(of: workflow)?.number
  }

  /// The tasks that a case begins with, which the caller has to be allowed to start. Start functions stand for
  /// different ways to begin: without a trigger the first one counts; a signal's start has to be named.
  private mutating func startTasks(of new: Case, _ trigger: String?) throws(EngineError) -> [String] {
    let all = workflow(of: new.id)?.startTasks ?? []
    guard definitions.hasNodes else { return all }
    var chosen: [String] = []
    var hasFunction = false
    if let trigger {
      guard all.contains(trigger) else {
        throw EngineError(.input, "`\(trigger)` is not a start task of the workflow `\(new.workflow)`.")
      }
      chosen = [trigger]
    } else {
      for slug in all {
        let type = task(slug, in: new.id)?.type
        if type == .startSignal || (type == .startFunction && hasFunction) { continue }
        hasFunction = hasFunction || type == .startFunction
        chosen.append(slug)
      }
    }
    for slug in chosen where new.parentItem == nil {
      guard let rule = task(slug, in: new.id)?.node?.permission,
        task(slug, in: new.id)?.type.isHuman == false
      else { continue }
      var scope = EvaluationScope(state: state, caseID: new.id, task: slug, caller: caller, context: context)
      scope.element = new.data
      guard try allows(rule, scope) else { throw .forbidden }
    }
    return chosen
  }
}
