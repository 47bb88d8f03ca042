import GraphQL
import Millrace

extension Entities {
  static let job = Entity(
    name: "Job", table: "scheduled_work", key: "id", keyType: .uuid,
    columns: [
      Column(name: "id", sql: "t.id", kind: .globalID(type: "Job")),
      Column(name: "kind", sql: "t.kind", kind: .enumeration),
      Column(name: "handler", sql: "t.handler", kind: .text),
      Column(name: "workItemKey", sql: "t.work_item", kind: .uuid),
      Column(name: "caseKey", sql: "t.case_id", kind: .uuid),
      Column(name: "payload", sql: "t.payload", kind: .json, forRestricted: Column.withheld),
      Column(name: "priority", sql: "t.priority::int", kind: .integer),
      Column(name: "status", sql: status, kind: .enumeration),
      Column(name: "attempts", sql: "t.attempts", kind: .integer),
      Column(name: "maxAttempts", sql: "t.max_attempts", kind: .integer),
      Column(name: "dueAt", sql: "case when \(status) = 'scheduled' then t.due_at end", kind: .timestamp),
      Column(name: "leaseUntil", sql: "case when \(status) = 'running' then t.due_at end", kind: .timestamp),
      Column(name: "worker", sql: "case when \(status) = 'running' then t.worker end", kind: .text),
      Column(name: "errorCode", sql: "t.error_code", kind: .text),
      Column(name: "lastError", sql: "t.last_error", kind: .text),
      Column(name: "createdAt", sql: "t.created_at", kind: .timestamp),
      Column(name: "failedAt", sql: "t.failed_at", kind: .timestamp),
    ])

  /// A claim whose lease is over is nobody's.
  static let status = """
    case when t.state = 'dead' then 'dead' when t.worker is not null and t.due_at > now() then 'running'
    else 'scheduled' end
    """
}
