import Postgres
import WorkflowEngine

/// What commands want done later, until it is written with their changes.
struct ScheduledWorkStore {
  /// By work item; nil for work that is not to be done any more.
  private var works: [EntityID: ScheduledWork?] = [:]
  private var catches: [SignalStore.Catch] = []

  var isEmpty: Bool { works.isEmpty && catches.isEmpty }
  /// Whether there is something that may be due soon.
  private(set) var hasSchedules = false

  mutating func add(_ work: ScheduledWork) {
    works[work.workItem] = .some(work)
    hasSchedules = true
  }

  mutating func add(_ waiter: SignalStore.Catch) {
    catches.append(waiter)
    hasSchedules = true
  }

  mutating func remove(_ workItem: EntityID) {
    works[workItem] = .some(nil)
    catches.removeAll { $0.workItem == workItem }
  }

  /// Sends everything, and forgets it.
  mutating func write(in transaction: Transaction) {
    let gone = works.filter { $0.value == nil }.keys.sorted()
    if !gone.isEmpty {
      WorkQueue.remove(keys: gone.map { WorkKey.item($0) }, in: transaction)
      SignalStore.removeCatches(of: gone, in: transaction)
    }
    WorkQueue.replace(
      works.values.compactMap(\.self).sorted { $0.workItem < $1.workItem }.map(Self.queued), in: transaction)
    for waiter in catches { SignalStore.add(waiter, in: transaction) }
    works = [:]
    catches = []
  }

  private static func queued(_ work: ScheduledWork) -> QueuedWork {
    var identifiers = FamilyIdentifiers(family: work.family)
    return QueuedWork(
      id: identifiers.next(), kind: work.kind == .job ? .job : .timer, handler: work.handler ?? "fire",
      key: WorkKey.item(work.workItem), workItem: work.workItem, caseID: work.caseID, family: work.family,
      maxAttempts: Int32(clamping: work.maximumAttempts), dueAt: work.dueAt)
  }
}
