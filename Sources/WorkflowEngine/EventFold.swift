extension FamilyState {
  /// The family that an event log tells of: what the rows are after the last event.
  ///
  /// An event carries the row that it is about, unless closing is all that has happened to it. A row is told as it
  /// is at the moment of the event, so that what receivers did to it before it was told needs no care: events of a
  /// row that is not known yet are passed over.
  ///
  /// - Parameters:
  ///   - events: those of one family, in order, all of them that came after `earlier`.
  ///   - earlier: what the family was before them.
  public init(folding events: some Sequence<Event>, onto earlier: FamilyState = FamilyState()) {
    var cases: [EntityID: Case] = [:]
    var items: [EntityID: WorkItem] = [:]
    for row in earlier.cases { cases[row.id] = row }
    for row in earlier.workItems { items[row.id] = row }
    for event in events {
      switch event.row {
      case .case(let row, let parent):
        cases[row.id] = row
        if let parent { items[parent.id] = parent }
      case .workItem(let row): items[row.id] = row
      case nil: Self.apply(event, &cases, &items)
      }
    }
    self.init(
      cases: cases.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }, workItems: items.values)
  }

  private static func apply(
    _ event: Event, _ cases: inout [EntityID: Case], _ items: inout [EntityID: WorkItem]
  ) {
    switch event.name {
    case .postCompleteWorkItem, .postSkipWorkItem:
      guard let id = event.workItem, var row = items[id] else { return }
      row.status = event.name == .postSkipWorkItem ? .skipped : .completed
      row.closedAt = event.time
      row.closedByUser = event.caller.user
      row.closedByGroup = event.caller.group
      row.modifiedAt = event.time
      row.modifiedByUser = event.caller.user
      row.modifiedByGroup = event.caller.group
      row.version += 1
      items[id] = row
    case .postCompleteCase:
      guard var row = cases[event.caseID] else { return }
      row.status = .completed
      row.closedAt = event.time
      row.closedByUser = event.caller.user
      row.closedByGroup = event.caller.group
      row.version += 1
      cases[event.caseID] = row
    case .postOpenJoin, .postShutJoin:
      for id in event.items { items[id]?.isJoined = event.name == .postOpenJoin }
    default: return
    }
  }
}
