import Postgres
import WorkflowEngine

/// The changes and events of a command that are not written yet. Several changes of one row become one
/// statement; everything is sent without waiting, so that it travels with COMMIT.
public struct UnitOfWork {
  private var insertedCases: [EntityID] = []
  private var updatedCases: Set<EntityID> = []
  private var insertedWorkItems: [EntityID] = []
  private var updatedWorkItems: Set<EntityID> = []
  private var order: [Change] = []
  private var events: [Event] = []
  private var work = CommandWork()
  /// What hooks are to be told; stays here when the outbox is not the database's.
  public private(set) var deliveries: [HookDelivery] = []
  /// How many deliveries there were, written or not.
  public private(set) var deliveryCount = 0
  private let storesDeliveries: Bool
  /// Whether events are written; off only to measure what they cost.
  private let writesLog: Bool
  /// Number of the family's last event, written or not.
  private var lastEvent: Int64

  public init(lastEvent: Int64, storesDeliveries: Bool = true, writesLog: Bool = true) {
    self.lastEvent = lastEvent
    self.storesDeliveries = storesDeliveries
    self.writesLog = writesLog
  }

  /// For a family that begins in the same transaction.
  public var ofNewFamily: UnitOfWork {
    UnitOfWork(lastEvent: 0, storesDeliveries: storesDeliveries, writesLog: writesLog)
  }

  /// Takes over what another one has for after the commit.
  public mutating func adopt(_ other: UnitOfWork) {
    deliveries += other.deliveries
    deliveryCount += other.deliveryCount
    if other.schedulesWork { work.isUrgent = true }
  }

  public mutating func add(_ change: Change) {
    switch change {
    case .insertCase(let id): insertedCases.append(id)
    case .insertWorkItem(let id): insertedWorkItems.append(id)
    case .updateCase(let id):
      if insertedCases.contains(id) || !updatedCases.insert(id).inserted { return }
    case .updateWorkItem(let id):
      if insertedWorkItems.contains(id) || !updatedWorkItems.insert(id).inserted { return }
    }
    order.append(change)
  }

  /// Answers the event's number in its family.
  @discardableResult
  public mutating func add(_ event: Event) -> Int64 {
    events.append(event)
    return lastEvent + Int64(events.count)
  }

  public mutating func add(_ delivery: HookDelivery) {
    deliveries.append(delivery)
    deliveryCount += 1
  }

  /// An item has at most one work: a later one takes its place.
  public mutating func add(_ work: ScheduledWork) { self.work.add(work) }

  public mutating func unschedule(_ workItem: EntityID) { work.unschedule(workItem) }

  /// A work item waits for a signal or message; nil: not any more.
  public mutating func note(_ waiter: SignalStore.Catch?, of item: EntityID) {
    if let waiter { work.add(waiter, of: item) } else { work.removeCatch(of: item) }
  }

  public mutating func add(_ signal: SignalStore.Signal) { work.add(signal) }

  /// Whether something was scheduled that may be due at once, written or not.
  public var schedulesWork: Bool { work.isUrgent }

  /// Items that were in error when they were written.
  public var failures: Set<EntityID> { work.failures }

  /// Sends everything, with each row as it is in `state`.
  public mutating func write(_ state: FamilyState, caller: Caller = Caller(), in transaction: Transaction) {
    guard !order.isEmpty || !events.isEmpty || !work.isEmpty else { return }
    lastEvent += Int64(events.count)
    for change in order {
      switch change {
      case .insertCase(let id):
        if let row = state.case(id) { transaction.send(Self.insertCase, Self.parameters(inserting: row)) }
      case .updateCase(let id):
        if let row = state.case(id) { transaction.send(Self.updateCase, Self.parameters(updating: row)) }
      case .insertWorkItem(let id):
        if let row = state.workItem(id), let family = state.case(row.caseID)?.family {
          transaction.send(Self.insertWorkItem, Self.parameters(inserting: row, family: family))
        }
      case .updateWorkItem(let id):
        if let row = state.workItem(id) { transaction.send(Self.updateWorkItem, Self.parameters(updating: row)) }
      }
    }
    if writesLog { EventWriter.send(events, lastNumber: lastEvent, in: transaction) }
    if storesDeliveries {
      DatabaseHookBackend.add(deliveries, in: transaction)
      deliveries = []
    }
    watchMoments(state)
    if !work.isEmpty { work.write(caller: caller, in: transaction) }
    insertedCases = []
    updatedCases = []
    insertedWorkItems = []
    updatedWorkItems = []
    order = []
    events = []
  }

  /// Has moments watched that people have set, and what has failed listed.
  private mutating func watchMoments(_ state: FamilyState) {
    for change in order {
      guard let id = change.workItem, let row = state.workItem(id) else { continue }
      if row.status == .error, let family = state.case(row.caseID)?.family { work.addIncident(of: row, family: family) }
      guard row.deadline != nil || row.activation.snoozedUntil != nil, let family = state.case(row.caseID)?.family
      else { continue }
      work.watchDeadline(of: row, family: family)
      work.watchSnooze(of: row, family: family)
    }
  }

  private static let insertCase: SQL = """
    insert into cases (id, family, workflow, status, closed_at, closed_by_user, closed_by_group, meta, document,
    version, created_at, modified_at, created_by_user, created_by_group, modified_by_user, modified_by_group, data,
    workflow_version, outcome, parent_item, error_code, artifacts)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
    """

  private static func parameters(inserting row: Case) -> Parameters {
    var parameters = Parameters()
    parameters.append(row.id.uuid)
    parameters.append(row.family.uuid)
    parameters.append(row.workflow)
    parameters.append(row.status.rawValue)
    parameters.append(row.closedAt.map { Timestamp(microseconds: $0) })
    parameters.append(row.closedByUser)
    parameters.append(row.closedByGroup)
    parameters.append(json: row.meta)
    parameters.append(row.document?.uuid)
    parameters.append(row.version)
    parameters.append(Timestamp(microseconds: row.createdAt))
    parameters.append(Timestamp(microseconds: row.modifiedAt))
    parameters.append(row.createdByUser)
    parameters.append(row.createdByGroup)
    parameters.append(row.modifiedByUser)
    parameters.append(row.modifiedByGroup)
    parameters.append(json: row.data)
    parameters.append(row.workflowVersion)
    parameters.append(row.outcome?.rawValue)
    parameters.append(row.parentItem?.uuid)
    parameters.append(row.errorCode)
    parameters.append(json: ArtifactJSON.text(row.artifacts))
    return parameters
  }

  private static let updateCase: SQL = """
    update cases set status = $2, closed_at = $3, closed_by_user = $4, closed_by_group = $5, meta = $6,
    document = $7, version = $8, modified_at = $9, modified_by_user = $10, modified_by_group = $11,
    workflow = $12, data = $13, workflow_version = $14, outcome = $15, error_code = $16, artifacts = $17
    where id = $1
    """

  private static func parameters(updating row: Case) -> Parameters {
    var parameters = Parameters()
    parameters.append(row.id.uuid)
    parameters.append(row.status.rawValue)
    parameters.append(row.closedAt.map { Timestamp(microseconds: $0) })
    parameters.append(row.closedByUser)
    parameters.append(row.closedByGroup)
    parameters.append(json: row.meta)
    parameters.append(row.document?.uuid)
    parameters.append(row.version)
    parameters.append(Timestamp(microseconds: row.modifiedAt))
    parameters.append(row.modifiedByUser)
    parameters.append(row.modifiedByGroup)
    parameters.append(row.workflow)
    parameters.append(json: row.data)
    parameters.append(row.workflowVersion)
    parameters.append(row.outcome?.rawValue)
    parameters.append(row.errorCode)
    parameters.append(json: ArtifactJSON.text(row.artifacts))
    return parameters
  }

  private static let insertWorkItem: SQL = """
    insert into work_items (id, family, case_id, task, name, description, status, closed_at, closed_by_user,
    closed_by_group, deadline, meta, addressed_groups, controlling_groups, assigned_users, child_case,
    previous_work_item, document, is_joined, version, created_at, modified_at, created_by_user,
    created_by_group, modified_by_user, modified_by_group,
    iteration, token, predecessors, closed_reason, assigned_at, started_at, scheduled_at, attempts, error_code,
    error_message, data, revived_from, host, boundary, is_compensated, correlation, snoozed_until, artifacts,
    told_deadline, prepared_at, added_elements, is_stalled)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23, $24, $25, $26,
    $27, nullif($28::bigint[], '{}'), nullif($29::uuid[], '{}'), $30, $31, $32, $33, $34, $35, $36, $37, $38, $39,
    $40, $41, $42, $43, $44, $45, $46, nullif($47::text[], '{}'), $48)
    """

  private static func parameters(inserting row: WorkItem, family: EntityID) -> Parameters {
    var parameters = Parameters()
    parameters.append(row.id.uuid)
    parameters.append(family.uuid)
    parameters.append(row.caseID.uuid)
    parameters.append(row.task)
    parameters.append(json: row.name)
    parameters.append(json: row.description)
    parameters.append(row.status.rawValue)
    parameters.append(row.closedAt.map { Timestamp(microseconds: $0) })
    parameters.append(row.closedByUser)
    parameters.append(row.closedByGroup)
    parameters.append(row.deadline.map { Timestamp(microseconds: $0) })
    parameters.append(json: row.meta)
    parameters.append(row.addressedGroups)
    parameters.append(row.controllingGroups)
    parameters.append(row.assignedUsers)
    parameters.append(row.childCase?.uuid)
    parameters.append(row.previousWorkItem?.uuid)
    parameters.append(row.document?.uuid)
    parameters.append(row.isJoined)
    parameters.append(row.version)
    parameters.append(Timestamp(microseconds: row.createdAt))
    parameters.append(Timestamp(microseconds: row.modifiedAt))
    parameters.append(row.createdByUser)
    parameters.append(row.createdByGroup)
    parameters.append(row.modifiedByUser)
    parameters.append(row.modifiedByGroup)
    parameters.append(row.activation)
    return parameters
  }

  private static let updateWorkItem: SQL = """
    update work_items set name = $2, description = $3, status = $4, closed_at = $5, closed_by_user = $6,
    closed_by_group = $7, deadline = $8, meta = $9, addressed_groups = $10, controlling_groups = $11,
    assigned_users = $12, child_case = $13, previous_work_item = $14, document = $15, is_joined = $16,
    version = $17, modified_at = $18, modified_by_user = $19, modified_by_group = $20,
    iteration = $21, token = nullif($22::bigint[], '{}'), predecessors = nullif($23::uuid[], '{}'),
    closed_reason = $24, assigned_at = $25, started_at = $26, scheduled_at = $27, attempts = $28, error_code = $29,
    error_message = $30, data = $31, revived_from = $32, host = $33, boundary = $34, is_compensated = $35,
    correlation = $36, snoozed_until = $37, artifacts = $38, told_deadline = $39, prepared_at = $40,
    added_elements = nullif($41::text[], '{}'), is_stalled = $42, task = $43
    where id = $1
    """

  private static func parameters(updating row: WorkItem) -> Parameters {
    var parameters = Parameters()
    parameters.append(row.id.uuid)
    parameters.append(json: row.name)
    parameters.append(json: row.description)
    parameters.append(row.status.rawValue)
    parameters.append(row.closedAt.map { Timestamp(microseconds: $0) })
    parameters.append(row.closedByUser)
    parameters.append(row.closedByGroup)
    parameters.append(row.deadline.map { Timestamp(microseconds: $0) })
    parameters.append(json: row.meta)
    parameters.append(row.addressedGroups)
    parameters.append(row.controllingGroups)
    parameters.append(row.assignedUsers)
    parameters.append(row.childCase?.uuid)
    parameters.append(row.previousWorkItem?.uuid)
    parameters.append(row.document?.uuid)
    parameters.append(row.isJoined)
    parameters.append(row.version)
    parameters.append(Timestamp(microseconds: row.modifiedAt))
    parameters.append(row.modifiedByUser)
    parameters.append(row.modifiedByGroup)
    parameters.append(row.activation)
    parameters.append(row.task)
    return parameters
  }
}

extension Parameters {
  /// In the order of `FamilyStore.activationColumns`.
  fileprivate mutating func append(_ state: ActivationState) {
    guard state != .plain else {
      append(Int32?.none)
      append([Int64]())
      append([UUID128]())
      append(String?.none)
      for _ in 0..<3 { append(Timestamp?.none) }
      append(Int32?.none)
      append(String?.none)
      append(String?.none)
      append(json: nil)
      append(UUID128?.none)
      append(UUID128?.none)
      append(Int32?.none)
      append(Bool?.none)
      append(String?.none)
      append(Timestamp?.none)
      append(json: nil)
      append(Timestamp?.none)
      append(Timestamp?.none)
      append([String]())
      append(Bool?.none)
      return
    }
    append(Int32(clamping: state.iteration))
    append(state.token)
    append(state.predecessors.map(\.uuid))
    append(state.closedReason?.rawValue)
    append(state.assignedAt.map { Timestamp(microseconds: $0) })
    append(state.startedAt.map { Timestamp(microseconds: $0) })
    append(state.scheduledAt.map { Timestamp(microseconds: $0) })
    append(Int32(clamping: state.attempts))
    append(state.lastError?.code)
    append(state.lastError?.message)
    append(json: state.data)
    append(state.revivedFrom?.uuid)
    append(state.host?.uuid)
    append(state.boundary.map { Int32(clamping: $0) })
    append(state.isCompensated)
    append(state.correlation)
    append(state.snoozedUntil.map { Timestamp(microseconds: $0) })
    append(json: ArtifactJSON.text(state.artifacts))
    append(state.toldDeadline.map { Timestamp(microseconds: $0) })
    append(state.preparedAt.map { Timestamp(microseconds: $0) })
    append(state.addedElements)
    append(state.isStalled)
  }
}

extension Change {
  fileprivate var workItem: EntityID? {
    switch self {
    case .insertWorkItem(let id), .updateWorkItem(let id): id
    case .insertCase, .updateCase: nil
    }
  }
}
