/// The workflows and tasks that a command may meet.
public struct Definitions: Sendable {
  public private(set) var workflows: [String: WorkflowDefinition] = [:]
  public private(set) var tasks: [String: TaskDefinition] = [:]

  public init(workflows: [WorkflowDefinition] = [], tasks: [TaskDefinition] = []) {
    for workflow in workflows { insert(workflow) }
    for task in tasks { insert(task) }
  }

  public mutating func insert(_ workflow: WorkflowDefinition) { workflows[workflow.slug] = workflow }
  public mutating func insert(_ task: TaskDefinition) { tasks[task.slug] = task }

  public func workflow(_ slug: String) -> WorkflowDefinition? { workflows[slug] }
  public func task(_ slug: String) -> TaskDefinition? { tasks[slug] }
}
