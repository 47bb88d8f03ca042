/// The types of a task; raw values are what the database stores.
public enum TaskType: String, Sendable, CaseIterable {
  case simple
  case completeWorkflowForm = "complete_workflow_form"
  case completeTaskForm = "complete_task_form"
}
