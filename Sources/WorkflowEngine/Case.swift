/// One row of `cases`. Times are microseconds since 1970, `meta` is JSON text that the engine passes through.
public struct Case: Hashable, Sendable, Identifiable {
  public var id: EntityID
  /// The root of the tree of cases that this one belongs to; its own id for a root.
  public var family: EntityID
  /// The slug of the workflow.
  public var workflow: String
  public var status: CaseStatus
  public var closedAt: Int64?
  public var closedByUser: String?
  public var closedByGroup: String?
  public var meta: String
  public var document: EntityID?
  /// What the case's nodes share: JSON text of an object.
  public var data: String
  public var artifacts: [Artifact]
  /// The number of the workflow's version that the case keeps to; nil follows the live definitions.
  public var workflowVersion: Int64?
  /// How a closed case ended, where its status alone does not tell.
  public var outcome: CaseOutcome?
  /// The work item of a subprocess that started the case; a case that was started for an item of people is its
  /// `childCase` instead.
  public var parentItem: EntityID?
  /// What an error end told.
  public var errorCode: String?
  /// Raised by every change.
  public var version: Int64
  public var createdAt: Int64
  public var modifiedAt: Int64
  public var createdByUser: String?
  public var createdByGroup: String?
  public var modifiedByUser: String?
  public var modifiedByGroup: String?

  public init(
    id: EntityID, family: EntityID, workflow: String, status: CaseStatus = .running,
    closedAt: Int64? = nil, closedByUser: String? = nil, closedByGroup: String? = nil,
    meta: String = "{}", document: EntityID? = nil, data: String = "{}",
    artifacts: [Artifact] = [], workflowVersion: Int64? = nil, outcome: CaseOutcome? = nil, parentItem: EntityID? = nil,
    errorCode: String? = nil, version: Int64 = 1,
    createdAt: Int64, modifiedAt: Int64, createdByUser: String? = nil, createdByGroup: String? = nil,
    modifiedByUser: String? = nil, modifiedByGroup: String? = nil
  ) {
    self.id = id
    self.family = family
    self.workflow = workflow
    self.status = status
    self.closedAt = closedAt
    self.closedByUser = closedByUser
    self.closedByGroup = closedByGroup
    self.meta = meta
    self.document = document
    self.data = data
    self.artifacts = artifacts
    self.workflowVersion = workflowVersion
    self.outcome = outcome
    self.parentItem = parentItem
    self.errorCode = errorCode
    self.version = version
    self.createdAt = createdAt
    self.modifiedAt = modifiedAt
    self.createdByUser = createdByUser
    self.createdByGroup = createdByGroup
    self.modifiedByUser = modifiedByUser
    self.modifiedByGroup = modifiedByGroup
  }

  /// It is open again: when it was closed, and by whom, is not so any more.
  mutating func forgetClosing() {
    closedAt = nil
    closedByUser = nil
    closedByGroup = nil
  }
}
