/// The stored types whose rows can be hidden.
public enum StoredType: String, Hashable, Sendable, CaseIterable {
  case workflow = "Workflow"
  case task = "Task"
  case flow = "Flow"
  case `case` = "Case"
  case workItem = "WorkItem"
  case hook = "Hook"
  /// Has no rules of its own: a delivery is visible where its hook, case and work item are.
  case hookDelivery = "HookDelivery"
  /// Has no rules of its own: a job is visible where its case and work item are.
  case job = "Job"

  package var table: String {
    switch self {
    case .workflow: "workflows"
    case .task: "tasks"
    case .flow: "flows"
    case .case: "cases"
    case .workItem: "work_items"
    case .hook: "hooks"
    case .hookDelivery: "hook_deliveries"
    case .job: "scheduled_work"
    }
  }

  /// The column of the primary key.
  package var key: String {
    switch self {
    case .workflow, .task: "slug"
    case .flow, .case, .workItem, .hook, .hookDelivery, .job: "id"
    }
  }

  /// Columns with the keys of what has to be visible for a row to be, unless they are null.
  var subjects: [(column: String, link: VisibilityLink)] {
    func subject(_ column: String, _ type: StoredType) -> (column: String, link: VisibilityLink) {
      (column, VisibilityLink(kind: type, condition: "{other}.\(type.key) = {this}.\(column)"))
    }
    switch self {
    case .hook:
      return [
        subject("workflow", .workflow), subject("task", .task), subject("case_id", .case), subject("source", .task),
        subject("destination", .task),
      ]
    case .hookDelivery:
      return [subject("hook", .hook), subject("case_id", .case), subject("work_item", .workItem)]
    case .job: return [subject("case_id", .case), subject("work_item", .workItem)]
    case .workflow, .task, .flow, .case, .workItem:
      return []
    }
  }

  var hasRules: Bool { self != .hookDelivery && self != .job }

  package var hasTextKey: Bool { key == "slug" }
}
