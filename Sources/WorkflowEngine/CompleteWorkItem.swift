/// `completeWorkItem`.
///
/// Events: `pre_complete_work_item`, `post_complete_work_item`, then either `pre_create_work_item` before each
/// item that follows and `post_create_work_item` for all of them, or `pre_complete_case` and
/// `post_complete_case`, or nothing while a join waits.
extension Execution {
  mutating func completeWorkItem(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      try require(.complete, id)
      try Artifact.check(artifacts)
      push(.completeWorkItem(id, .pre))
      return nil
    case .pre:
      push(.completeWorkItem(id, .change))
      return event(.preCompleteWorkItem, workItem: id)
    case .cascade, .change:
      try requireCompletable(id)
      push(.completeWorkItem(id, .post))
      if let artifacts { state.update(workItem: id) { $0.activation.artifacts = artifacts } }
      return close(id, as: .completed)
    case .post:
      push(.proceed(after: id))
      push(.wind(id))
      return event(.postCompleteWorkItem, workItem: id)
    }
  }

  func requireCompletable(_ id: EntityID) throws(EngineError) {
    let item = try requireWorkItem(id)
    guard status(ofCase: item.caseID) == .running else {
      throw .state("Only work items of running cases can be completed.")
    }
    guard item.status == .ready else { throw .state("Only ready work items can be completed.") }
    guard let child = item.childCase.flatMap(status(ofCase:)) else { return }
    let blocks = compatibility(of: item.caseID) == .exact ? child.isOpen : child == .running
    guard !blocks else {
      throw .state("Work item can only be completed when child case is in a finish state.")
    }
  }
}
