import WorkflowEngine

/// Where a dynamic group or task is asked for.
public struct DynamicRequest: Sendable {
  /// The case. While a case starts it is already there.
  public let `case`: Case?
  /// The slug of the task that the expression belongs to.
  public let task: String
  /// The item whose end led here; nil while a case starts. For `redoable`, the ready item.
  public let previousWorkItem: WorkItem?
  /// All cases and work items of the family, as they are at this moment.
  public let family: FamilyState
  public let user: Caller
  /// The client's context, parsed; null without one.
  public let context: JSON
  public let database: ExtensionContext
}

/// The groups that a name in `… |groups` stands for.
public typealias DynamicGroup = @Sendable (DynamicRequest) async throws -> [String]

/// The slugs of the tasks that a name in `… |task` or `… |tasks` stands for.
public typealias DynamicTask = @Sendable (DynamicRequest) async throws -> [String]
