import GraphQL
import Millrace

/// The filters and orders of jobs and timers.
enum JobFilters {
  static let job = FilterSet(
    keys: [
      "kind": FilterSet.enumeration("t.kind"),
      "handler": FilterSet.text("t.handler"),
      "status": FilterSet.enumerations("(\(Entities.status))"),
      "workItem": FilterSet.seen(.workItem, "t.work_item", FilterSet.uuid("t.work_item")),
      "case": FilterSet.seen(.case, "t.case_id", FilterSet.uuid("t.case_id")),
      "caseFamily": FilterSet.seen(.case, "t.family", FilterSet.uuid("t.family")),
      "createdBefore": FilterSet.time("t.created_at", "<"),
      "createdAfter": FilterSet.time("t.created_at", ">="),
    ])

  static let dashboard = FilterSet(
    keys: [
      "workflow": FilterSet.seen(.workflow, "t.workflow", FilterSet.slug("t.workflow")),
      "workflows": FilterSet.seen(.workflow, "t.workflow", FilterSet.slugs("t.workflow")),
      "task": FilterSet.seen(.task, "t.task", FilterSet.slug("t.task")),
    ])

  static let orders = OrderSet(
    attributes: ["CREATED_AT": "t.created_at", "DUE_AT": "t.due_at", "FAILED_AT": "t.failed_at"], metaColumns: [:])
}
