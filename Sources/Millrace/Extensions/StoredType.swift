/// The stored types whose rows can be hidden.
public enum StoredType: String, Hashable, Sendable, CaseIterable {
  case workflow = "Workflow"
  case task = "Task"
  case flow = "Flow"
  case `case` = "Case"
  case workItem = "WorkItem"

  package var table: String {
    switch self {
    case .workflow: "workflows"
    case .task: "tasks"
    case .flow: "flows"
    case .case: "cases"
    case .workItem: "work_items"
    }
  }

  /// The column of the primary key.
  package var key: String {
    switch self {
    case .workflow, .task: "slug"
    case .flow, .case, .workItem: "id"
    }
  }

  package var hasTextKey: Bool { key == "slug" }
}
