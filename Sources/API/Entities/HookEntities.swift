import GraphQL
import Millrace
import WorkflowStore

extension Entities {
  static let hook = Entity(
    name: "Hook", table: "hooks", key: "id", keyType: .uuid,
    columns: audit + [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "Hook")),
      Column(name: "key", sql: "t.id", kind: .uuid),
      Column(name: "name", sql: "t.name", kind: .text),
      Column(name: "trigger", sql: "t.trigger", kind: .enumeration),
      Column(name: "event", sql: "t.event", kind: .text),
      Column(name: "moment", sql: "t.moment", kind: .enumeration),
      Column(name: "workflowKey", sql: "t.workflow", kind: .text),
      Column(name: "taskKey", sql: "t.task", kind: .text),
      Column(name: "caseKey", sql: "t.case_id", kind: .uuid),
      Column(name: "sourceKey", sql: "t.source", kind: .text),
      Column(name: "destinationKey", sql: "t.destination", kind: .text),
      Column(name: "filter", sql: "t.filter", kind: .text),
      Column(name: "function", sql: "t.function", kind: .text),
      Column(name: "url", sql: "t.url", kind: .text),
      Column(name: "onError", sql: "t.on_error", kind: .enumeration),
      Column(name: "isOrdered", sql: "t.is_ordered", kind: .boolean),
      Column(name: "isEnabled", sql: "t.is_enabled", kind: .boolean),
      Column(name: "disabledReason", sql: "t.disabled_reason", kind: .text),
      Column(name: "version", sql: "t.version::int", kind: .integer),
      Column(name: "removedAt", sql: "t.removed_at", kind: .timestamp),
    ],
    elsewhere: { context, builder in
      context.service.hooks.backend.rows.map {
        "jsonb_populate_recordset(null::hooks, \(builder.bind(json: $0.hooks)))"
      }
    })

  static let hookDelivery = Entity(
    name: "HookDelivery", table: "hook_deliveries", key: "id", keyType: .uuid,
    columns: [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "HookDelivery")),
      Column(name: "hookKey", sql: "t.hook", kind: .uuid),
      Column(name: "event", sql: "t.event", kind: .text),
      Column(name: "sequence", sql: "t.seq::int", kind: .integer),
      Column(name: "caseKey", sql: "t.case_id", kind: .uuid),
      Column(name: "workItemKey", sql: "t.work_item", kind: .uuid),
      Column(name: "payload", sql: "t.payload", kind: .json),
      Column(name: "status", sql: "t.status", kind: .enumeration),
      Column(name: "attempts", sql: "t.attempts", kind: .integer),
      Column(name: "dueAt", sql: "case when t.status = 'pending' then t.due_at end", kind: .timestamp),
      Column(name: "lastError", sql: "t.last_error", kind: .text),
      Column(name: "responseStatus", sql: "t.response_status", kind: .integer),
      Column(name: "response", sql: "t.response", kind: .text),
      Column(name: "createdAt", sql: "t.created_at", kind: .timestamp),
      Column(name: "finishedAt", sql: "t.finished_at", kind: .timestamp),
    ],
    elsewhere: { context, builder in
      context.service.hooks.backend.rows.map {
        "jsonb_populate_recordset(null::hook_deliveries, \(builder.bind(json: $0.deliveries)))"
      }
    })
}
