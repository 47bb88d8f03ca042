/// The stored types of the workflow half.
enum Entities {
  static let workflow = Entity(
    name: "Workflow", table: "workflows", key: "slug", keyType: .text,
    columns: audit + [
      Column(name: "id", sql: "'Workflow:' || t.slug", kind: .encodedID),
      Column(name: "slug", sql: "t.slug", kind: .text),
      Column(name: "name", sql: "t.name", kind: .localized),
      Column(name: "description", sql: "t.description", kind: .localized),
      Column(name: "meta", sql: "t.meta", kind: .json),
      Column(name: "isPublished", sql: "t.is_published", kind: .boolean),
      Column(name: "isArchived", sql: "t.is_archived", kind: .boolean),
      Column(name: "compat", sql: "t.compatibility", kind: .enumeration),
      Column(name: "allowAllForms", sql: "t.allow_all_forms", kind: .boolean),
      Column(name: "versioning", sql: "t.versioning", kind: .enumeration),
      Column(
        name: "publishedVersion",
        sql: "(select max(v.number)::integer from workflow_versions v where v.workflow = t.slug)",
        kind: .integer),
    ])

  static let task = Entity(
    name: "Task", table: "tasks", key: "slug", keyType: .text,
    columns: audit + [
      Column(name: "id", sql: taskID, kind: .encodedID),
      Column(name: "slug", sql: "t.slug", kind: .text),
      Column(name: "type", sql: "t.type", kind: .enumeration),
      Column(
        name: "concreteType",
        sql:
          "case when t.type in ('simple', 'complete_workflow_form', 'complete_task_form') then t.type else 'node' end",
        kind: .text),
      Column(name: "definition", sql: "t.node", kind: .json),
      Column(name: "name", sql: "t.name", kind: .localized),
      Column(name: "description", sql: "t.description", kind: .localized),
      Column(name: "meta", sql: "t.meta", kind: .json),
      Column(name: "addressGroups", sql: "t.address_groups", kind: .text),
      Column(name: "controlGroups", sql: "t.control_groups", kind: .text),
      Column(name: "isArchived", sql: "t.is_archived", kind: .boolean),
      Column(name: "leadTime", sql: "t.lead_time", kind: .integer),
      Column(name: "isMultipleInstance", sql: "t.is_multiple_instance", kind: .boolean),
      Column(name: "continueAsync", sql: "t.continue_async", kind: .boolean),
      Column(name: "form", sql: "t.form", kind: .text),
    ],
    types: [
      (value: "simple", type: "SimpleTask"),
      (value: "complete_workflow_form", type: "CompleteWorkflowFormTask"),
      (value: "complete_task_form", type: "CompleteTaskFormTask"),
      (value: "node", type: "NodeTask"),
    ])

  static let flow = Entity(
    name: "Flow", table: "flows", key: "id", keyType: .uuid,
    columns: audit + [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "Flow")),
      Column(name: "key", sql: "t.id", kind: .uuid),
      Column(name: "next", sql: "t.next", kind: .text),
    ])

  static let `case` = Entity(
    name: "Case", table: "cases", key: "id", keyType: .uuid,
    columns: audit + closed + [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "Case")),
      Column(name: "key", sql: "t.id", kind: .uuid),
      Column(name: "familyKey", sql: "t.family", kind: .uuid),
      Column(name: "workflowKey", sql: "t.workflow", kind: .text),
      Column(name: "status", sql: "t.status", kind: .enumeration),
      Column(name: "meta", sql: "t.meta", kind: .json),
      Column(name: "version", sql: "t.version::integer", kind: .integer),
      Column(name: "data", sql: "t.data", kind: .json),
      Column(name: "workflowVersion", sql: "t.workflow_version::integer", kind: .integer),
      Column(name: "outcome", sql: "t.outcome", kind: .enumeration),
      Column(name: "errorCode", sql: "t.error_code", kind: .text),
      Column(
        name: "parentKey", sql: "coalesce(t.parent_item, (select i.id from work_items i where i.child_case = t.id))",
        kind: .uuid),
      Column(
        name: "lastEventSeq", sql: "\(lastEvent)::integer", kind: .integer,
        forRestricted: TimelineVisibility.seenEvents),
    ])

  static let workItem = Entity(
    name: "WorkItem", table: "work_items", key: "id", keyType: .uuid,
    columns: audit + closed + [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "WorkItem")),
      Column(name: "key", sql: "t.id", kind: .uuid),
      Column(name: "taskKey", sql: "t.task", kind: .text),
      Column(name: "caseKey", sql: "t.case_id", kind: .uuid),
      Column(name: "childCaseKey", sql: "t.child_case", kind: .uuid),
      Column(name: "previousWorkItemKey", sql: "t.previous_work_item", kind: .uuid),
      Column(name: "name", sql: "t.name", kind: .localized),
      Column(name: "description", sql: "t.description", kind: .localized),
      Column(name: "status", sql: "t.status", kind: .enumeration),
      Column(name: "deadline", sql: "t.deadline", kind: .timestamp),
      Column(name: "snoozedUntil", sql: "t.snoozed_until", kind: .timestamp),
      Column(name: "meta", sql: "t.meta", kind: .json),
      Column(name: "version", sql: "t.version::integer", kind: .integer),
      Column(name: "addressedGroups", sql: "t.addressed_groups", kind: .textArray),
      Column(name: "controllingGroups", sql: "t.controlling_groups", kind: .textArray),
      Column(name: "assignedUsers", sql: "t.assigned_users", kind: .textArray),
      Column(name: "token", sql: "to_jsonb(coalesce(t.token, '{}'))", kind: .json),
      Column(name: "iteration", sql: "coalesce(t.iteration, 0)", kind: .integer),
      Column(name: "data", sql: "t.data", kind: .json),
      Column(name: "closedReason", sql: "t.closed_reason", kind: .enumeration),
      Column(name: "assignedAt", sql: "t.assigned_at", kind: .timestamp),
      Column(name: "startedAt", sql: "t.started_at", kind: .timestamp),
      Column(name: "preparedAt", sql: "t.prepared_at", kind: .timestamp),
      Column(name: "scheduledAt", sql: "t.scheduled_at", kind: .timestamp),
      Column(name: "attempts", sql: "coalesce(t.attempts, 0)", kind: .integer),
      Column(name: "errorCode", sql: "t.error_code", kind: .text),
      Column(name: "errorMessage", sql: "t.error_message", kind: .text),
      Column(name: "revivedFromKey", sql: "t.revived_from", kind: .uuid),
      Column(name: "hostKey", sql: "t.host", kind: .uuid),
    ])

  /// The number of the last event of the family of a row `t`.
  static let lastEvent = "coalesce((select max(e.seq) from events e where e.family = t.family), 0)"

  /// Without a table: a list in the row of its case or work item.
  static let artifact = Entity(
    name: "Artifact", table: "", key: "name", keyType: .text,
    columns: ["name", "type", "key", "url"].map { Column(name: $0, sql: "t.\($0)", kind: .text) })

  static let caseEvent = Entity(
    name: "CaseEvent", table: "events", key: "seq", keyType: .text,
    columns: told + [
      Column(name: "id", sql: "'CaseEvent:' || t.case_id || ':' || t.seq", kind: .encodedID),
      Column(name: "seq", sql: "t.seq::integer", kind: .integer),
      Column(name: "sender", sql: "t.sender", kind: .text),
      Column(name: "caseKey", sql: "t.case_id", kind: .uuid),
      Column(name: "workItemKey", sql: "t.work_item", kind: .uuid),
      Column(name: "taskKey", sql: "t.task", kind: .text),
    ])

  static let definitionEvent = Entity(
    name: "DefinitionEvent", table: "definition_events", key: "seq", keyType: .text,
    columns: told + [
      Column(name: "id", sql: "'DefinitionEvent:' || t.seq", kind: .encodedID),
      Column(name: "workflowKey", sql: "t.workflow", kind: .text),
      Column(name: "taskKey", sql: "t.task", kind: .text),
    ])

  private static let told = [
    Column(name: "name", sql: "t.name", kind: .text),
    Column(name: "createdAt", sql: "t.created_at", kind: .timestamp),
    Column(name: "createdByUser", sql: "t.actor_user", kind: .text),
    Column(name: "createdByGroup", sql: "t.actor_group", kind: .text),
    Column(name: "data", sql: "t.data", kind: .json),
  ]

  static let audit = [
    Column(name: "createdAt", sql: "t.created_at", kind: .timestamp),
    Column(name: "modifiedAt", sql: "t.modified_at", kind: .timestamp),
    Column(name: "createdByUser", sql: "t.created_by_user", kind: .text),
    Column(name: "createdByGroup", sql: "t.created_by_group", kind: .text),
    Column(name: "modifiedByUser", sql: "t.modified_by_user", kind: .text),
    Column(name: "modifiedByGroup", sql: "t.modified_by_group", kind: .text),
  ]

  private static let closed = [
    Column(name: "closedAt", sql: "t.closed_at", kind: .timestamp),
    Column(name: "closedByUser", sql: "t.closed_by_user", kind: .text),
    Column(name: "closedByGroup", sql: "t.closed_by_group", kind: .text),
  ]

  private static let taskID = """
    case t.type when 'simple' then 'SimpleTask:' when 'complete_workflow_form' then 'CompleteWorkflowFormTask:' \
    when 'complete_task_form' then 'CompleteTaskFormTask:' else 'NodeTask:' end || t.slug
    """
}
