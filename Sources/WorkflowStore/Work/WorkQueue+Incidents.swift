import Postgres
import WorkflowEngine

extension WorkQueue {
  /// What has failed for good and waits for somebody to decide.
  struct Incident: Sendable {
    /// Of its row, if it has none yet.
    var id: EntityID
    var workItem: EntityID
    var caseID: EntityID
    var family: EntityID
    /// What failed: the item's task.
    var handler: String
    var attempts: Int32
    var code: String?
    var message: String?
  }

  // A job's own row stays what it is, and tells more.
  private static let addIncidents: SQL = """
    insert into scheduled_work (id, kind, handler, key, work_item, case_id, family, max_attempts, attempts, state,
    error_code, last_error, due_at, created_at, failed_at)
    select i.id, 'job', i.handler, i.key, i.work_item, i.case_id, i.family, i.max_attempts, i.attempts, 'dead',
    i.code, i.message, now(), now(), clock_timestamp()
    from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::int[], $8::int[],
    $9::text[], $10::text[]) as i (id, handler, key, work_item, case_id, family, max_attempts, attempts, code, message)
    on conflict (key) where key is not null do update set state = 'dead', kind = 'job', worker = null,
    error_code = excluded.error_code, last_error = excluded.last_error,
    failed_at = coalesce(scheduled_work.failed_at, excluded.failed_at)
    """

  /// Lists what has failed, once for each work item.
  static func add(_ incidents: [Incident], in transaction: Transaction) {
    guard !incidents.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(incidents.map(\.id.uuid))
    parameters.append(incidents.map(\.handler))
    parameters.append(incidents.map { WorkKey.item($0.workItem) })
    parameters.append(incidents.map(\.workItem.uuid))
    parameters.append(incidents.map(\.caseID.uuid))
    parameters.append(incidents.map(\.family.uuid))
    parameters.append(incidents.map { max(1, $0.attempts) })
    parameters.append(incidents.map(\.attempts))
    parameters.append(incidents.map(\.code))
    parameters.append(incidents.map(\.message))
    transaction.send(addIncidents, parameters)
  }
}
