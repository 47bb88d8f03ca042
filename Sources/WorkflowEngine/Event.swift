/// Something that is about to happen (`pre_…`) or has happened (`post_…`): what receivers get and what the event
/// log stores.
public struct Event: Sendable, Equatable {
  public var name: EventName
  /// The mutation that the client sent, also for nested events.
  public var sender: Operation
  public var family: EntityID
  /// The case, or the case of the work item. For `pre_create_case` the id that the new case will get.
  public var caseID: EntityID
  /// Nil for events of cases. For `pre_create_work_item` the id that the new item will get.
  public var workItem: EntityID?
  /// The slug of the work item's task; nil for events of cases.
  public var task: String?
  /// The work items that are reopened, or that a join opened with or lets go; empty for all other events.
  public var items: [EntityID]
  /// What has changed, where the name and the caller do not say it already: see `FamilyState.init(folding:)`.
  public var row: EventRow?
  /// The client's `context`: JSON text.
  public var context: String?
  public var caller: Caller
  /// Microseconds since 1970.
  public var time: Int64

  public init(
    name: EventName, sender: Operation, family: EntityID, caseID: EntityID, workItem: EntityID? = nil,
    task: String? = nil, items: [EntityID] = [], row: EventRow? = nil, context: String? = nil,
    caller: Caller = Caller(), time: Int64
  ) {
    self.name = name
    self.sender = sender
    self.family = family
    self.caseID = caseID
    self.workItem = workItem
    self.task = task
    self.items = items
    self.row = row
    self.context = context
    self.caller = caller
    self.time = time
  }
}
