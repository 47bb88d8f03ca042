/// What `createWorkItem` takes. Nil means "not given": the task's value is used.
public struct CreateWorkItem: Sendable {
  public var caseID: EntityID
  public var task: String
  public var name: String?
  public var description: String?
  public var addressedGroups: [String]?
  public var controllingGroups: [String]?
  public var assignedUsers: [String]
  public var deadline: Int64?
  public var meta: String

  public init(
    caseID: EntityID, task: String, name: String? = nil, description: String? = nil,
    addressedGroups: [String]? = nil, controllingGroups: [String]? = nil, assignedUsers: [String] = [],
    deadline: Int64? = nil, meta: String = "{}"
  ) {
    self.caseID = caseID
    self.task = task
    self.name = name
    self.description = description
    self.addressedGroups = addressedGroups
    self.controllingGroups = controllingGroups
    self.assignedUsers = assignedUsers
    self.deadline = deadline
    self.meta = meta
  }
}

/// `createWorkItem`: one more instance of a multiple instance task of which an instance is ready.
///
/// Events: `pre_create_work_item`, `post_create_work_item`.
extension Execution {
  mutating func createWorkItem(_ input: CreateWorkItem, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      _ = try requireInstances(input)
      push(.createWorkItem(input, .pre))
      return nil
    case .pre:
      let task = try requireInstances(input)
      let controlling: [String]
      if let given = input.controllingGroups {
        controlling = given
      } else {
        controlling = try groups(task.controlGroups, of: task, in: input.caseID, after: nil).sorted()
      }
      let addressed: [String]
      if let given = input.addressedGroups {
        addressed = given
      } else {
        addressed = try groups(task.addressGroups, of: task, in: input.caseID, after: nil).sorted()
      }
      let lead = compatibility(of: input.caseID) == .exact ? deadline(of: task) : nil
      let item = WorkItem(
        id: ids.next(), caseID: input.caseID, task: task.slug, name: input.name ?? task.name,
        description: input.description ?? task.description, deadline: input.deadline ?? lead,
        meta: input.meta, addressedGroups: addressed, controllingGroups: controlling,
        assignedUsers: input.assignedUsers, createdAt: now, modifiedAt: now,
        createdByUser: caller.user, createdByGroup: caller.group)
      pendingWorkItem = item
      push(.createWorkItem(input, .change))
      return event(.preCreateWorkItem, workItem: item)
    case .cascade, .change:
      _ = try requireInstances(input)
      push(.createWorkItem(input, .post))
      return insertPending()
    case .post:
      workItemID = created.first
      push(.announceCreated(0))
      return nil
    }
  }

  private func requireInstances(_ input: CreateWorkItem) throws(EngineError) -> TaskDefinition {
    guard let task = definitions.task(input.task) else {
      throw EngineError(.unknownDefinition, "Invalid pk \"\(input.task)\" - object does not exist.")
    }
    let found = try requireCase(input.caseID)
    guard task.isMultipleInstance else {
      throw EngineError(
        .input,
        "The given task type \(task.type.rawValue) does not allow creating multiple instances of it. "
          + "Please set `isMultipleInstance` to true.")
    }
    guard
      found.status == .running || compatibility(of: found.id) == .caluma,
      state.workItems.contains(where: {
        $0.caseID == found.id && $0.task == task.slug && $0.status == .ready
      })
    else {
      throw .state(
        "The given case \(found.id) does not have any running work items corresponding to the task "
          + "\(task.slug). A new instance of a `MultipleInstanceTask` can only be created when there is at "
          + "least one running sibling work item.")
    }
    return task
  }
}
