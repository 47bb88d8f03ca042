/// One row of `work_items`. Times are microseconds since 1970; `name`, `description` and `meta` are JSON text
/// that the engine passes through (`name` and `description` as objects from language to text).
public struct WorkItem: Hashable, Sendable, Identifiable {
  public var id: EntityID
  /// The case that the item belongs to.
  public var caseID: EntityID
  /// The slug of the task.
  public var task: String
  public var name: String
  public var description: String
  public var status: WorkItemStatus
  public var closedAt: Int64?
  public var closedByUser: String?
  public var closedByGroup: String?
  public var deadline: Int64?
  public var meta: String
  public var addressedGroups: [String]
  public var controllingGroups: [String]
  public var assignedUsers: [String]
  /// The case that was started for this item, of which this is the parent work item.
  public var childCase: EntityID?
  /// The item whose end created this one; nil for the items that a case starts with.
  public var previousWorkItem: EntityID?
  public var document: EntityID?
  /// The join behind this item has opened with it. Has to be stored: it is what tells this round of a loop from
  /// an earlier one. Only ever true for items of tasks that share their flow with other tasks.
  public var isJoined: Bool
  /// Tokens, and how far the item has come by itself.
  public var activation: ActivationState
  /// Raised by every change but that of `isJoined`.
  public var version: Int64
  public var createdAt: Int64
  public var modifiedAt: Int64
  public var createdByUser: String?
  public var createdByGroup: String?
  public var modifiedByUser: String?
  public var modifiedByGroup: String?

  public init(
    id: EntityID, caseID: EntityID, task: String, name: String = "{}", description: String = "{}",
    status: WorkItemStatus = .ready, closedAt: Int64? = nil, closedByUser: String? = nil,
    closedByGroup: String? = nil, deadline: Int64? = nil, meta: String = "{}",
    addressedGroups: [String] = [], controllingGroups: [String] = [], assignedUsers: [String] = [],
    childCase: EntityID? = nil, previousWorkItem: EntityID? = nil, document: EntityID? = nil,
    isJoined: Bool = false, activation: ActivationState = ActivationState(), version: Int64 = 1, createdAt: Int64,
    modifiedAt: Int64,
    createdByUser: String? = nil, createdByGroup: String? = nil,
    modifiedByUser: String? = nil, modifiedByGroup: String? = nil
  ) {
    self.id = id
    self.caseID = caseID
    self.task = task
    self.name = name
    self.description = description
    self.status = status
    self.closedAt = closedAt
    self.closedByUser = closedByUser
    self.closedByGroup = closedByGroup
    self.deadline = deadline
    self.meta = meta
    self.addressedGroups = addressedGroups
    self.controllingGroups = controllingGroups
    self.assignedUsers = assignedUsers
    self.childCase = childCase
    self.previousWorkItem = previousWorkItem
    self.document = document
    self.isJoined = isJoined
    self.activation = activation
    self.version = version
    self.createdAt = createdAt
    self.modifiedAt = modifiedAt
    self.createdByUser = createdByUser
    self.createdByGroup = createdByGroup
    self.modifiedByUser = modifiedByUser
    self.modifiedByGroup = modifiedByGroup
  }
}

extension WorkItem {
  /// The deadline whose passing is still to be told, be it to come or past. A suspended item waits until it is resumed,
  /// and nothing is late that is closed.
  public var awaitedDeadline: Int64? {
    guard let deadline, status.isOpen, status != .suspended, deadline != activation.toldDeadline else { return nil }
    return deadline
  }

  /// It is open again: when it was closed, and by whom, is not so any more.
  mutating func forgetClosing() {
    closedAt = nil
    closedByUser = nil
    closedByGroup = nil
  }
}
