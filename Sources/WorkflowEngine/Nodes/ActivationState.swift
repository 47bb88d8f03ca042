/// What a work item has besides Caluma's fields: where its token is and how far it has come by itself.
///
/// All fields have their defaults in the items of workflows without typed nodes. Times are microseconds since 1970.
public struct ActivationState: Hashable, Sendable {
  /// The branch that the item is on: for each split that is not joined yet the split's number in the case and the
  /// branch's number. A join that waits has the split's number only, without a branch, for the split that it joins.
  public var token: [Int64] = []
  /// How many items of its task were created before it in the case.
  public var iteration = 0
  /// The items that led to this one; a join has all that came. Empty where `previousWorkItem` says it all.
  public var predecessors: [EntityID] = []
  public var closedReason: ClosedReason?
  public var assignedAt: Int64?
  public var startedAt: Int64?
  /// When a timer or a job is due.
  public var scheduledAt: Int64?
  /// How often a job was begun.
  public var attempts = 0
  public var lastError: WorkItemFailure?
  /// JSON text: what a handler gave, a message brought, or a branch was given.
  public var data: String?
  /// The item that this one is a copy of.
  public var revivedFrom: EntityID?
  /// The item that this one is a boundary of.
  public var host: EntityID?
  /// Which of the host's boundaries.
  public var boundary: Int?
  /// The compensation of the item has run.
  public var isCompensated = false
  /// What a message's or a signal's key has to be for this catch.
  public var correlation: String?

  /// Until when people have laid the item aside.
  public var snoozedUntil: Int64?

  public var artifacts: [Artifact] = []

  /// The deadline whose passing was told.
  public var toldDeadline: Int64?
  /// Since when somebody has had the form open, without having begun.
  public var preparedAt: Int64?
  /// Of a sequence of child cases: elements, as JSON texts, that came to its list after it had begun.
  public var addedElements: [String] = []
  /// Its work is done; it is in error since no way on could be found.
  public var isStalled = false

  public init() {}

  /// Nobody has the item in hand any more.
  mutating func forgetBeginning() {
    startedAt = nil
    preparedAt = nil
  }

  /// That of items which have nothing but Caluma's fields.
  public static let plain = ActivationState()
}
