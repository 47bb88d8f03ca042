import Postgres
import WorkflowEngine

/// Writes what commands want done later.
enum ScheduledWorkStore {
  // Work that is begun again keeps its row, so that who holds the old lease finds it gone: the fence is raised.
  private static let save: SQL = """
    insert into scheduled_work (id, kind, work_item_id, case_id, family_id, handler, due_at, max_attempts)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (work_item_id) do update set kind = excluded.kind, handler = excluded.handler,
    due_at = excluded.due_at, max_attempts = excluded.max_attempts, state = 'queued', lease_until = null,
    fence = scheduled_work.fence + 1
    """
  private static let remove: SQL = "delete from scheduled_work where work_item_id = any($1)"

  /// - Parameter works: by work item; nil for work that is not to be done any more.
  static func write(_ works: [EntityID: ScheduledWork?], in transaction: Transaction) {
    let gone = works.filter { $0.value == nil }.keys.sorted().map(\.uuid)
    if !gone.isEmpty {
      var parameters = Parameters()
      parameters.append(gone)
      transaction.send(remove, parameters)
    }
    for work in works.values.compactMap(\.self).sorted(by: { $0.workItem < $1.workItem }) {
      var identifiers = FamilyIdentifiers(family: work.family)
      var parameters = Parameters()
      parameters.append(identifiers.next().uuid)
      parameters.append(work.kind.rawValue)
      parameters.append(work.workItem.uuid)
      parameters.append(work.caseID.uuid)
      parameters.append(work.family.uuid)
      parameters.append(work.handler)
      parameters.append(Timestamp(microseconds: work.dueAt))
      parameters.append(Int32(clamping: work.maximumAttempts))
      transaction.send(save, parameters)
    }
  }
}
