import WorkflowEngine

/// The keys of work that belongs to something else: there is one of each at most.
public enum WorkKey {
  /// The job or the timer that a work item waits for.
  public static func item(_ id: EntityID) -> String { "item:\(id)" }
  public static func deadline(of id: EntityID) -> String { "deadline:\(id)" }
  public static func unsnooze(_ id: EntityID) -> String { "unsnooze:\(id)" }
  /// The clock that starts cases of a workflow.
  public static func start(workflow: String, task: String) -> String { "start:\(workflow):\(task)" }
  public static func delivery(of signal: EntityID, to catcher: EntityID) -> String { "signal:\(signal):\(catcher)" }
}
