/// `resumeCase`.
///
/// Events: `pre_resume_case`, those of `resumeWorkItem` for each suspended item, also those suspended one by one
/// before the case was, `post_resume_case`, those of `escalateWorkItem` for each item whose deadline has passed
/// meanwhile.
extension Execution {
  mutating func resumeCase(_ id: EntityID, _ beat: Beat, nested: Bool) throws(EngineError) -> Step? {
    switch beat {
    case .validate:
      guard try isResumableCase(id, nested: nested) else { return nil }
      push(.resumeCase(id, .pre, nested: nested))
      return nil
    case .pre:
      push(.resumeCase(id, .cascade, nested: nested))
      return event(.preResumeCase, case: id)
    case .cascade:
      push(.resumeCase(id, .change, nested: nested))
      for item in state.workItems.reversed() where item.caseID == id && item.status == .suspended {
        push(.resumeWorkItem(item.id, .validate, nested: true))
      }
      return nil
    case .change:
      guard try isResumableCase(id, nested: nested) else { return nil }
      push(.resumeCase(id, .post, nested: nested))
      return change(case: id) { $0.status = .running }
    case .post:
      resumeNodes(of: id)
      takeUpDeadlines(ofCase: id)
      return event(.postResumeCase, case: id)
    }
  }

  private func isResumableCase(_ id: EntityID, nested: Bool) throws(EngineError) -> Bool {
    if try requireCase(id).status == .suspended { return true }
    guard nested else { throw .state("Only suspended cases can be resumed.") }
    return false
  }
}
