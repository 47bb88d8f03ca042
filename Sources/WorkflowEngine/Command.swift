/// What a client asks for.
public enum Command: Sendable {
  case startCase(StartCase)
  case updateCase(UpdateCase)
  case cancelCase(EntityID)
  case suspendCase(EntityID)
  case resumeCase(EntityID)
  /// - workItems: the items that become ready again.
  case reopenCase(EntityID, workItems: [EntityID])
  case completeWorkItem(EntityID)
  case skipWorkItem(EntityID)
  case cancelWorkItem(EntityID)
  case suspendWorkItem(EntityID)
  case resumeWorkItem(EntityID)
  case redoWorkItem(EntityID)
  case createWorkItem(CreateWorkItem)
  case saveWorkItem(SaveWorkItem)

  /// The mutation that this command stands for: the `sender` of its events.
  public var operation: Operation {
    switch self {
    case .startCase, .updateCase: .saveCase
    case .cancelCase: .cancelCase
    case .suspendCase: .suspendCase
    case .resumeCase: .resumeCase
    case .reopenCase: .reopenCase
    case .completeWorkItem: .completeWorkItem
    case .skipWorkItem: .skipWorkItem
    case .cancelWorkItem: .cancelWorkItem
    case .suspendWorkItem: .suspendWorkItem
    case .resumeWorkItem: .resumeWorkItem
    case .redoWorkItem: .redoWorkItem
    case .createWorkItem: .createWorkItem
    case .saveWorkItem: .saveWorkItem
    }
  }
}

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

/// What `saveCase` with an id takes.
public struct UpdateCase: Sendable {
  public var id: EntityID
  /// Has to be the workflow that the case has.
  public var workflow: String
  /// JSON text; nil keeps the stored value.
  public var meta: String?

  public init(id: EntityID, workflow: String, meta: String? = nil) {
    self.id = id
    self.workflow = workflow
    self.meta = meta
  }
}

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

/// What `saveWorkItem` takes. Nil keeps the stored value.
public struct SaveWorkItem: Sendable {
  public var id: EntityID
  public var name: String?
  public var description: String?
  public var assignedUsers: [String]?
  /// `.some(nil)` removes the deadline.
  public var deadline: Int64??
  public var meta: String?

  public init(
    id: EntityID, name: String? = nil, description: String? = nil, assignedUsers: [String]? = nil,
    deadline: Int64?? = nil, meta: String? = nil
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.assignedUsers = assignedUsers
    self.deadline = deadline
    self.meta = meta
  }
}
