/// A workflow as it was when it was published: what a pinned case keeps to whatever becomes of the definitions.
public struct WorkflowVersion: Sendable {
  public struct Key: Hashable, Sendable {
    public var workflow: String
    public var number: Int64

    public init(workflow: String, number: Int64) {
      self.workflow = workflow
      self.number = number
    }
  }

  /// Counts from 1.
  public var number: Int64
  public var workflow: WorkflowDefinition
  /// All tasks that can be reached, by slug.
  public var tasks: [String: TaskDefinition]

  public init(number: Int64, workflow: WorkflowDefinition, tasks: [TaskDefinition]) {
    self.number = number
    self.workflow = workflow
    self.tasks = Dictionary(
      (tasks + tasks.flatMap(\.boundaryTimers)).map { ($0.slug, $0) }, uniquingKeysWith: { $1 })
  }
}

/// Which definitions a workflow's new cases keep to; raw values are what the database stores.
public enum Versioning: String, Sendable, CaseIterable {
  /// Those of the moment, always: an edit changes running cases, as in Caluma.
  case live
  /// Those of the newest version when the case began.
  case pinned
}
