import Expressions
import WorkflowEngine

/// JSON as extension modules see it.
public typealias JSON = Expressions.Value

/// What happened or is about to, as a receiver sees it.
///
/// The case and the work item are as they are at this moment: in `pre_…` events in their old state. Before a
/// creation they are what is about to be inserted.
public struct EventView: Sendable {
  let event: Event
  /// The item of the event, for events of work items.
  public let workItem: WorkItem?
  /// The case of the event, or the case of its work item.
  public let `case`: Case?

  public var name: EventName { event.name }
  /// The mutation that the client sent, also for nested events.
  public var sender: Operation { event.sender }
  /// The user who sent it; nil for an anonymous one.
  public var user: String? { event.caller.user }
  public var group: String? { event.caller.group }
  /// The client's `context` as JSON text; nil when there was none.
  public var context: String? { event.context }
  /// The work items that a case is reopened with, or that a join opened with or lets go; empty for other events.
  public var workItems: [EntityID] { event.items }
  /// What is about to be inserted, in `pre_create_…` events.
  public var validatedData: ValidatedData? {
    switch name {
    case .preCreateCase: `case`.map { .case($0) }
    case .preCreateWorkItem: workItem.map { .workItem($0) }
    default: nil
    }
  }

  public enum ValidatedData: Sendable {
    case `case`(Case)
    case workItem(WorkItem)
  }
}
