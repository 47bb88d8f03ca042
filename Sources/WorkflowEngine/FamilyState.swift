/// The cases and work items of one family: a root case and all its descendants.
///
/// Work items stand in the order of their creation. A new family starts empty.
public struct FamilyState: Sendable, Equatable {
  public private(set) var cases: ContiguousArray<Case> = []
  public private(set) var workItems: ContiguousArray<WorkItem> = []
  private var caseIndex: [EntityID: Int] = [:]
  private var workItemIndex: [EntityID: Int] = [:]
  /// From a child case to its parent work item.
  private var parentIndex: [EntityID: EntityID] = [:]

  public init() {}

  /// - Parameter workItems: in any order; they are sorted by creation.
  public init(cases: some Sequence<Case>, workItems: some Sequence<WorkItem>) {
    for item in cases { insert(item) }
    let sorted = workItems.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    self.workItems.reserveCapacity(sorted.count)
    for item in sorted { insert(item) }
  }

  /// The id of the family, which is that of its root case; nil while the family is empty.
  public var family: EntityID? { cases.first?.family }

  public func `case`(_ id: EntityID) -> Case? { caseIndex[id].map { cases[$0] } }
  public func workItem(_ id: EntityID) -> WorkItem? { workItemIndex[id].map { workItems[$0] } }

  /// The work items of a case in the order of their creation.
  public func workItems(of caseID: EntityID) -> some Sequence<WorkItem> {
    workItems.lazy.filter { $0.caseID == caseID }
  }

  /// The work item that a case was started for.
  public func parentWorkItem(of caseID: EntityID) -> WorkItem? {
    parentIndex[caseID].flatMap(workItem)
  }

  /// The latest creation or closing of a work item; the smallest number if there is none.
  var latestTime: Int64 {
    var latest = Int64.min
    for index in workItems.indices {
      latest = max(latest, workItems[index].createdAt, workItems[index].closedAt ?? Int64.min)
    }
    return latest
  }

  mutating func insert(_ item: Case) {
    caseIndex[item.id] = cases.count
    cases.append(item)
  }

  mutating func insert(_ item: WorkItem) {
    workItemIndex[item.id] = workItems.count
    workItems.append(item)
    if let child = item.childCase { parentIndex[child] = item.id }
  }

  mutating func update(case id: EntityID, _ change: (inout Case) -> Void) {
    guard let index = caseIndex[id] else { return }
    change(&cases[index])
  }

  mutating func update(workItem id: EntityID, _ change: (inout WorkItem) -> Void) {
    guard let index = workItemIndex[id] else { return }
    change(&workItems[index])
  }

  /// Makes `child` the child case of a work item; an earlier child case loses its parent.
  mutating func link(child: EntityID, to workItem: EntityID) {
    guard let index = workItemIndex[workItem] else { return }
    if let former = workItems[index].childCase { parentIndex[former] = nil }
    workItems[index].childCase = child
    parentIndex[child] = workItem
  }
}
