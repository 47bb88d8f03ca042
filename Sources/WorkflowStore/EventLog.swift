import Postgres
import WorkflowEngine

/// Reads the log of a family's events.
public enum EventLog {
  // The rows in `data` have the names of the tables' columns.
  private static let events: SQL = {
    func list(_ columns: [String], of table: String) -> String {
      columns.map { "\(table).\($0)" }.joined(separator: ", ")
    }
    return SQL(
      """
      select e.name, e.sender, e.case_id, e.work_item, e.task, e.actor_user, e.actor_group, e.context, e.created_at,
      array(select jsonb_array_elements_text(e.data -> 'items'))::uuid[],
      \(list(FamilyStore.caseColumns, of: "c")), \(list(FamilyStore.workItemColumns, of: "w"))
      from events e
      left join jsonb_populate_record(null::cases, e.data -> 'case') c on e.data ? 'case'
      left join jsonb_populate_record(null::work_items, coalesce(e.data -> 'work_item', e.data -> 'parent')) w
      on e.data ?| array['work_item', 'parent']
      where e.family = $1 order by e.seq
      """)
  }()

  /// All events of a family, in order.
  public static func read(
    _ family: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> [Event] {
    var key = Parameters()
    key.append(family.uuid)
    let rows = try await transaction.query(events, key)
    let firstOfCase = 10
    let firstOfItem = firstOfCase + FamilyStore.caseColumns.count
    return (0..<rows.count).compactMap { row in
      guard let name = EventName(rawValue: rows.text(row, 0)), let sender = Operation(rawValue: rows.text(row, 1))
      else { return nil }
      let item = rows.isNull(row, firstOfItem) ? nil : rows.workItem(row, firstOfItem)
      let told: EventRow? =
        rows.isNull(row, firstOfCase)
        ? item.map { .workItem($0) } : .case(rows.case(row, firstOfCase), parent: item)
      return Event(
        name: name, sender: sender, family: family, caseID: EntityID(rows.uuid(row, 2)),
        workItem: rows.optionalID(row, 3), task: rows.optionalText(row, 4),
        items: rows.uuidArray(row, 9).map { EntityID($0) }, row: told,
        context: rows.isNull(row, 7) ? nil : rows.json(row, 7),
        caller: Caller(user: rows.optionalText(row, 5), group: rows.optionalText(row, 6)),
        time: rows.timestamp(row, 8).microseconds)
    }
  }
}
