/// `reopenCase`.
///
/// Events: `pre_reopen_case`; once all is changed `post_shut_join` if a join counts its branches anew,
/// `post_reopen_work_item` for each item and `post_reopen_case`. Those of the case name the items.
extension Execution {
  mutating func reopenCase(_ id: EntityID, _ items: [EntityID], _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      try requireReopenable(id, items)
      push(.reopenCase(id, items, .pre))
      return nil
    case .pre:
      push(.reopenCase(id, items, .change))
      return event(.preReopenCase, case: id, items: items)
    case .cascade, .change:
      try requireReopenable(id, items)
      let clears = compatibility(of: id) == .exact
      push(.reopenCase(id, items, .post))
      var own: [EntityID] = []
      for item in items where state.workItem(item)?.caseID == id && !own.contains(item) { own.append(item) }
      var shut: [EntityID] = []
      for item in own {
        for sibling in joinedSiblings(of: item) where !shut.contains(sibling) { shut.append(sibling) }
      }
      for item in own.reversed() { push(.tell(.postReopenWorkItem, item)) }
      if !shut.isEmpty { push(.tellJoin(.postShutJoin, caseID: id, items: shut)) }
      for item in own.reversed() { push(.setReady(item)) }
      for sibling in shut.reversed() { push(.setJoined(sibling, false)) }
      return change(case: id) { row in
        row.status = .running
        guard clears else { return }
        row.forgetClosing()
      }
    case .post:
      return event(.postReopenCase, case: id, items: items)
    }
  }

  private func requireReopenable(_ id: EntityID, _ items: [EntityID]) throws(EngineError) {
    let found = try requireCase(id)
    guard !found.status.isOpen else { throw .state("Only completed and canceled cases can be reopened.") }
    if found.family != id {
      guard let parent = state.parentWorkItem(of: id) else { throw .state("Case has no parent_work_item.") }
      guard parent.status == .ready else {
        throw .state("Only child cases of ready work items can be reopened.")
      }
    }
    if compatibility(of: id) == .exact {
      guard !items.isEmpty else { throw EngineError(.input, "At least one work item has to be reopened.") }
      for item in items where state.workItem(item)?.caseID != id {
        throw EngineError(.input, "Only work items belonging to the case specified can be reopened.")
      }
    }
    for item in items where state.workItems.contains(where: { $0.previousWorkItem == item && $0.status != .redo }) {
      throw .state("Only work items at the end of a branch can be reopened.")
    }
  }
}
