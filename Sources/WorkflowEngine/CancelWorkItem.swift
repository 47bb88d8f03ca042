/// `cancelWorkItem`.
///
/// Events: `pre_cancel_work_item`, those of `cancelCase` for an open child case, `post_cancel_work_item`. A join
/// that only waited for this item opens then, with the events of created items. Canceling never completes a case.
extension Execution {
  mutating func cancelWorkItem(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      if !nested { try require(.cancel, id) }
      guard try isCancelable(id, nested: nested) else { return nil }
      push(.cancelWorkItem(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.cancelWorkItem(id, .cascade, nested: nested))
      return event(.preCancelWorkItem, workItem: id)
    case .cascade:
      push(.cancelWorkItem(id, .change, nested: nested))
      for child in state.childCases(of: id).reversed() where child.status.isOpen {
        push(.cancelCase(child.id, .validate, nested: true))
      }
      _ = try requireWorkItem(id)
      return nil
    case .change:
      guard try isCancelable(id, nested: nested) else { return nil }
      push(.cancelWorkItem(id, .post, nested: nested))
      return close(id, as: .canceled)
    case .post:
      if !nested { push(.proceed(after: id)) }
      push(.wind(id))
      return event(.postCancelWorkItem, workItem: id)
    }
  }

  func isCancelable(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    if try requireWorkItem(id).status.isOpen { return true }
    guard nested else { throw .state("Only ready or suspended work items can be canceled.") }
    return false
  }
}
