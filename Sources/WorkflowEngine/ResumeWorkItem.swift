/// `resumeWorkItem`.
///
/// Events: `pre_resume_work_item`, those of `resumeCase` for a suspended child case, `post_resume_work_item`, those of
/// `escalateWorkItem` if the item's deadline has passed meanwhile.
/// An item of a case that does not run cannot be resumed, or it would be ready where nobody can complete it.
extension Execution {
  mutating func resumeWorkItem(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      if !nested { try require(.resume, id) }
      guard try isResumable(id, nested: nested) else { return nil }
      push(.resumeWorkItem(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.resumeWorkItem(id, .cascade, nested: nested))
      return event(.preResumeWorkItem, workItem: id)
    case .cascade:
      push(.resumeWorkItem(id, .change, nested: nested))
      if let child = try requireWorkItem(id).childCase, status(ofCase: child) == .suspended {
        push(.resumeCase(child, .validate, nested: true))
      }
      return nil
    case .change:
      guard try isResumable(id, nested: nested) else { return nil }
      push(.resumeWorkItem(id, .post, nested: nested))
      return change(workItem: id) { $0.status = .ready }
    case .post:
      takeUpDeadline(of: id)
      return event(.postResumeWorkItem, workItem: id)
    }
  }

  func isResumable(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    let item = try requireWorkItem(id)
    guard item.status == .suspended else {
      guard nested else { throw .state("Only suspended work items can be resumed.") }
      return false
    }
    // Inside `resumeCase` the case is written after its items, so it is still suspended here.
    guard nested || status(ofCase: item.caseID) == .running || compatibility(of: item.caseID) == .caluma else {
      throw .state("Only work items of running cases can be resumed.")
    }
    return true
  }
}
