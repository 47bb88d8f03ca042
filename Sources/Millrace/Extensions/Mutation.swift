import WorkflowEngine

/// A mutation of the schema, or a group of them, as rules name it. The server checks at its start that the schema
/// has it.
public struct Mutation: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// As in the schema.
  public let name: String

  public init(_ name: String) { self.name = name }
  public init(stringLiteral value: String) { name = value }
  public init(_ operation: Operation) { name = operation.rawValue }

  public var description: String { name }

  /// All mutations: for rules that hold wherever a class has none for the mutation itself.
  public static let any = Mutation("Mutation")
  /// All mutations that save a task.
  public static let saveTask = Mutation("SaveTask")

  public static let saveWorkflow = Mutation("saveWorkflow")
  public static let addWorkflowFlow = Mutation("addWorkflowFlow")
  public static let removeFlow = Mutation("removeFlow")
  public static let saveSimpleTask = Mutation("saveSimpleTask")
  public static let saveCompleteWorkflowFormTask = Mutation("saveCompleteWorkflowFormTask")
  public static let saveCompleteTaskFormTask = Mutation("saveCompleteTaskFormTask")
  public static let startCase = Mutation("startCase")
  public static let saveCase = Mutation("saveCase")
  public static let cancelCase = Mutation("cancelCase")
  public static let suspendCase = Mutation("suspendCase")
  public static let resumeCase = Mutation("resumeCase")
  public static let reopenCase = Mutation("reopenCase")
  public static let completeWorkItem = Mutation("completeWorkItem")
  public static let skipWorkItem = Mutation("skipWorkItem")
  public static let cancelWorkItem = Mutation("cancelWorkItem")
  public static let suspendWorkItem = Mutation("suspendWorkItem")
  public static let resumeWorkItem = Mutation("resumeWorkItem")
  public static let redoWorkItem = Mutation("redoWorkItem")
  public static let saveWorkItem = Mutation("saveWorkItem")
  public static let createWorkItem = Mutation("createWorkItem")
  public static let saveNodeTask = Mutation("saveNodeTask")
  public static let publishWorkflow = Mutation("publishWorkflow")
  public static let migrateCases = Mutation("migrateCases")
  public static let assignWorkItem = Mutation("assignWorkItem")
  public static let reassignWorkItem = Mutation("reassignWorkItem")
  public static let unassignWorkItem = Mutation("unassignWorkItem")
  public static let claimWorkItem = Mutation("claimWorkItem")
  public static let startWorkItem = Mutation("startWorkItem")
  public static let prepareWorkItem = Mutation("prepareWorkItem")
  public static let activateWorkItem = Mutation("activateWorkItem")
  public static let activateNext = Mutation("activateNext")
  public static let addSubprocessItem = Mutation("addSubprocessItem")
  public static let undoWorkItem = Mutation("undoWorkItem")
  public static let reviveWorkItem = Mutation("reviveWorkItem")
  public static let retryWorkItem = Mutation("retryWorkItem")
  public static let bulkAssignWorkItems = Mutation("bulkAssignWorkItems")
  public static let bulkUnassignWorkItems = Mutation("bulkUnassignWorkItems")
  public static let saveHook = Mutation("saveHook")
  public static let removeHook = Mutation("removeHook")
  public static let redeliverHook = Mutation("redeliverHook")
  public static let testHook = Mutation("testHook")

  /// The mutation and the groups it belongs to, the narrowest first.
  package var lineage: [Mutation] {
    let isTask = name.hasPrefix("save") && name.hasSuffix("Task")
    return isTask ? [self, .saveTask, .any] : [self, .any]
  }

  /// Whether this is a group and no mutation of the schema.
  package var isGroup: Bool { self == .any || self == .saveTask }
}
