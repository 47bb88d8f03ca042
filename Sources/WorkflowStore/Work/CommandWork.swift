import Postgres
import WorkflowEngine

/// What commands leave for later: jobs, timers, catches, signals.
struct CommandWork {
  /// By work item; nil for work that is not to be done any more.
  private var works: [EntityID: ScheduledWork?] = [:]
  /// By work item; nil where nothing waits any more.
  private var catches: [EntityID: SignalStore.Catch?] = [:]
  private var signals: [SignalStore.Signal] = []
  /// Moments by work item.
  private var deadlines: [EntityID: QueuedWork] = [:]
  private var snoozed: [EntityID: QueuedWork] = [:]
  /// By work item.
  private var incidents: [EntityID: WorkQueue.Incident] = [:]
  /// Items with incidents, written or not.
  private(set) var failures: Set<EntityID> = []
  /// Whether there was something that is due soon, written or not.
  var isUrgent = false

  var isEmpty: Bool {
    works.isEmpty && catches.isEmpty && signals.isEmpty && deadlines.isEmpty && snoozed.isEmpty && incidents.isEmpty
  }

  mutating func add(_ work: ScheduledWork) {
    works[work.workItem] = .some(work)
    isUrgent = true
  }

  mutating func unschedule(_ item: EntityID) { works[item] = .some(nil) }

  mutating func add(_ waiter: SignalStore.Catch, of item: EntityID) {
    catches[item] = .some(waiter)
    // A signal may be kept for it.
    isUrgent = true
  }

  mutating func removeCatch(of item: EntityID) { catches[item] = .some(nil) }

  mutating func add(_ signal: SignalStore.Signal) {
    signals.append(signal)
    isUrgent = true
  }

  /// Has the item's deadline watched until it is told; one that has passed already is told at once.
  mutating func watchDeadline(of item: WorkItem, family: EntityID) {
    guard let deadline = item.awaitedDeadline else { return }
    if deadline <= item.modifiedAt { isUrgent = true }
    var identifiers = FamilyIdentifiers(family: family)
    deadlines[item.id] = QueuedWork(
      id: identifiers.next(), kind: .timer, handler: "deadline", key: WorkKey.deadline(of: item.id),
      workItem: item.id, caseID: item.caseID, family: family, maxAttempts: Self.timerAttempts, dueAt: deadline)
  }

  /// Has a snoozed item come back.
  mutating func watchSnooze(of item: WorkItem, family: EntityID) {
    guard let moment = item.activation.snoozedUntil, item.status.isOpen else { return }
    var identifiers = FamilyIdentifiers(family: family)
    snoozed[item.id] = QueuedWork(
      id: identifiers.next(), kind: .timer, handler: "unsnooze", key: WorkKey.unsnooze(item.id), workItem: item.id,
      caseID: item.caseID, family: family, maxAttempts: Self.timerAttempts, dueAt: moment)
  }

  /// Has an item that is in error listed as an incident until it is retried or closed.
  mutating func addIncident(of item: WorkItem, family: EntityID) {
    var identifiers = FamilyIdentifiers(family: family)
    incidents[item.id] = WorkQueue.Incident(
      id: identifiers.next(), workItem: item.id, caseID: item.caseID, family: family, handler: item.task,
      attempts: Int32(clamping: item.activation.attempts), code: item.activation.lastError?.code,
      message: item.activation.lastError?.message)
    failures.insert(item.id)
  }

  /// A timer has no user who would try again.
  static let timerAttempts: Int32 = 20

  /// Sends everything. In the order of ids, so that two transactions never wait for each other crosswise.
  mutating func write(caller: Caller, in transaction: Transaction) {
    let gone = works.filter { $0.value == nil }.keys.sorted().map(WorkKey.item)
    WorkQueue.remove(keys: gone, in: transaction)
    let new = works.values.compactMap(\.self).sorted { $0.workItem < $1.workItem }.map(Self.queued)
    let moments = (Array(deadlines.values) + Array(snoozed.values)).sorted { ($0.key ?? "") < ($1.key ?? "") }
    WorkQueue.replace(new + moments, in: transaction)
    WorkQueue.add(incidents.values.sorted { $0.workItem < $1.workItem }, in: transaction)
    SignalStore.removeCatches(of: catches.filter { $0.value == nil }.keys.sorted(), in: transaction)
    for waiter in catches.values.compactMap(\.self).sorted(by: { ($0.name, $0.id) < ($1.name, $1.id) }) {
      SignalStore.add(waiter, in: transaction)
    }
    for signal in signals { SignalStore.add(signal, caller: caller, in: transaction) }
    let (wasUrgent, failed) = (isUrgent, failures)
    self = CommandWork()
    (isUrgent, failures) = (wasUrgent, failed)
  }

  private static func queued(_ work: ScheduledWork) -> QueuedWork {
    var identifiers = FamilyIdentifiers(family: work.family)
    let kind: QueuedWork.Kind = work.kind == .job ? .job : .timer
    return QueuedWork(
      id: identifiers.next(), kind: kind, handler: work.handler ?? "fire", key: WorkKey.item(work.workItem),
      workItem: work.workItem, caseID: work.caseID, family: work.family,
      maxAttempts: kind == .job ? Int32(clamping: work.maximumAttempts) : timerAttempts, dueAt: work.dueAt)
  }
}
