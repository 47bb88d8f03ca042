import Postgres
import WorkflowEngine

/// Signals and messages, and who waits for them.
///
/// A signal meets a catch in one of two ways: whoever is stored second finds the other. A lock on the name keeps the
/// two from passing each other unseen. Either way the meeting is a row of `scheduled_work`, which is committed with
/// what came second and delivered after it.
public enum SignalStore {
  public enum Kind: String, Sendable, CaseIterable {
    /// Reaches everything that waits for it.
    case signal
    /// Reaches one.
    case message
  }

  public struct Signal: Sendable, Hashable, Identifiable {
    public var id: EntityID
    public var kind: Kind
    public var name: String
    /// Nil reaches catches of every key.
    public var correlation: String?
    /// JSON text.
    public var payload: String
    /// The sender's own name for it; the same one is taken once.
    public var messageID: String?
    /// Seconds for which it waits for catches that come later.
    public var timeToLive: Int64
    /// Whose catches have got it already.
    public var exceptFamily: EntityID?

    public init(
      id: EntityID, kind: Kind, name: String, correlation: String? = nil, payload: String = "{}",
      messageID: String? = nil, timeToLive: Int64, exceptFamily: EntityID? = nil
    ) {
      self.id = id
      self.kind = kind
      self.name = name
      self.correlation = correlation
      self.payload = payload
      self.messageID = messageID
      self.timeToLive = timeToLive
      self.exceptFamily = exceptFamily
    }
  }

  /// What waits.
  public struct Catch: Sendable, Hashable, Identifiable {
    /// The work item's, where it is one.
    public var id: EntityID
    public var kind: Kind
    public var name: String
    /// Nil takes every key.
    public var correlation: String?
    /// Nil where a case is to be started.
    public var workItem: EntityID?
    public var caseID: EntityID?
    public var family: EntityID?
    /// Of which a case is to be started.
    public var workflow: String?
    public var task: String

    public init(
      id: EntityID, kind: Kind, name: String, correlation: String? = nil, workItem: EntityID? = nil,
      caseID: EntityID? = nil, family: EntityID? = nil, workflow: String? = nil, task: String
    ) {
      self.id = id
      self.kind = kind
      self.name = name
      self.correlation = correlation
      self.workItem = workItem
      self.caseID = caseID
      self.family = family
      self.workflow = workflow
      self.task = task
    }
  }

  // A catch shares the name with other catches; a signal has it alone, until the transaction ends.
  private static let lockShared: SQL = "select pg_advisory_xact_lock_shared(8412, hashtext($1))"
  private static let lockAlone: SQL = "select pg_advisory_xact_lock(8412, hashtext($1))"

  /// Attempts to deliver; a meeting has no user who would try again.
  private static let deliveryAttempts = 20

  // MARK: Catches

  private static let addCatch: SQL = """
    insert into signal_catches (id, kind, name, correlation_key, work_item, case_id, family, workflow, task, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) on conflict do nothing
    """

  // A catch begins with the signals that are still kept, a case's with those that it has not been told of at the task;
  // a message goes to one.
  private static let meetSignals: SQL = """
    with kept as (
    select s.id from signals s where s.kind = $2 and s.name = $3 and s.expires_at > now()
    and ($4::text is null or s.correlation_key is null or s.correlation_key = $4)
    and s.delivered_to is null and $5::uuid is not null
    and not exists (select 1 from signal_deliveries d where d.signal = s.id and d.receiver = $6 and d.task = $9)
    order by s.created_at, s.id limit 1 for update skip locked),
    told as (insert into signal_deliveries (signal, receiver, task) select id, $6, $9 from kept where $2 = 'signal'),
    taken as (update signals s set delivered_to = $1 from kept where s.id = kept.id and $2 = 'message')
    insert into scheduled_work (id, kind, handler, key, work_item, case_id, family, payload, max_attempts, due_at,
    created_at)
    select gen_random_uuid(), 'timer', 'signal', 'signal:' || kept.id || ':' || $1, $5, $6, $7,
    jsonb_build_object('signal', kept.id, 'catch', $1::uuid), $10, now(), now()
    from kept on conflict (key) where key is not null do nothing
    """

  /// Notes that something waits from now on, and hands it the first of the signals that are kept.
  public static func add(_ waiter: Catch, in transaction: Transaction) {
    lock(waiter.name, lockShared, in: transaction)
    var parameters = Parameters()
    parameters.append(waiter.id.uuid)
    parameters.append(waiter.kind.rawValue)
    parameters.append(waiter.name)
    parameters.append(waiter.correlation)
    parameters.append(waiter.workItem?.uuid)
    parameters.append(waiter.caseID?.uuid)
    parameters.append(waiter.family?.uuid)
    parameters.append(waiter.workflow)
    parameters.append(waiter.task)
    transaction.send(addCatch, parameters)
    guard waiter.workItem != nil else { return }
    var meeting = parameters
    meeting.append(Int32(deliveryAttempts))
    transaction.send(meetSignals, meeting)
  }

  private static let removeCatches: SQL = "delete from signal_catches where work_item = any($1)"

  /// Work items that do not wait any more.
  public static func removeCatches(of items: [EntityID], in transaction: Transaction) {
    guard !items.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(items.map(\.uuid))
    transaction.send(removeCatches, parameters)
  }

  private static func lock(_ name: String, _ sql: SQL, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(name)
    transaction.send(sql, parameters)
  }

  // MARK: Signals

  private static let addSignal: SQL = """
    insert into signals (id, kind, name, correlation_key, payload, message_id, sent_by_user, sent_by_group, expires_at,
    created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 second', now())
    on conflict (name, message_id) where message_id is not null do nothing returning id
    """

  private static let meetCatches: SQL = """
    with met as (
    select c.* from signal_catches c where c.kind = $2 and c.name = $3
    and exists (select 1 from signals s where s.id = $1)
    and ($4::text is null or c.correlation_key is null or c.correlation_key = $4)
    and ($5::uuid is null or c.family is distinct from $5)
    and not exists (select 1 from signals s where s.delivered_to = c.id and $2 = 'message')
    order by c.created_at, c.id limit case when $2 = 'message' then 1 end),
    told as (insert into signal_deliveries (signal, receiver, task)
    select $1, coalesce(case_id, id), task from met where $2 = 'signal' on conflict do nothing),
    taken as (update signals s set delivered_to = met.id from met where s.id = $1 and $2 = 'message')
    insert into scheduled_work (id, kind, handler, key, work_item, case_id, family, payload, max_attempts, due_at,
    created_at)
    select gen_random_uuid(), 'timer', 'signal', 'signal:' || $1 || ':' || met.id, met.work_item, met.case_id,
    met.family,
    jsonb_build_object('signal', $1::uuid, 'catch', met.id), $6, now(), now()
    from met on conflict (key) where key is not null do nothing returning payload ->> 'catch'
    """

  /// Stores a signal, and its meetings with what waits for it.
  ///
  /// - Returns: with how many catches it met; nil when the same message was sent before.
  public static func send(
    _ signal: Signal, caller: Caller, in transaction: Transaction
  ) async throws(PostgresError) -> Int? {
    let (added, met) = add(signal, caller: caller, in: transaction)
    return try await added.rows().count > 0 ? try await met.rows().count : nil
  }

  /// As `send`, without waiting for what comes of it.
  @discardableResult
  static func add(
    _ signal: Signal, caller: Caller, in transaction: Transaction
  ) -> (added: PendingRows, met: PendingRows) {
    lock(signal.name, lockAlone, in: transaction)
    var row = Parameters()
    row.append(signal.id.uuid)
    row.append(signal.kind.rawValue)
    row.append(signal.name)
    row.append(signal.correlation)
    row.append(json: signal.payload)
    row.append(signal.messageID)
    row.append(caller.user)
    row.append(caller.group)
    row.append(Double(signal.timeToLive))
    var meeting = Parameters()
    meeting.append(signal.id.uuid)
    meeting.append(signal.kind.rawValue)
    meeting.append(signal.name)
    meeting.append(signal.correlation)
    meeting.append(signal.exceptFamily?.uuid)
    meeting.append(Int32(deliveryAttempts))
    return (transaction.send(addSignal, row), transaction.send(meetCatches, meeting))
  }

  // MARK: Meetings

  /// A signal on its way to a catch.
  public struct Meeting: Sendable {
    public let waiter: Catch
    public let payload: String
    public let sender: Caller
  }

  private static let meeting: SQL = """
    select c.id, c.kind, c.name, c.correlation_key, c.work_item, c.case_id, c.family, c.workflow, c.task, s.payload,
    s.sent_by_user, s.sent_by_group
    from signals s join signal_catches c on c.id = $2 where s.id = $1
    """

  /// - Returns: nil when the catch does not wait any more.
  public static func meeting(
    of signal: EntityID, with waiter: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> Meeting? {
    var parameters = Parameters()
    parameters.append(signal.uuid)
    parameters.append(waiter.uuid)
    let rows = try await transaction.query(meeting, parameters)
    guard rows.count > 0, let kind = Kind(rawValue: rows.text(0, 1)) else { return nil }
    return Meeting(
      waiter: Catch(
        id: EntityID(rows.uuid(0, 0)), kind: kind, name: rows.text(0, 2), correlation: rows.optionalText(0, 3),
        workItem: rows.optionalID(0, 4), caseID: rows.optionalID(0, 5), family: rows.optionalID(0, 6),
        workflow: rows.optionalText(0, 7), task: rows.text(0, 8)),
      payload: rows.json(0, 9), sender: Caller(user: rows.optionalText(0, 10), group: rows.optionalText(0, 11)))
  }

  private static let name: SQL = "select name from signals where id = $1 and kind = 'message' and delivered_to = $2"
  private static let readdress: SQL = """
    with free as (update signals set delivered_to = null where id = $1 and delivered_to = $2 returning id, kind, name,
    correlation_key),
    met as (
    select c.*, free.id as signal from free join signal_catches c on c.kind = free.kind and c.name = free.name
    and (free.correlation_key is null or c.correlation_key is null or c.correlation_key = free.correlation_key)
    where c.id <> $2 and not exists (select 1 from signals s where s.delivered_to = c.id)
    order by c.created_at, c.id limit 1),
    meeting as (
    insert into scheduled_work (id, kind, handler, key, work_item, case_id, family, payload, max_attempts, due_at,
    created_at)
    select gen_random_uuid(), 'timer', 'signal', 'signal:' || $1 || ':' || met.id, met.work_item, met.case_id,
    met.family,
    jsonb_build_object('signal', $1::uuid, 'catch', met.id), $3, now(), now()
    from met on conflict (key) where key is not null do nothing)
    select id from met
    """
  private static let address: SQL = "update signals set delivered_to = $2 where id = $1"

  /// The receiver of a message does not wait any more: it goes to another one, or waits for one.
  public static func readdress(
    _ signal: EntityID, from waiter: EntityID, in transaction: Transaction
  ) async throws(PostgresError) {
    var key = Parameters()
    key.append(signal.uuid)
    key.append(waiter.uuid)
    let rows = try await transaction.query(name, key)
    guard rows.count > 0 else { return }
    lock(rows.text(0, 0), lockAlone, in: transaction)
    var parameters = key
    parameters.append(Int32(deliveryAttempts))
    let found = try await transaction.query(readdress, parameters)
    guard found.count > 0 else { return }
    var next = Parameters()
    next.append(signal.uuid)
    next.append(found.uuid(0, 0))
    transaction.send(address, next)
  }

  /// Signals that are forgotten at a time, at most.
  public static let pruneBatch = 5_000

  private static let prune = SQL(
    """
    delete from signals where id in (select s.id from signals s where s.expires_at < now()
    and not exists (select 1 from scheduled_work w where w.handler = 'signal' and w.kind = 'timer'
    and w.state = 'pending' and w.payload ->> 'signal' = s.id::text) limit \(pruneBatch))
    """)

  /// Forgets signals whose time is over, some at a time; answers how many.
  public static func prune(in transaction: Transaction) async throws(PostgresError) -> Int {
    try await transaction.query(prune).affectedRows
  }
}
