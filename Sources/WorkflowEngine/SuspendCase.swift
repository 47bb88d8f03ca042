/// `suspendCase`.
///
/// Events: `pre_suspend_case`, those of `suspendWorkItem` for each ready item, `post_suspend_case`.
extension Execution {
  mutating func suspendCase(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      guard try isSuspendableCase(id, nested: nested) else { return nil }
      push(.suspendCase(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.suspendCase(id, .cascade, nested: nested))
      return event(.preSuspendCase, case: id)
    case .cascade:
      push(.suspendCase(id, .change, nested: nested))
      for item in state.workItems.reversed() where item.caseID == id && item.status == .ready {
        push(.suspendWorkItem(item.id, .validate, nested: true))
      }
      return nil
    case .change:
      guard try isSuspendableCase(id, nested: nested) else { return nil }
      push(.suspendCase(id, .post, nested: nested))
      return change(case: id) { $0.status = .suspended }
    case .post:
      return event(.postSuspendCase, case: id)
    }
  }

  private func isSuspendableCase(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    if try requireCase(id).status == .running { return true }
    guard nested else { throw .state("Only running cases can be suspended.") }
    return false
  }
}
