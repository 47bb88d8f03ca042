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
    meta: String = "{}", document: EntityID? = nil, version: Int64 = 1,
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
    self.version = version
    self.createdAt = createdAt
    self.modifiedAt = modifiedAt
    self.createdByUser = createdByUser
    self.createdByGroup = createdByGroup
    self.modifiedByUser = modifiedByUser
    self.modifiedByGroup = modifiedByGroup
  }
}
