/// A workflow as the engine needs it: where cases start and what follows what.
public struct WorkflowDefinition: Sendable {
  public var slug: String
  /// In declared order, which is the order in which their work items appear.
  public var startTasks: [String]
  public private(set) var flows: [FlowDefinition]
  public var compatibility: Compatibility
  public var versioning: Versioning = .live
  /// Published and not archived: only then signals and clocks start cases. Who names the workflow may always start one.
  public var startsByItself = true
  /// From a task to the place of its flow in `flows`.
  private var flowOfTask: [String: Int]
  /// From a task to the expression of the tasks that may be redone while this task is ready.
  private var redoableOfTask: [String: String]

  /// - Parameter redoable: from a task to its `redoable` expression, for tasks that have one.
  public init(
    slug: String, startTasks: [String], flows: [FlowDefinition], redoable: [String: String] = [:],
    compatibility: Compatibility = .exact
  ) {
    self.slug = slug
    self.startTasks = startTasks
    self.flows = flows
    self.compatibility = compatibility
    self.redoableOfTask = redoable
    self.flowOfTask = [:]
    for (index, flow) in flows.enumerated() {
      for task in flow.tasks { flowOfTask[task] = index }
    }
  }

  /// The flow that leads on from a task; a task without one ends its branch.
  public func flow(of task: String) -> FlowDefinition? {
    flowOfTask[task].map { flows[$0] }
  }

  /// The expression of the tasks that may be redone while `task` is ready.
  public func redoable(of task: String) -> String? { redoableOfTask[task] }
}
