import Postgres
import WorkflowEngine

/// Hooks and deliveries in the database: every process sees them, and they outlive all of them. The default.
public struct DatabaseHookBackend: HookBackend {
  public init() {}

  public let isDurable = true

  public func revision(stored: Int64) -> Int64 { stored }

  // Of `hooks h`.
  static let columns = """
    h.id, h.name, h.trigger, h.event, h.moment, h.workflow, h.task, h.case_id, h.source, h.destination, h.filter,
    h.action, h.function, h.url, h.secrets, h.on_error, h.is_ordered, h.is_enabled, h.disabled_reason, h.version
    """
  static let columnCount = 20

  private static let ofAllCases = SQL(
    """
    select \(columns) from hooks h
    where h.case_id is null and h.is_enabled and h.removed_at is null order by h.created_at, h.id
    """)
  private static let readRevision: SQL = """
    select hook_revision, exists (select 1 from hooks where case_id is not null and removed_at is null)
    from definition_revision
    """

  /// In one round trip. Of one moment if the revision is the one that was read before, since every change raises it.
  public func load(in transaction: Transaction) async throws(PostgresError) -> LoadedHooks {
    let hooks = transaction.send(Self.ofAllCases)
    let revision = transaction.send(Self.readRevision)
    let rows = try await hooks.rows()
    let last = try await revision.rows()
    return LoadedHooks(
      hooks: (0..<rows.count).compactMap { Self.hook(rows, $0) }, hasCaseHooks: last.bool(0, 1),
      revision: last.int64(0, 0))
  }

  private static let ofCases = SQL(
    """
    select \(columns) from hooks h
    where h.case_id = any($1) and h.is_enabled and h.removed_at is null order by h.created_at, h.id
    """)

  public func hooks(
    ofCases ids: [EntityID], in transaction: Transaction
  ) async throws(PostgresError) -> [Hook] {
    var parameters = Parameters()
    parameters.append(ids.map(\.uuid))
    let rows = try await transaction.query(Self.ofCases, parameters)
    return (0..<rows.count).compactMap { Self.hook(rows, $0) }
  }

  private static let byID = SQL("select \(columns) from hooks h where h.id = $1 and h.removed_at is null for update")
  private static let byName = SQL(
    "select \(columns) from hooks h where h.name = $1 and h.removed_at is null for update")

  public func find(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Hook? {
    var parameters = Parameters()
    parameters.append(id.uuid)
    let rows = try await transaction.query(Self.byID, parameters)
    return rows.count > 0 ? Self.hook(rows, 0) : nil
  }

  public func find(named name: String, in transaction: Transaction) async throws(PostgresError) -> Hook? {
    var parameters = Parameters()
    parameters.append(name)
    let rows = try await transaction.query(Self.byName, parameters)
    return rows.count > 0 ? Self.hook(rows, 0) : nil
  }

  // MARK: Writing

  // The hooks of single cases are read with their family; only whether there are any is remembered.
  private static let raiseRevision: SQL =
    "update definition_revision set hook_revision = hook_revision + 1"
  private static let raiseRevisionForFirst: SQL = """
    update definition_revision set hook_revision = hook_revision + 1
    where not exists (select 1 from hooks where case_id is not null and removed_at is null)
    """

  private static let write: SQL = """
    insert into hooks as h (id, name, trigger, event, moment, workflow, task, case_id, source, destination, filter,
    action, function, url, secrets, on_error, is_ordered, is_enabled, disabled_reason, version, created_at,
    modified_at, created_by_user, created_by_group)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21,
    $22, $23)
    on conflict (id) do update set name = $2, trigger = $3, event = $4, moment = $5, workflow = $6, task = $7,
    case_id = $8, source = $9, destination = $10, filter = $11, action = $12, function = $13, url = $14,
    secrets = $15, on_error = $16, is_ordered = $17, is_enabled = $18, disabled_reason = $19, version = $20,
    modified_at = $21, modified_by_user = $22, modified_by_group = $23
    """

  public func save(
    _ hook: Hook, replacing previous: Hook?, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    let isOfCase = hook.caseID != nil && (previous == nil || previous?.caseID != nil)
    transaction.send(isOfCase ? Self.raiseRevisionForFirst : Self.raiseRevision)
    var parameters = Parameters()
    parameters.append(hook.id.uuid)
    parameters.append(hook.name)
    parameters.append(hook.trigger.kind)
    if case .event(let name) = hook.trigger { parameters.append(name.rawValue) } else { parameters.appendNull(.text) }
    parameters.append(hook.moment.rawValue)
    parameters.append(hook.workflow)
    parameters.append(hook.task)
    parameters.append(hook.caseID?.uuid)
    parameters.append(hook.source)
    parameters.append(hook.destination)
    parameters.append(hook.filter)
    parameters.append(hook.action.kind)
    switch hook.action {
    case .function(let name):
      parameters.append(name)
      parameters.appendNull(.text)
      parameters.append([String]())
    case .webhook(let url, let secrets):
      parameters.appendNull(.text)
      parameters.append(url)
      parameters.append(secrets)
    }
    parameters.append(hook.onError.rawValue)
    parameters.append(hook.isOrdered)
    parameters.append(hook.isEnabled)
    parameters.append(hook.disabledReason)
    parameters.append(hook.version)
    parameters.append(now)
    parameters.append(caller.user)
    parameters.append(caller.group)
    transaction.send(Self.write, parameters)
  }

  private static let markRemoved: SQL = """
    update hooks set removed_at = $2, is_enabled = false, version = version + 1, modified_at = $2,
    modified_by_user = $3, modified_by_group = $4 where id = $1
    """
  private static let cancelDeliveries: SQL = """
    update hook_deliveries set status = 'cancelled', lease_token = null, finished_at = clock_timestamp(),
    last_error = 'The hook was removed.' where hook = $1 and status = 'pending'
    """

  public func remove(_ hook: Hook, caller: Caller, now: Timestamp, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(hook.id.uuid)
    // Waits for the function of a delivery that is under way; who changes definitions does not wait with it.
    transaction.send(Self.cancelDeliveries, parameters)
    transaction.send(Self.raiseRevision)
    parameters.append(now)
    parameters.append(caller.user)
    parameters.append(caller.group)
    transaction.send(Self.markRemoved, parameters)
  }

  private static let disableEndpoint: SQL = """
    update hooks set is_enabled = false, disabled_reason = $2, version = version + 1, modified_at = clock_timestamp()
    where url = $1 and is_enabled and removed_at is null
    """

  public func disable(url: String, reason: String, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(url)
    parameters.append(reason)
    // The hooks first, as `save` does.
    transaction.send(Self.disableEndpoint, parameters)
    transaction.send(Self.raiseRevision)
  }

  // MARK: Rows

  /// Nil for a row that a newer version wrote in a way that this one does not know.
  static func hook(_ rows: Rows, _ row: Int) -> Hook? {
    let trigger: Hook.Trigger
    switch rows.text(row, 2) {
    case "event":
      guard let name = rows.optionalText(row, 3).flatMap(EventName.init(rawValue:)) else { return nil }
      trigger = .event(name)
    case "transition": trigger = .transition
    case "completion": trigger = .completion
    default: return nil
    }
    let action: Hook.Action
    switch rows.text(row, 11) {
    case "function": action = .function(rows.optionalText(row, 12) ?? "")
    case "webhook": action = .webhook(url: rows.optionalText(row, 13) ?? "", secrets: rows.textArray(row, 14))
    default: return nil
    }
    guard let moment = Hook.Moment(rawValue: rows.text(row, 4)),
      let policy = Hook.ErrorPolicy(rawValue: rows.text(row, 15))
    else { return nil }
    return Hook(
      id: EntityID(rows.uuid(row, 0)), name: rows.text(row, 1), trigger: trigger, moment: moment,
      workflow: rows.optionalText(row, 5), task: rows.optionalText(row, 6), caseID: rows.optionalID(row, 7),
      source: rows.optionalText(row, 8), destination: rows.optionalText(row, 9), filter: rows.optionalText(row, 10),
      action: action, onError: policy, isOrdered: rows.bool(row, 16), isEnabled: rows.bool(row, 17),
      disabledReason: rows.optionalText(row, 18), version: rows.int64(row, 19))
  }
}
