/// `skipWorkItem`.
///
/// Events: `pre_skip_work_item`, those of `cancelCase` for an open child case, `post_skip_work_item`, then as
/// after `completeWorkItem`.
extension Execution {
  mutating func skipWorkItem(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      try require(.skip, id)
      push(.skipWorkItem(id, .pre))
      return nil
    case .pre:
      push(.skipWorkItem(id, .cascade))
      return event(.preSkipWorkItem, workItem: id)
    case .cascade:
      push(.skipWorkItem(id, .change))
      let item = try requireWorkItem(id)
      if let child = item.childCase, let status = status(ofCase: child),
        status == .running || (status == .suspended && compatibility(of: item.caseID) == .exact)
      {
        push(.cancelCase(child, .validate, nested: true))
      }
      return nil
    case .change:
      try requireSkippable(id)
      push(.skipWorkItem(id, .post))
      return close(id, as: .skipped)
    case .post:
      push(.proceed(after: id))
      push(.wind(id))
      return event(.postSkipWorkItem, workItem: id)
    }
  }

  func requireSkippable(_ id: EntityID) throws(EngineError) {
    let item = try requireWorkItem(id)
    guard status(ofCase: item.caseID) == .running else {
      throw .state("Only work items of running cases can be skipped.")
    }
    guard item.status == .ready else { throw .state("Only ready work items can be skipped.") }
  }
}
