/// The cases and work items of one family: a root case and all its descendants.
///
/// Work items stand in the order of their creation. A new family starts empty.
public struct FamilyState: Sendable {
  public private(set) var cases: ContiguousArray<Case> = []
  public private(set) var workItems: ContiguousArray<WorkItem> = []
  private var caseIndex = RowIndex()
  private var workItemIndex = RowIndex()

  public init() {}

  /// - Parameter workItems: in any order; they are sorted by creation.
  public init(cases: some Sequence<Case>, workItems: some Sequence<WorkItem>) {
    for item in cases { insert(item) }
    let sorted = workItems.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    self.workItems.reserveCapacity(sorted.count + 4)
    for item in sorted { insert(item) }
  }

  /// The id of the family, which is that of its root case; nil while the family is empty.
  public var family: EntityID? { cases.first?.family }

  public func `case`(_ id: EntityID) -> Case? { caseIndex.place(of: id).map { cases[$0] } }
  public func workItem(_ id: EntityID) -> WorkItem? { workItemIndex.place(of: id).map { workItems[$0] } }

  /// The status of a case, without a copy of its row.
  func status(ofCase id: EntityID) -> CaseStatus? { caseIndex.place(of: id).map { cases[$0].status } }

  /// The work items of a case in the order of their creation.
  public func workItems(of caseID: EntityID) -> some Sequence<WorkItem> {
    workItems.lazy.filter { $0.caseID == caseID }
  }

  /// The work item that a case was started for.
  public func parentWorkItem(of caseID: EntityID) -> WorkItem? {
    if let parent = `case`(caseID)?.parentItem { return workItem(parent) }
    return workItems.first { $0.childCase == caseID }
  }

  /// The cases that were started for a work item, in the order of their creation.
  public func childCases(of workItem: EntityID) -> [Case] {
    let own = self.workItem(workItem)?.childCase
    return cases.filter { $0.id == own || $0.parentItem == workItem }
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
    caseIndex.append(item.id)
    cases.append(item)
  }

  mutating func insert(_ item: WorkItem) {
    workItemIndex.append(item.id)
    workItems.append(item)
  }

  mutating func update(case id: EntityID, _ change: (inout Case) -> Void) {
    guard let index = caseIndex.place(of: id) else { return }
    change(&cases[index])
  }

  mutating func update(workItem id: EntityID, _ change: (inout WorkItem) -> Void) {
    guard let index = workItemIndex.place(of: id) else { return }
    change(&workItems[index])
  }

  /// Makes `child` the child case of a work item; an earlier child case loses its parent.
  mutating func link(child: EntityID, to workItem: EntityID) {
    update(workItem: workItem) { $0.childCase = child }
  }
}

extension FamilyState: Equatable {
  public static func == (left: FamilyState, right: FamilyState) -> Bool {
    left.cases == right.cases && left.workItems == right.workItems
  }
}
