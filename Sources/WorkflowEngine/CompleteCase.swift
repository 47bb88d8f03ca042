/// What completes a case when nothing follows its last item: not a mutation of its own.
///
/// Events: `pre_complete_case`, `post_complete_case`. The modification time of the case stays as it was.
extension Execution {
  mutating func completeCase(_ id: EntityID, _ beat: Beat) -> Step? {
    switch beat {
    case .validate, .pre, .cascade:
      push(.completeCase(id, .change))
      return event(.preCompleteCase, case: id)
    case .change:
      // A receiver may have opened something meanwhile; then the case goes on.
      guard status(ofCase: id) == .running, !hasOpenWorkItem(in: id) else { return nil }
      push(.completeCase(id, .post))
      let ending = outcomes[id]
      state.update(case: id) { [now, caller] row in
        row.status = .completed
        row.closedAt = now
        row.closedByUser = caller.user
        row.closedByGroup = caller.group
        row.version += 1
        if let ending { (row.outcome, row.errorCode) = (ending.outcome, ending.code) }
      }
      return .change(.updateCase(id))
    case .post:
      push(.childClosed(id))
      return event(.postCompleteCase, case: id)
    }
  }
}
