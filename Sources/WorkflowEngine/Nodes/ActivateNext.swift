/// `activateNext`: goes on from a done item when nothing of what followed it is left, or nothing ever did. What follows
/// is found anew, as it would be if the item were done now.
///
/// Events: `pre_activate_next`; where the case was complete `pre_reopen_case` and `post_reopen_case`;
/// `post_activate_next`; then those of what follows, or of the case's completion when nothing does and nothing is open.
extension Execution {
  /// How it goes on from an item.
  enum Onward {
    /// Along the edges of the item's task.
    case ways([Way])
    /// To tasks that a flow gives.
    case tasks(FlowDefinition, [String])
    /// To the end of the case.
    case end
  }

  mutating func activateNext(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    let item = try requireWorkItem(id)
    guard beat == .change else {
      try require(.activateNext, id)
      push(.operate(.activateNext(id), .change))
      if status(ofCase: item.caseID) == .completed { push(.give(event(.preReopenCase, case: item.caseID))) }
      return event(.preActivateNext, workItem: id)
    }
    try requireReach(.activateNext, item)
    switch try onward(from: item) {
    case .ways(let ways): go(to: ways, from: item, splits: task(item.task, in: item.caseID).map(branches) == true)
    case .tasks(let flow, let next):
      shut(joinedSiblings(of: id))
      go(on: flow, to: next, after: item)
    case .end: push(.completeCase(item.caseID, .validate))
    }
    push(.tell(.postActivateNext, id))
    unsettle(item.caseID, mayEnd: false)
    guard let opened = openCase(of: item) else { return nil }
    push(.give(event(.postReopenCase, case: item.caseID)))
    return opened
  }

  /// - Throws: why it cannot go on from a done item, above all because it has.
  mutating func onward(from item: WorkItem) throws(EngineError) -> Onward {
    guard let task = task(item.task, in: item.caseID) else { throw .noWorkItem }
    let edges = task.node?.edges.map(\.target) ?? []
    let aside = Set(task.node?.boundaries.map(\.target) ?? []).subtracting(edges)
    let isThere = followers(of: item.id).contains { follower in
      follower.status != .canceled && follower.status != .redo && !aside.contains(follower.task)
    }
    guard !isThere else { throw .state("What follows is there already.") }
    try requireAwaited(item.caseID, cascade: false)
    guard isTaskDone(item) else { throw .state("Other work items of the task are to be done before.") }
    if leadsByEdges(item) { return .ways(try choose(from: task, for: item)) }
    if let flow = flow(of: item) {
      // As it was before the flow went on.
      var before = self
      before.shut(joinedSiblings(of: item.id))
      guard before.isOpen(flow, after: item) else {
        throw .state("The other tasks that lead on with this one are to be done before.")
      }
      let next = try nextTasks(flow, after: item)
      if !next.isEmpty { return .tasks(flow, next) }
    }
    guard status(ofCase: item.caseID) == .running, !hasOpenWorkItem(in: item.caseID) else {
      throw .state("Nothing follows this work item.")
    }
    return .end
  }

  /// Has items count for their join again, for the time until it opens.
  private mutating func shut(_ items: [EntityID]) {
    for item in items { state.update(workItem: item) { $0.isJoined = false } }
  }
}
