import GraphQL
import Millrace

extension Entities {
  /// The open work items of a task in a workflow's cases, counted.
  static let dashboardColumn = Entity(
    name: "WorkflowDashboardColumn", table: "", key: "id", keyType: .text,
    columns: [
      Column(name: "workflowKey", sql: "t.workflow", kind: .text),
      Column(name: "taskKey", sql: "t.task", kind: .text),
      Column(name: "open", sql: "t.open", kind: .integer),
      Column(name: "unassigned", sql: "t.unassigned", kind: .integer),
      Column(name: "assigned", sql: "t.assigned", kind: .integer),
      Column(name: "overdue", sql: "t.overdue", kind: .integer),
      Column(name: "running", sql: "t.running", kind: .integer),
      Column(name: "failed", sql: "t.failed", kind: .integer),
      Column(name: "oldest", sql: "t.created_at", kind: .timestamp),
    ],
    elsewhere: { context, builder in
      let seen = [(StoredType.workItem, "w"), (.case, "c")].compactMap { type, alias in
        context.visibility.sql(type, alias: alias, &builder).map { " and \($0)" }
      }
      // Columns of one moment come in the order of their names, unless these may be hidden: so it tells nothing of
      // them.
      let isNamed = ![StoredType.workflow, .task].contains(where: context.visibility.isRestricted)
      let id = isNamed ? "c.workflow || '/' || w.task" : "min(w.id::text)"
      return """
        (select \(id) as id, c.workflow, w.task, count(*)::int as open,
        (count(*) filter (where w.status = 'ready' and w.assigned_users = '{}'))::int as unassigned,
        (count(*) filter (where w.status = 'ready' and w.assigned_users <> '{}'))::int as assigned,
        (count(*) filter (where w.deadline < now()))::int as overdue,
        (count(*) filter (where w.status in ('waiting', 'scheduled', 'running')))::int as running,
        (count(*) filter (where w.status = 'error'))::int as failed, min(w.created_at) as created_at
        from work_items w join cases c on c.id = w.case_id
        where w.status in ('ready', 'suspended', 'waiting', 'scheduled', 'running', 'error')\(seen.joined())
        group by c.workflow, w.task)
        """
    })
}
