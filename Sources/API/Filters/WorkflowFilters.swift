import GraphQL
import Millrace

/// The filters and orders of the workflow half.
enum WorkflowFilters {
  static let workflow = FilterSet(
    keys: FilterSet.audit, FilterSet.meta, [
      "slug": FilterSet.text("t.slug"),
      "name": FilterSet.localized("t.name"),
      "description": FilterSet.localized("t.description"),
      "isPublished": FilterSet.boolean("t.is_published"),
      "isArchived": FilterSet.boolean("t.is_archived"),
      "search": FilterSet.search(["t.slug", "l:t.name", "l:t.description"]),
    ])

  static let task = FilterSet(
    keys: FilterSet.audit, FilterSet.meta, [
      "slug": FilterSet.text("t.slug"),
      "slugs": FilterSet.slugs("t.slug"),
      "name": FilterSet.localized("t.name"),
      "description": FilterSet.localized("t.description"),
      "type": FilterSet.enumeration("t.type"),
      "isArchived": FilterSet.boolean("t.is_archived"),
      "search": FilterSet.search(["t.slug", "l:t.name", "l:t.description"]),
    ])

  static let flow = FilterSet(
    keys: FilterSet.audit, [
      "task": FilterSet.exists(
        "task_flows f where f.flow = t.id", FilterSet.seen(.task, "f.task", FilterSet.slug("f.task")))
    ])

  static let `case` = FilterSet(
    keys: FilterSet.audit, FilterSet.meta, [
      "workflow": FilterSet.seen(.workflow, "t.workflow", FilterSet.slug("t.workflow")),
      "ids": FilterSet.uuids("t.id"),
      "rootCase": FilterSet.seen(.case, "t.family", FilterSet.uuid("t.family")),
      "status": FilterSet.enumerations("t.status"),
      "excludeChildCases": { (value, _, _) throws(GraphQLError) in value.boolean == true ? "t.family = t.id" : nil },
    ],
    forms(["documentForm", "documentForms", "hasAnswer", "workItemDocumentHasAnswer", "searchAnswers"]))

  static let workItem = FilterSet(
    keys: FilterSet.audit, FilterSet.meta, [
      "status": FilterSet.enumeration("t.status"),
      "name": FilterSet.localized("t.name"),
      "task": FilterSet.seen(.task, "t.task", FilterSet.slug("t.task")),
      "tasks": FilterSet.seen(.task, "t.task", FilterSet.slugs("t.task")),
      "case": FilterSet.seen(.case, "t.case_id", FilterSet.uuid("t.case_id")),
      "createdAt": FilterSet.time("t.created_at", "="),
      "closedAt": FilterSet.time("t.closed_at", "="),
      "modifiedAt": FilterSet.time("t.modified_at", "="),
      "deadline": FilterSet.time("t.deadline", "="),
      "deadlineBefore": FilterSet.time("t.deadline", "<"),
      "deadlineAfter": FilterSet.time("t.deadline", ">="),
      "hasDeadline": { (value, _, _) throws(GraphQLError) in
        value.boolean == true ? "t.deadline is not null" : "t.deadline is null"
      },
      "caseFamily": FilterSet.seen(.case, "t.family", FilterSet.uuid("t.family")),
      "id": FilterSet.uuid("t.id"),
      "addressedGroups": FilterSet.overlap("t.addressed_groups"),
      "controllingGroups": FilterSet.overlap("t.controlling_groups"),
      "assignedUsers": FilterSet.overlap("t.assigned_users"),
      "caseMetaValue": FilterSet.seen(
        .case, "t.case_id",
        FilterSet.exists("cases c where c.id = t.case_id", MetaFilter.condition("c.meta"))),
      "rootCaseMetaValue": FilterSet.seen(
        .case, "t.family", FilterSet.exists("cases c where c.id = t.family", MetaFilter.condition("c.meta"))),
      "workflow": workflow(FilterSet.slug("c.workflow")),
      "workflows": workflow(FilterSet.slugs("c.workflow")),
      "statuses": FilterSet.enumerations("t.status"),
    ], forms(["documentHasAnswer", "caseDocumentHasAnswer", "caseDocumentForms", "caseSearchAnswers"]))

  /// What has to hold of the workflow of an item's case.
  private static func workflow(_ condition: @escaping FilterSet.Condition) -> FilterSet.Condition {
    FilterSet.seen(
      .case, "t.case_id",
      FilterSet.exists("cases c where c.id = t.case_id", FilterSet.seen(.workflow, "c.workflow", condition)))
  }

  private static func forms(_ keys: [String]) -> [String: FilterSet.Condition] {
    Dictionary(uniqueKeysWithValues: keys.map(FilterSet.needsForms))
  }
}

enum WorkflowOrders {
  private static let audit: [String: OrderKey] = ["CREATED_AT": "t.created_at", "MODIFIED_AT": "t.modified_at"]
  // Without documents all rows are equal by the name of their form.
  private static let noForm: OrderKey = "null::text"
  // The texts of all languages, in the order of the languages' names.
  private static let texts: [String: OrderKey] = ["NAME": "t.name", "DESCRIPTION": "t.description"]

  static let workflow = OrderSet(
    attributes: audit, texts,
    [
      "ALLOW_ALL_FORMS": "t.allow_all_forms", "IS_ARCHIVED": "t.is_archived", "IS_PUBLISHED": "t.is_published",
      "SLUG": "t.slug",
    ])

  static let task = OrderSet(
    attributes: audit, texts,
    ["LEAD_TIME": "t.lead_time", "TYPE": "t.type", "IS_ARCHIVED": "t.is_archived", "SLUG": "t.slug"])

  static let flow = OrderSet(
    attributes: audit, [
      "TASK": .related(.task, rows: "task_flows f where f.flow = t.id", column: "f.task", value: "min(f.task)")
    ], metaColumns: [:])

  static let `case` = OrderSet(attributes: audit, ["STATUS": "t.status", "DOCUMENT__FORM__NAME": noForm])

  static let workItem = OrderSet(
    attributes: audit, texts,
    [
      "CLOSED_AT": "t.closed_at", "DEADLINE": "t.deadline", "STATUS": "t.status", "SLUG": .reference(.task, "t.task"),
      "CASE__DOCUMENT__FORM__NAME": noForm,
    ],
    metaColumns: ["meta": "t.meta", 
      "caseMeta": .related(.case, rows: "cases c where c.id = t.case_id", column: "c.id", value: "c.meta"),
    ])
}
