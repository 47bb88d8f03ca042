import Postgres
import WorkflowEngine

/// Takes a family's lock and reads its rows.
public enum FamilyStore {
  /// What a family is found by.
  public enum Locator: Hashable, Sendable {
    case ofCase(EntityID)
    case ofWorkItem(EntityID)

    public var id: EntityID {
      switch self {
      case .ofCase(let id), .ofWorkItem(let id): id
      }
    }
  }

  /// How often what commands build on was changed.
  public struct Revision: Sendable, Hashable {
    public let definitions: Int64
    public let hooks: Int64

    init(_ rows: Rows) {
      definitions = rows.int64(0, 0)
      hooks = rows.int64(0, 1)
    }
  }

  public struct Loaded: Sendable {
    public let state: FamilyState
    /// Nil when there is no such case or work item.
    public let family: EntityID?
    /// Number of the family's last event.
    public let lastEvent: Int64
    /// The revisions of the definitions and the hooks at the moment of the lock.
    public let revision: Revision

    public init(state: FamilyState, family: EntityID?, lastEvent: Int64, revision: Revision) {
      self.state = state
      self.family = family
      self.lastEvent = lastEvent
      self.revision = revision
    }
  }

  private static let familyOfCase = "(select family from cases where id = $1)"
  private static let familyOfWorkItem = "(select family from work_items where id = $1)"

  // All commands of a family wait for each other here; two families never do. Nothing but a changed key would
  // conflict with readers of the row.
  private static func lock(_ family: String) -> SQL {
    SQL("select id from cases where id = \(family) for no key update")
  }

  static let caseColumns = [
    "id", "family", "workflow", "status", "closed_at", "closed_by_user", "closed_by_group", "meta", "document",
    "version", "created_at", "modified_at", "created_by_user", "created_by_group", "modified_by_user",
    "modified_by_group", "data", "workflow_version", "outcome", "parent_item", "error_code", "artifacts",
  ]
  static let workItemColumns = [
    "id", "case_id", "task", "name", "description", "status", "closed_at", "closed_by_user", "closed_by_group",
    "deadline", "meta", "addressed_groups", "controlling_groups", "assigned_users", "child_case",
    "previous_work_item", "document", "is_joined", "version", "created_at", "modified_at", "created_by_user",
    "created_by_group", "modified_by_user", "modified_by_group",
  ] + activationColumns
  /// All null where an item has nothing but Caluma's fields.
  static let activationColumns = [
    "iteration", "token", "predecessors", "closed_reason", "assigned_at", "started_at", "scheduled_at", "attempts",
    "error_code", "error_message", "data", "revived_from", "host", "boundary", "is_compensated", "correlation",
    "snoozed_until", "artifacts", "told_deadline", "prepared_at", "added_elements", "is_stalled",
  ]

  private static func cases(_ family: String) -> SQL {
    SQL(
      """
      select \(caseColumns.joined(separator: ", "))
      from cases where family = \(family) order by created_at, id
      """)
  }

  private static func workItems(_ family: String) -> SQL {
    SQL(
      """
      select \(workItemColumns.joined(separator: ", "))
      from work_items where family = \(family)
      """)
  }

  private struct Statements {
    let lock: SQL
    /// What may be read only behind the lock, and the number of the transaction.
    let standing: SQL
    let cases: SQL
    let workItems: SQL

    init(_ family: String) {
      lock = FamilyStore.lock(family)
      standing = SQL(
        """
        select revision, hook_revision, (select max(seq) from events where family = \(family)), \(Transaction.number)
        from definition_revision
        """)
      cases = FamilyStore.cases(family)
      workItems = FamilyStore.workItems(family)
    }
  }

  private static let byCase = Statements(familyOfCase)
  private static let byWorkItem = Statements(familyOfWorkItem)
  static let readRevision: SQL = "select revision, hook_revision from definition_revision"
  private static let readStanding = SQL(
    "select revision, hook_revision, \(Transaction.number) from definition_revision")

  /// What a family that is about to begin needs to know; it has no lock yet.
  public static func begin(in transaction: Transaction) async throws(PostgresError) -> Loaded {
    let standing = try await transaction.sendIdentifying(readStanding).rows()
    return Loaded(state: FamilyState(), family: nil, lastEvent: 0, revision: Revision(standing))
  }

  /// Locks and loads in one round trip: the statements behind the lock see what the previous holder committed.
  ///
  /// - Parameter alongside: sends what else is to be read behind the lock.
  public static func lock(
    _ locator: Locator, in transaction: Transaction, alongside: () -> Void = {}
  ) async throws(PostgresError) -> Loaded {
    let statements: Statements
    switch locator {
    case .ofCase: statements = byCase
    case .ofWorkItem: statements = byWorkItem
    }
    var key = Parameters()
    key.append(locator.id.uuid)
    let lock = transaction.send(statements.lock, key)
    let standing = transaction.sendIdentifying(statements.standing, key)
    let cases = transaction.send(statements.cases, key)
    let workItems = transaction.send(statements.workItems, key)
    alongside()
    let locked = try await lock.rows()
    let state = FamilyState(
      cases: readCases(try await cases.rows()), workItems: readWorkItems(try await workItems.rows()))
    let found = try await standing.rows()
    return Loaded(
      state: state, family: locked.count > 0 ? EntityID(locked.uuid(0, 0)) : nil,
      lastEvent: found.isNull(0, 2) ? 0 : found.int64(0, 2), revision: Revision(found))
  }

  private static let holdFamily: SQL = "select 1 from cases where id = $1 for no key update"

  /// Takes a family's lock without loading it.
  public static func hold(_ family: EntityID, in transaction: Transaction) {
    var key = Parameters()
    key.append(family.uuid)
    transaction.send(holdFamily, key)
  }

  private static let existingCase: SQL = "select 1 from cases where id = $1"

  public static func hasCase(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(id.uuid)
    return try await transaction.query(existingCase, parameters).count > 0
  }

  private static let familiesOfWorkItems = "any (select family from work_items where id = any($1))"
  private static let casesOfWorkItems = cases(familiesOfWorkItems)
  private static let workItemsOfWorkItems = workItems(familiesOfWorkItems)

  /// The families of some work items as they are, without their locks: for questions, not for decisions.
  public static func read(
    familiesOf ids: [EntityID], from database: Database, deadline: UInt64?
  ) async throws(PostgresError) -> FamilyState {
    var keys = Parameters()
    keys.append(ids.map(\.uuid))
    let cases = database.send(casesOfWorkItems, keys, deadline: deadline)
    let workItems = database.send(workItemsOfWorkItems, keys, deadline: deadline)
    return FamilyState(
      cases: readCases(try await cases.rows()), workItems: readWorkItems(try await workItems.rows()))
  }

  private static let casesOfFamily = cases("$1")
  private static let workItemsOfFamily = workItems("$1")

  /// A family as it is, without its lock.
  static func read(family: EntityID, in transaction: Transaction) async throws(PostgresError) -> FamilyState {
    var key = Parameters()
    key.append(family.uuid)
    let cases = transaction.send(casesOfFamily, key)
    let workItems = transaction.send(workItemsOfFamily, key)
    return FamilyState(
      cases: readCases(try await cases.rows()), workItems: readWorkItems(try await workItems.rows()))
  }

  private static let casesOfCase = cases(familyOfCase)
  private static let workItemsOfCase = workItems(familyOfCase)

  /// The family of a case as it is, without its lock.
  public static func read(ofCase id: EntityID, in transaction: Transaction) async throws(PostgresError) -> FamilyState {
    var key = Parameters()
    key.append(id.uuid)
    let cases = transaction.send(casesOfCase, key)
    let workItems = transaction.send(workItemsOfCase, key)
    return FamilyState(
      cases: readCases(try await cases.rows()), workItems: readWorkItems(try await workItems.rows()))
  }

  private static func readCases(_ rows: Rows) -> [Case] {
    (0..<rows.count).map { rows.case($0, 0) }
  }

  private static func readWorkItems(_ rows: Rows) -> [WorkItem] {
    (0..<rows.count).map { rows.workItem($0, 0) }
  }
}

extension Rows {
  /// - Parameter first: the first of `FamilyStore.caseColumns`.
  func `case`(_ row: Int, _ first: Int) -> Case {
    Case(
      id: EntityID(uuid(row, first)), family: EntityID(uuid(row, first + 1)), workflow: text(row, first + 2),
      status: CaseStatus(rawValue: text(row, first + 3)) ?? .running, closedAt: microseconds(row, first + 4),
      closedByUser: optionalText(row, first + 5), closedByGroup: optionalText(row, first + 6),
      meta: json(row, first + 7), document: optionalID(row, first + 8),
      data: isNull(row, first + 16) ? "{}" : json(row, first + 16),
      artifacts: isNull(row, first + 21) ? [] : ArtifactJSON.artifacts(json(row, first + 21)),
      workflowVersion: isNull(row, first + 17) ? nil : int64(row, first + 17),
      outcome: optionalText(row, first + 18).flatMap { CaseOutcome(rawValue: $0) },
      parentItem: optionalID(row, first + 19), errorCode: optionalText(row, first + 20), version: int64(row, first + 9),
      createdAt: timestamp(row, first + 10).microseconds, modifiedAt: timestamp(row, first + 11).microseconds,
      createdByUser: optionalText(row, first + 12), createdByGroup: optionalText(row, first + 13),
      modifiedByUser: optionalText(row, first + 14), modifiedByGroup: optionalText(row, first + 15))
  }

  /// - Parameter first: the first of `FamilyStore.workItemColumns`.
  func workItem(_ row: Int, _ first: Int) -> WorkItem {
    WorkItem(
      id: EntityID(uuid(row, first)), caseID: EntityID(uuid(row, first + 1)), task: text(row, first + 2),
      name: json(row, first + 3), description: json(row, first + 4),
      status: WorkItemStatus(rawValue: text(row, first + 5)) ?? .ready, closedAt: microseconds(row, first + 6),
      closedByUser: optionalText(row, first + 7), closedByGroup: optionalText(row, first + 8),
      deadline: microseconds(row, first + 9), meta: json(row, first + 10),
      addressedGroups: textArray(row, first + 11), controllingGroups: textArray(row, first + 12),
      assignedUsers: textArray(row, first + 13), childCase: optionalID(row, first + 14),
      previousWorkItem: optionalID(row, first + 15), document: optionalID(row, first + 16),
      isJoined: !isNull(row, first + 17) && bool(row, first + 17), activation: activation(row, first + 25),
      version: int64(row, first + 18),
      createdAt: timestamp(row, first + 19).microseconds, modifiedAt: timestamp(row, first + 20).microseconds,
      createdByUser: optionalText(row, first + 21), createdByGroup: optionalText(row, first + 22),
      modifiedByUser: optionalText(row, first + 23), modifiedByGroup: optionalText(row, first + 24))
  }
}

extension Rows {
  /// - Parameter first: the first of `FamilyStore.activationColumns`.
  private func activation(_ row: Int, _ first: Int) -> ActivationState {
    var state = ActivationState()
    guard !isNull(row, first) else { return state }
    state.iteration = Int(int32(row, first))
    if !isNull(row, first + 1) { state.token = int64Array(row, first + 1) }
    if !isNull(row, first + 2) { state.predecessors = uuidArray(row, first + 2).map { EntityID($0) } }
    state.closedReason = optionalText(row, first + 3).flatMap { ClosedReason(rawValue: $0) }
    state.assignedAt = microseconds(row, first + 4)
    state.startedAt = microseconds(row, first + 5)
    state.scheduledAt = microseconds(row, first + 6)
    state.attempts = isNull(row, first + 7) ? 0 : Int(int32(row, first + 7))
    if let code = optionalText(row, first + 8) {
      state.lastError = WorkItemFailure(code: code, message: optionalText(row, first + 9) ?? "")
    }
    state.data = isNull(row, first + 10) ? nil : json(row, first + 10)
    state.revivedFrom = optionalID(row, first + 11)
    state.host = optionalID(row, first + 12)
    state.boundary = isNull(row, first + 13) ? nil : Int(int32(row, first + 13))
    state.isCompensated = !isNull(row, first + 14) && bool(row, first + 14)
    state.correlation = optionalText(row, first + 15)
    state.snoozedUntil = microseconds(row, first + 16)
    if !isNull(row, first + 17) { state.artifacts = ArtifactJSON.artifacts(json(row, first + 17)) }
    state.toldDeadline = microseconds(row, first + 18)
    state.preparedAt = microseconds(row, first + 19)
    if !isNull(row, first + 20) { state.addedElements = textArray(row, first + 20) }
    state.isStalled = !isNull(row, first + 21) && bool(row, first + 21)
    return state
  }
}

extension Rows {
  func optionalText(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }
  func optionalID(_ row: Int, _ column: Int) -> EntityID? { isNull(row, column) ? nil : EntityID(uuid(row, column)) }
  func microseconds(_ row: Int, _ column: Int) -> Int64? {
    isNull(row, column) ? nil : timestamp(row, column).microseconds
  }
}
