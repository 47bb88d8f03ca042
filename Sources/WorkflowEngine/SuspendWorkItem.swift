/// `suspendWorkItem`.
///
/// Events: `pre_suspend_work_item`, those of `suspendCase` for a running child case, `post_suspend_work_item`.
extension Execution {
  mutating func suspendWorkItem(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      if !nested { try require(.suspend, id) }
      guard try isSuspendable(id, nested: nested) else { return nil }
      push(.suspendWorkItem(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.suspendWorkItem(id, .cascade, nested: nested))
      return event(.preSuspendWorkItem, workItem: id)
    case .cascade:
      push(.suspendWorkItem(id, .change, nested: nested))
      if let child = try requireWorkItem(id).childCase, status(ofCase: child) == .running {
        push(.suspendCase(child, .validate, nested: true))
      }
      return nil
    case .change:
      guard try isSuspendable(id, nested: nested) else { return nil }
      push(.suspendWorkItem(id, .post, nested: nested))
      return change(workItem: id) { $0.status = .suspended }
    case .post:
      return event(.postSuspendWorkItem, workItem: id)
    }
  }

  func isSuspendable(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    if try requireWorkItem(id).status == .ready { return true }
    guard nested else { throw .state("Only ready work items can be suspended.") }
    return false
  }
}
