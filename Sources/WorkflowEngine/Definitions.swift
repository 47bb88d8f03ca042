/// The workflows and tasks that a command may meet.
public struct Definitions: Sendable {
  public private(set) var workflows: [String: WorkflowDefinition] = [:]
  public private(set) var tasks: [String: TaskDefinition] = [:]
  public private(set) var versions: [WorkflowVersion.Key: WorkflowVersion] = [:]
  /// Whether there is a typed node, or a task that has more than Caluma's fields. Without one nothing is spent on
  /// tokens.
  public private(set) var hasNodes = false

  public init(workflows: [WorkflowDefinition] = [], tasks: [TaskDefinition] = []) {
    for workflow in workflows { insert(workflow) }
    for task in tasks { insert(task) }
  }

  public mutating func insert(_ workflow: WorkflowDefinition) { workflows[workflow.slug] = workflow }

  /// Timers of boundaries have tasks of their own, which come with their host's.
  public mutating func insert(_ task: TaskDefinition) {
    tasks[task.slug] = task
    guard !task.type.isHuman || task.node != nil else { return }
    hasNodes = true
    for timer in task.boundaryTimers { tasks[timer.slug] = timer }
  }

  public mutating func insert(_ version: WorkflowVersion) {
    versions[WorkflowVersion.Key(workflow: version.workflow.slug, number: version.number)] = version
    hasNodes = true
  }

  /// The version that a case is pinned to; nil for one that follows the live definitions.
  func version(of found: Case) -> WorkflowVersion? {
    found.workflowVersion.flatMap { versions[WorkflowVersion.Key(workflow: found.workflow, number: $0)] }
  }

  /// The newest version of a workflow that pins its cases.
  func latestVersion(of workflow: String) -> WorkflowVersion? {
    versions.values.filter { $0.workflow.slug == workflow }.max { $0.number < $1.number }
  }

  public func workflow(_ slug: String) -> WorkflowDefinition? { workflows[slug] }
  public func task(_ slug: String) -> TaskDefinition? { tasks[slug] }
}
