/// `redoWorkItem`: goes back to a closed item; everything that followed from it waits in redo.
///
/// Events: `pre_redo_work_item`; once all is changed `post_shut_join` if a join counts its branches anew,
/// `post_reset_work_item` for each item that followed, nearest first, and `post_redo_work_item`.
extension Execution {
  mutating func redoWorkItem(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      try require(.redo, id)
      push(.redoWorkItem(id, .pre))
      return nil
    case .pre:
      push(.redoWorkItem(id, .cascade))
      return event(.preRedoWorkItem, workItem: id)
    case .cascade:
      try requireRedoable(id)
      let followers = descendants(of: id)
      // The joins that opened with these items are shut again, so that their other branches count once more.
      var released: Set<EntityID> = []
      for follower in followers {
        guard let previous = state.workItem(follower)?.previousWorkItem else { continue }
        released.formUnion(joinedSiblings(of: previous))
      }
      released.subtract(followers)
      released.remove(id)
      let shut = state.workItems.lazy.map(\.id).filter(released.contains)
      push(.redoWorkItem(id, .post))
      for follower in followers.reversed() { push(.tell(.postResetWorkItem, follower)) }
      if !shut.isEmpty, let item = state.workItem(id) {
        push(.tellJoin(.postShutJoin, caseID: item.caseID, items: Array(shut)))
      }
      push(.redoWorkItem(id, .change))
      for item in shut.reversed() { push(.setJoined(item, false)) }
      for follower in followers.reversed() { push(.setRedo(follower)) }
      return nil
    case .change:
      return setReady(id)
    case .post:
      return event(.postRedoWorkItem, workItem: id)
    }
  }

  mutating func requireRedoable(_ id: EntityID) throws(EngineError) {
    let item = try requireWorkItem(id)
    guard item.status != .ready else { throw .state("Ready work items can't be redone.") }
    guard try allowsRedo(of: item) else { throw .state("Workflow doesn't allow to redo this work item.") }
  }

  /// Whether a ready item that followed from this one names its task as redoable: the `isRedoable` of a work
  /// item. False for ready items.
  ///
  /// - Throws: if a `redoable` expression cannot be evaluated.
  public mutating func isRedoable(_ id: EntityID) throws(EngineError) -> Bool {
    let item = try requireWorkItem(id)
    guard item.status != .ready else { return false }
    return try allowsRedo(of: item)
  }

  private mutating func allowsRedo(of item: WorkItem) throws(EngineError) -> Bool {
    guard let found = state.case(item.caseID), let workflow = workflow(of: item.caseID) else {
      return false
    }
    guard found.status == .running || workflow.compatibility == .caluma else { return false }
    for follower in descendants(of: item.id) {
      guard let ready = state.workItem(follower), ready.status == .ready,
        let expression = workflow.redoable(of: ready.task)
      else { continue }
      let scope = EvaluationScope(
        state: state, caseID: item.caseID, task: ready.task, previousWorkItem: ready.id)
      if try evaluator.tasks(expression, in: scope).contains(item.task) { return true }
    }
    return false
  }

  /// The items that followed from an item, directly or not, nearest first.
  private func descendants(of id: EntityID) -> [EntityID] {
    var found: [EntityID] = []
    var seen: Set<EntityID> = [id]
    var next = 0
    var current = id
    while true {
      for successor in successors(of: current) where seen.insert(successor).inserted {
        found.append(successor)
      }
      guard next < found.count else { return found }
      current = found[next]
      next += 1
    }
  }

  /// Items created by the end of this item, or by the join that it took part in without being the last.
  private func successors(of id: EntityID) -> [EntityID] {
    guard let item = state.workItem(id) else { return [] }
    var causes: Set<EntityID> = [id]
    if item.isJoined, compatibility(of: item.caseID) == .exact {
      causes.formUnion(joinedSiblings(of: id))
    }
    return state.workItems.compactMap { candidate in
      guard candidate.caseID == item.caseID, let previous = candidate.previousWorkItem else { return nil }
      return causes.contains(previous) ? candidate.id : nil
    }
  }
}
