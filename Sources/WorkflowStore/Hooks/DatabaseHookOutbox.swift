import Postgres
import WorkflowEngine

/// Reads and writes `hook_deliveries`. All times are the database's.
extension DatabaseHookBackend {
  // MARK: Filling

  private static let insert: SQL = """
    insert into hook_deliveries (id, hook, family, seq, event, case_id, work_item, payload, is_ordered, depth, status,
    last_error, due_at, created_at, finished_at)
    select d.id, d.hook, d.family, d.seq, d.event, d.case_id, d.work_item::uuid, d.payload::jsonb, d.is_ordered = 1,
    d.depth, d.status, d.last_error, now(), now(), case when d.status = 'pending' then null else now() end
    from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::uuid[], $7::text[], $8::text[],
    $9::smallint[], $10::smallint[], $11::text[], $12::text[])
    as d (id, hook, family, seq, event, case_id, work_item, payload, is_ordered, depth, status, last_error)
    """

  /// Sends the deliveries of a mutation, with its other writes.
  static func add(_ deliveries: [HookDelivery], in transaction: Transaction) {
    guard !deliveries.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(deliveries.map(\.id.uuid))
    parameters.append(deliveries.map(\.hook.uuid))
    parameters.append(deliveries.map(\.family.uuid))
    parameters.append(deliveries.map { $0.sequence ?? 0 })
    parameters.append(deliveries.map(\.event))
    parameters.append(deliveries.map(\.caseID.uuid))
    parameters.append(deliveries.map { $0.workItem?.description })
    parameters.append(deliveries.map(\.payload))
    parameters.append(deliveries.map { $0.isOrdered ? Int16(1) : 0 })
    parameters.append(deliveries.map(\.depth))
    parameters.append(deliveries.map(\.status.rawValue))
    parameters.append(deliveries.map(\.lastError))
    transaction.send(insert, parameters)
  }

  private static let insertTest: SQL = """
    insert into hook_deliveries (id, hook, family, event, case_id, work_item, payload, is_ordered, depth, status,
    due_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, false, 1, 'pending', now(), now())
    """

  public func addTest(_ delivery: HookDelivery, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(delivery.id.uuid)
    parameters.append(delivery.hook.uuid)
    parameters.append(delivery.family.uuid)
    parameters.append(delivery.event)
    parameters.append(delivery.caseID.uuid)
    parameters.append(delivery.workItem?.uuid)
    parameters.append(json: delivery.payload)
    transaction.send(Self.insertTest, parameters)
  }

  // MARK: Claiming

  public func pending(in database: Database, deadline: UInt64) async throws(PostgresError) -> Int64 {
    try await database.query(Self.pending, deadline: deadline).int64(0, 0)
  }

  private static let pending: SQL = "select count(*) from hook_deliveries where status = 'pending'"

  // Goes from one hook to the next in the index, so that it does not read all that waits.
  private static let waiting = SQL(
    """
    with recursive open (hook) as (
    (select hook from hook_deliveries where status = 'pending' order by hook limit 1)
    union all
    select (select d.hook from hook_deliveries d where d.status = 'pending' and d.hook > open.hook
    order by d.hook limit 1) from open where open.hook is not null)
    select \(columns), greatest(0, ceil(extract(epoch from due.at - now()) * 1000))::bigint
    from open join hooks h on h.id = open.hook
    cross join lateral (select min(d.due_at) as at from hook_deliveries d
    where d.hook = open.hook and d.status = 'pending') due
    where h.is_enabled and h.removed_at is null
    """)

  public func waiting(in transaction: Transaction) async throws(PostgresError) -> [WaitingHook] {
    let rows = try await transaction.query(Self.waiting)
    return (0..<rows.count).compactMap { row in
      Self.hook(rows, row).map { WaitingHook(hook: $0, dueIn: rows.int64(row, Self.columnCount)) }
    }
  }

  private static let deliveryColumns = """
    d.id, d.hook, d.family, d.seq, d.event, d.case_id, d.work_item, d.payload, d.is_ordered, d.depth, d.attempts
    """

  // An ordered delivery is only taken when none before it in its family waits. What another process has locked is
  // under way there.
  private static let claim = SQL(
    """
    with claimed as (
    select due.id from unnest($1::uuid[], $2::int[]) as wanted (hook, count)
    cross join lateral (
    select d.id from hook_deliveries d
    where d.hook = wanted.hook and d.status = 'pending' and d.due_at <= now()
    and (not d.is_ordered or not exists (select 1 from hook_deliveries e
    where e.hook = d.hook and e.family = d.family and e.seq < d.seq and e.status = 'pending'))
    order by d.due_at, d.seq limit wanted.count for update of d skip locked) due)
    update hook_deliveries d set lease_token = $3, attempts = d.attempts + 1,
    due_at = now() + $4 * interval '1 millisecond'
    from claimed where d.id = claimed.id
    returning \(deliveryColumns)
    """)

  public func claim(
    _ wanted: [(hook: EntityID, count: Int)], token: EntityID, lease: Int64, in transaction: Transaction
  ) async throws(PostgresError) -> [HookDelivery] {
    var parameters = Parameters()
    parameters.append(wanted.map(\.hook.uuid))
    parameters.append(wanted.map { Int32(clamping: $0.count) })
    parameters.append(token.uuid)
    parameters.append(Double(lease))
    let rows = try await transaction.query(Self.claim, parameters)
    return (0..<rows.count).map { Self.delivery(rows, $0) }.sorted { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
  }

  private static func delivery(_ rows: Rows, _ row: Int) -> HookDelivery {
    HookDelivery(
      id: EntityID(rows.uuid(row, 0)), hook: EntityID(rows.uuid(row, 1)), family: EntityID(rows.uuid(row, 2)),
      sequence: rows.isNull(row, 3) ? nil : rows.int64(row, 3), event: rows.text(row, 4),
      caseID: EntityID(rows.uuid(row, 5)), workItem: rows.optionalID(row, 6), payload: rows.json(row, 7),
      isOrdered: rows.bool(row, 8), depth: rows.int16(row, 9), attempts: rows.int32(row, 10))
  }

  // MARK: Finishing

  private static let hold = SQL(
    """
    select \(columns) from hook_deliveries d join hooks h on h.id = d.hook
    where d.id = $1 and d.lease_token = $2 and d.status = 'pending' for update of d
    """)

  public func hold(
    _ delivery: EntityID, token: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> Hook? {
    var parameters = Parameters()
    parameters.append(delivery.uuid)
    parameters.append(token.uuid)
    let rows = try await transaction.query(Self.hold, parameters)
    return rows.count > 0 ? Self.hook(rows, 0) : nil
  }

  private static let finish: SQL = """
    update hook_deliveries set status = 'delivered', lease_token = null, last_error = null, response_status = $3,
    response = $4, finished_at = clock_timestamp() where id = $1 and lease_token = $2 and status = 'pending'
    """

  public func finish(
    _ delivery: EntityID, token: EntityID, responseStatus: Int32?, response: String?, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(delivery.uuid)
    parameters.append(token.uuid)
    parameters.append(responseStatus)
    parameters.append(response)
    transaction.send(Self.finish, parameters)
  }

  private static let fail: SQL = """
    update hook_deliveries set status = case when $3::double precision is null then 'dead' else 'pending' end,
    due_at = now() + coalesce($3, 0) * interval '1 millisecond', lease_token = null, last_error = $4,
    response_status = $5, response = $6,
    finished_at = case when $3::double precision is null then clock_timestamp() end
    where id = $1 and lease_token = $2 and status = 'pending'
    """

  public func fail(
    _ delivery: EntityID, token: EntityID, _ failure: HookFailure, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(delivery.uuid)
    parameters.append(token.uuid)
    parameters.append(failure.retryAfter.map(Double.init))
    parameters.append(failure.message)
    parameters.append(failure.responseStatus)
    parameters.append(failure.response)
    transaction.send(Self.fail, parameters)
  }

  private static let release: SQL = """
    update hook_deliveries set due_at = now(), lease_token = null, attempts = attempts - 1
    where id = any($1) and lease_token = $2 and status = 'pending'
    """

  public func release(_ deliveries: [EntityID], token: EntityID, in transaction: Transaction) {
    guard !deliveries.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(deliveries.map(\.uuid))
    parameters.append(token.uuid)
    transaction.send(Self.release, parameters)
  }

  private static let redeliver: SQL = """
    update hook_deliveries d set status = 'pending', due_at = case when d.lease_token is null then now()
    else due_at end,
    attempts = case when d.status = 'pending' then attempts else 0 end, finished_at = null
    from hooks h where d.id = $1 and h.id = d.hook and h.removed_at is null
    """

  public func redeliver(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(id.uuid)
    return try await transaction.query(Self.redeliver, parameters).affectedRows > 0
  }

  /// Deliveries that are forgotten at a time, at most.
  public static let pruneBatch = 5_000

  private static let prune = SQL(
    """
    delete from hook_deliveries where id in (select id from hook_deliveries
    where finished_at < now() - $1 * interval '1 second' limit \(pruneBatch))
    """)

  public func prune(olderThan seconds: Int64, in transaction: Transaction) async throws(PostgresError) -> Int {
    var parameters = Parameters()
    parameters.append(Double(seconds))
    return try await transaction.query(Self.prune, parameters).affectedRows
  }
}
