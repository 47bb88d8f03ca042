import Postgres
import WorkflowEngine

/// Reads and writes `scheduled_work`. All times but those that are given are the database's.
///
/// A claim is a lease: the row comes back by itself when the lease is over. Each claim has a larger `fence`, and only
/// who has the last one can finish the work. A row's lock is only ever taken last, after the family's.
public enum WorkQueue {
  /// A kind of work that somebody can do.
  public struct Topic: Sendable, Hashable {
    public var kind: QueuedWork.Kind
    public var handler: String

    public init(_ kind: QueuedWork.Kind, _ handler: String) {
      self.kind = kind
      self.handler = handler
    }
  }

  /// Work with the claim that it was done under.
  public struct Claim: Sendable, Hashable {
    public var id: EntityID
    public var fence: Int64

    public init(id: EntityID, fence: Int64) {
      self.id = id
      self.fence = fence
    }

    public init(_ work: QueuedWork) {
      self.init(id: work.id, fence: work.fence)
    }
  }

  // MARK: Adding

  private static let columnsOfNew = """
    (id, kind, handler, key, work_item, case_id, family, payload, priority, max_attempts, due_at, created_at)
    select w.id, w.kind, w.handler, w.key, w.work_item::uuid, w.case_id::uuid, w.family::uuid, w.payload::jsonb,
    w.priority, w.max_attempts,
    case when w.due = 0 then now() else timestamptz 'epoch' + w.due * interval '1 microsecond' end, now()
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::smallint[], $10::int[], $11::bigint[])
    as w (id, kind, handler, key, work_item, case_id, family, payload, priority, max_attempts, due)
    """
  private static let insert = SQL(
    "insert into scheduled_work \(columnsOfNew) on conflict (key) where key is not null do nothing returning id")
  // The row keeps its id, by which others tell repetitions, and the fence, by which whoever is at it finds its claim
  // lost.
  private static let replace = SQL(
    """
    insert into scheduled_work \(columnsOfNew)
    on conflict (key) where key is not null do update set kind = excluded.kind, handler = excluded.handler,
    payload = excluded.payload, priority = excluded.priority, max_attempts = excluded.max_attempts,
    due_at = excluded.due_at, state = 'pending', worker = null, failed_at = null, fence = scheduled_work.fence + 1
    """)

  /// Adds work; nobody sees it before the transaction is committed. Where there is work with the same key, that stays.
  ///
  /// - Returns: the ids of what was added, one per row.
  @discardableResult
  public static func add(_ work: [QueuedWork], in transaction: Transaction) -> PendingRows? {
    work.isEmpty ? nil : transaction.send(insert, parameters(work))
  }

  /// Adds work in place of what has the same key. What was done under a claim of that is undone.
  public static func replace(_ work: [QueuedWork], in transaction: Transaction) {
    if !work.isEmpty { transaction.send(replace, parameters(work)) }
  }

  private static func parameters(_ work: [QueuedWork]) -> Parameters {
    var parameters = Parameters()
    parameters.append(work.map(\.id.uuid))
    parameters.append(work.map(\.kind.rawValue))
    parameters.append(work.map(\.handler))
    parameters.append(work.map(\.key))
    parameters.append(work.map { $0.workItem?.description })
    parameters.append(work.map { $0.caseID?.description })
    parameters.append(work.map { $0.family?.description })
    parameters.append(work.map(\.payload))
    parameters.append(work.map(\.priority.rawValue))
    parameters.append(work.map(\.maxAttempts))
    parameters.append(work.map { $0.dueAt ?? 0 })
    return parameters
  }

  private static let removeKeys: SQL = "delete from scheduled_work where key = any($1)"

  /// Forgets the work with these keys; whoever is at it finds its claim lost.
  public static func remove(keys: [String], in transaction: Transaction) {
    guard !keys.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(keys)
    transaction.send(removeKeys, parameters)
  }

  // MARK: Claiming

  static let columns = """
    w.id, w.kind, w.handler, w.work_item, w.case_id, w.family, w.payload, w.priority, w.max_attempts, w.attempts,
    w.fence
    """

  // One range of the index for each topic and priority, so that what is due later is never read. The loop stops at
  // the limit, before further rows are locked.
  private static let claim = SQL(
    """
    with claimed as materialized (
    select due.id from unnest($1::text[], $2::text[], $3::smallint[]) as topic (kind, handler, priority)
    cross join lateral (
    select w.id from scheduled_work w
    where w.kind = topic.kind and w.handler = topic.handler and w.priority = topic.priority
    and w.state = 'pending' and w.due_at <= now()
    order by w.due_at limit $4 for update skip locked) due limit $4)
    update scheduled_work w set fence = w.fence + 1, attempts = w.attempts + 1, worker = $5,
    due_at = now() + $6 * interval '1 millisecond', lease_token = $7
    from claimed where w.id = claimed.id
    returning \(columns)
    """)

  /// Claims due work for a time; what another worker is just claiming is passed over. High priorities first.
  ///
  /// - Parameters:
  ///   - lease: milliseconds; who has not finished or renewed it by then may lose it.
  ///   - token: by which a worker outside of the server names the claim.
  public static func claim(
    _ topics: [Topic], limit: Int, worker: String, lease: Int64, token: EntityID? = nil, in transaction: Transaction
  ) async throws(PostgresError) -> [QueuedWork] {
    guard !topics.isEmpty, limit > 0 else { return [] }
    var parameters = Self.parameters(topics)
    parameters.append(Int64(limit))
    parameters.append(worker)
    parameters.append(Double(lease))
    parameters.append(token?.uuid)
    let rows = try await transaction.query(claim, parameters)
    return (0..<rows.count).compactMap { work(rows, $0) }.sorted { $0.priority > $1.priority }
  }

  private static func parameters(_ topics: [Topic]) -> Parameters {
    let priorities = QueuedWork.Priority.allCases.sorted(by: >)
    var parameters = Parameters()
    parameters.append(priorities.flatMap { _ in topics.map(\.kind.rawValue) })
    parameters.append(priorities.flatMap { _ in topics.map(\.handler) })
    parameters.append(priorities.flatMap { priority in topics.map { _ in priority.rawValue } })
    return parameters
  }

  private static func work(_ rows: Rows, _ row: Int) -> QueuedWork? {
    guard let kind = QueuedWork.Kind(rawValue: rows.text(row, 1)) else { return nil }
    return QueuedWork(
      id: EntityID(rows.uuid(row, 0)), kind: kind, handler: rows.text(row, 2), workItem: rows.optionalID(row, 3),
      caseID: rows.optionalID(row, 4), family: rows.optionalID(row, 5), payload: rows.json(row, 6),
      priority: QueuedWork.Priority(rawValue: rows.int16(row, 7)) ?? .normal, maxAttempts: rows.int32(row, 8),
      attempts: rows.int32(row, 9), fence: rows.int64(row, 10))
  }

  private static let nextDue: SQL = """
    select case when count(*) > 0
      then greatest(0, ceil(extract(epoch from min(due.due_at) - now()) * 1000)) end::bigint
    from unnest($1::text[], $2::text[], $3::smallint[]) as topic (kind, handler, priority)
    cross join lateral (
    select w.due_at from scheduled_work w
    where w.kind = topic.kind and w.handler = topic.handler and w.priority = topic.priority and w.state = 'pending'
    order by w.due_at limit 1) due
    """

  /// Milliseconds until work of these topics is due, or the lease of somebody who has it is over; nil when there is
  /// none.
  public static func nextDue(
    _ topics: [Topic], in transaction: Transaction
  ) async throws(PostgresError) -> Int64? {
    guard !topics.isEmpty else { return nil }
    let rows = try await transaction.query(nextDue, parameters(topics))
    return rows.count == 0 || rows.isNull(0, 0) ? nil : rows.int64(0, 0)
  }

  // MARK: Finishing

  private static func parameters(_ claims: [Claim]) -> Parameters {
    var parameters = Parameters()
    parameters.append(claims.map(\.id.uuid))
    parameters.append(claims.map(\.fence))
    return parameters
  }

  private static let finish: SQL = """
    delete from scheduled_work w using unnest($1::uuid[], $2::bigint[]) as done (id, fence)
    where w.id = done.id and w.fence = done.fence and w.state = 'pending'
    """

  /// Takes finished work away.
  ///
  /// - Returns: how many claims were still good. What was done under a lost claim has to be undone.
  public static func finish(
    _ claims: [Claim], in transaction: Transaction
  ) async throws(PostgresError) -> Int {
    guard !claims.isEmpty else { return 0 }
    return try await transaction.query(finish, parameters(claims)).affectedRows
  }

  private static let extend: SQL = """
    update scheduled_work w set due_at = now() + $3 * interval '1 millisecond'
    from unnest($1::uuid[], $2::bigint[]) as held (id, fence)
    where w.id = held.id and w.fence = held.fence and w.state = 'pending' and w.worker is not null
    """

  /// Renews the leases of claims.
  ///
  /// - Returns: how many claims were still good.
  public static func extend(
    _ claims: [Claim], lease: Int64, in transaction: Transaction
  ) async throws(PostgresError) -> Int {
    guard !claims.isEmpty else { return 0 }
    var parameters = parameters(claims)
    parameters.append(Double(lease))
    return try await transaction.query(extend, parameters).affectedRows
  }

  private static let postpone: SQL = """
    update scheduled_work set due_at = now() + $3 * interval '1 millisecond', worker = null, error_code = $4,
    last_error = $5, attempts = attempts - $6 where id = $1 and fence = $2 and state = 'pending'
    """

  /// Gives work back until its next attempt.
  ///
  /// - Parameters:
  ///   - pause: milliseconds.
  ///   - uncounted: whether the attempt was none.
  /// - Returns: whether the claim was still good.
  public static func postpone(
    _ claim: Claim, by pause: Int64, code: String?, message: String?, uncounted: Bool = false,
    in transaction: Transaction
  ) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(claim.id.uuid)
    parameters.append(claim.fence)
    parameters.append(Double(pause))
    parameters.append(code)
    parameters.append(message)
    parameters.append(Int32(uncounted ? 1 : 0))
    return try await transaction.query(postpone, parameters).affectedRows > 0
  }

  private static let bury: SQL = """
    update scheduled_work set state = 'dead', worker = null, error_code = $3, last_error = $4,
    failed_at = clock_timestamp() where id = $1 and fence = $2 and state = 'pending' and worker is not null
    """

  /// Makes an incident of work whose attempts have all failed.
  ///
  /// - Returns: whether the claim was still good.
  public static func bury(
    _ claim: Claim, code: String?, message: String?, in transaction: Transaction
  ) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(claim.id.uuid)
    parameters.append(claim.fence)
    parameters.append(code)
    parameters.append(message)
    return try await transaction.query(bury, parameters).affectedRows > 0
  }

  private static let buryWithItem: SQL = """
    insert into scheduled_work (id, kind, handler, key, work_item, case_id, family, payload, priority, max_attempts,
    attempts, fence, state, error_code, last_error, due_at, created_at, failed_at)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'dead', error_code, error_message, now(), now(),
    clock_timestamp() from work_items where id = $5 and status = 'error'
    on conflict (key) where key is not null do update set id = excluded.id, kind = excluded.kind,
    handler = excluded.handler, payload = excluded.payload, priority = excluded.priority,
    max_attempts = excluded.max_attempts, attempts = excluded.attempts, fence = excluded.fence, state = 'dead',
    worker = null, error_code = excluded.error_code, last_error = excluded.last_error, failed_at = excluded.failed_at
    """

  /// Makes an incident of a job whose work item has failed with it, also when the item has let it go.
  ///
  /// - Returns: whether the item has failed.
  public static func buryWithItem(
    _ work: QueuedWork, in transaction: Transaction
  ) async throws(PostgresError) -> Bool {
    guard let item = work.workItem else { return false }
    var parameters = Parameters()
    parameters.append(work.id.uuid)
    parameters.append(work.kind.rawValue)
    parameters.append(work.handler)
    parameters.append(WorkKey.item(item))
    parameters.append(item.uuid)
    parameters.append(work.caseID?.uuid)
    parameters.append(work.family?.uuid)
    parameters.append(json: work.payload)
    parameters.append(work.priority.rawValue)
    parameters.append(work.maxAttempts)
    parameters.append(work.attempts)
    parameters.append(work.fence)
    return try await transaction.query(buryWithItem, parameters).affectedRows > 0
  }

  private static let revive: SQL = """
    update scheduled_work set state = 'pending', due_at = now(), attempts = 0, failed_at = null, worker = null
    where id = $1
    """

  /// Has dead work tried again, or work that waits for its next attempt tried at once.
  public static func revive(_ id: EntityID, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(id.uuid)
    transaction.send(revive, parameters)
  }

  private static let idle = SQL(
    "select \(columns), w.state = 'dead' from scheduled_work w where w.id = $1 and w.worker is null for update")

  /// Work that nobody is at, which waits for this transaction, and whether it is dead.
  public static func idle(
    _ id: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> (work: QueuedWork, isDead: Bool)? {
    var parameters = Parameters()
    parameters.append(id.uuid)
    let rows = try await transaction.query(idle, parameters)
    guard rows.count > 0, let work = work(rows, 0) else { return nil }
    return (work, rows.bool(0, 11))
  }

  private static let leased = SQL(
    """
    select \(columns) from scheduled_work w
    where w.id = $1 and w.lease_token = $2 and w.state = 'pending' and w.worker is not null
    """)

  /// The work of a claim by a worker outside of the server; nil when the claim is lost.
  public static func leased(
    _ id: EntityID, token: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> QueuedWork? {
    var parameters = Parameters()
    parameters.append(id.uuid)
    parameters.append(token.uuid)
    let rows = try await transaction.query(leased, parameters)
    return rows.count > 0 ? work(rows, 0) : nil
  }

  private static let familyOf: SQL = "select family from scheduled_work where id = $1"

  /// The family that work belongs to; nil where there is none.
  public static func family(
    of id: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> EntityID? {
    var parameters = Parameters()
    parameters.append(id.uuid)
    let rows = try await transaction.query(familyOf, parameters)
    return rows.count > 0 ? rows.optionalID(0, 0) : nil
  }

  private static let hold: SQL = """
    select clock_timestamp() from scheduled_work where id = $1 and fence = $2 and state = 'pending' for update
    """

  /// Keeps a claim good until the transaction ends.
  ///
  /// - Returns: the database's time; nil when the claim is lost.
  public static func hold(
    _ claim: Claim, in transaction: Transaction
  ) async throws(PostgresError) -> Timestamp? {
    var parameters = Parameters()
    parameters.append(claim.id.uuid)
    parameters.append(claim.fence)
    let rows = try await transaction.query(hold, parameters)
    return rows.count > 0 ? rows.timestamp(0, 0) : nil
  }

  private static let discard: SQL = "delete from scheduled_work where id = $1 and worker is null"

  /// Takes work away that nobody is at.
  ///
  /// - Returns: whether there was such work.
  public static func discard(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(id.uuid)
    return try await transaction.query(discard, parameters).affectedRows > 0
  }
}
