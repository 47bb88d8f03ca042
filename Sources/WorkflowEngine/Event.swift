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
  /// The work items that are reopened; empty for all other events.
  public var reopened: [EntityID]
  /// The client's `context`: JSON text.
  public var context: String?
  public var caller: Caller
  /// Microseconds since 1970.
  public var time: Int64
}
