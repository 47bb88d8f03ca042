/// `cancelCase`.
///
/// Events: `pre_cancel_case`, those of `cancelWorkItem` for each open item, `post_cancel_case`.
extension Execution {
  mutating func cancelCase(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      guard try isCancelableCase(id, nested: nested) else { return nil }
      push(.cancelCase(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.cancelCase(id, .cascade, nested: nested))
      return event(.preCancelCase, case: id)
    case .cascade:
      push(.cancelCase(id, .change, nested: nested))
      for item in state.workItems.reversed() where item.caseID == id && item.status.isOpen {
        push(.cancelWorkItem(item.id, .validate, nested: true))
      }
      return nil
    case .change:
      guard try isCancelableCase(id, nested: nested) else { return nil }
      push(.cancelCase(id, .post, nested: nested))
      return change(case: id) { [now, caller] row in
        row.status = .canceled
        row.closedAt = now
        row.closedByUser = caller.user
        row.closedByGroup = caller.group
      }
    case .post:
      if !nested { push(.childClosed(id)) }
      return event(.postCancelCase, case: id)
    }
  }

  private func isCancelableCase(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    if try requireCase(id).status.isOpen { return true }
    guard nested else { throw .state("Only running or suspended cases can be canceled.") }
    return false
  }
}
