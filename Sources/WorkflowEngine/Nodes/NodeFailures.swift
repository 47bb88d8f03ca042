/// What becomes of an item that fails.
extension Execution {
  /// An error of the engine itself keeps its code in front of a client.
  mutating func fail(_ item: WorkItem, because error: EngineError) throws(EngineError) -> Step? {
    guard error.code != .limit else { throw error }
    let failure = WorkItemFailure(code: error.code.rawValue, message: error.message)
    guard isBackground || errorBoundary(of: item, failure) != nil else { throw error }
    return try fail(item, failure)
  }

  /// A boundary takes over; without one the item is in error, or the command is refused when somebody waits for it.
  ///
  /// - Parameter isRecorded: the item is in error even if somebody waits.
  mutating func fail(
    _ item: WorkItem, _ failure: WorkItemFailure, isRecorded: Bool = false
  ) throws(EngineError) -> Step? {
    if let boundary = errorBoundary(of: item, failure) {
      reasons[item.id] = .boundary
      state.update(workItem: item.id) { $0.activation.lastError = failure }
      push(.announceCreated(0))
      push(.arrive(Arrival(boundary.target, in: item.caseID, token: outer(item.activation.token), after: [item.id])))
      push(.cancelWorkItem(item.id, .validate, nested: true))
      return nil
    }
    guard isBackground || isRecorded else { throw EngineError(.failed, failure.message) }
    push(.failed(item.id, failure, .change))
    return event(.preFailWorkItem, workItem: item.id)
  }

  mutating func failed(_ id: EntityID, _ failure: WorkItemFailure, _ beat: Beat) -> Step? {
    guard beat != .post else { return event(.postFailWorkItem, workItem: id) }
    guard let item = state.workItem(id), item.status.isAutomatic else { return nil }
    unsettle(item.caseID, mayEnd: false)
    push(.failed(id, failure, .post))
    if item.activation.scheduledAt != nil { push(.give(.unschedule(id))) }
    return change(workItem: id) { row in
      row.status = .error
      row.activation.lastError = failure
      row.activation.scheduledAt = nil
    }
  }

  /// Finds out what follows a closed item. Where nobody waits for an answer, an item whose work is done is not to be
  /// done again since no way on can be found, nor is its case to end: a boundary takes over, or else it is in error.
  mutating func goOn(after id: EntityID) throws(EngineError) -> Step? {
    do throws(EngineError) {
      return try proceed(after: id)
    } catch {
      guard isBackground, error.code != .limit, let item = state.workItem(id), item.status.isDone,
        task(item.task, in: item.caseID)?.type.isHuman == false
      else { throw error }
      let failure = WorkItemFailure(code: error.code.rawValue, message: error.message)
      guard let boundary = errorBoundary(of: item, failure) else {
        push(.stalled(id, failure))
        return event(.preFailWorkItem, workItem: id)
      }
      push(.announceCreated(0))
      push(.arrive(Arrival(boundary.target, in: item.caseID, token: outer(item.activation.token), after: [id])))
      push(.tell(.postAdvanceWorkItem, id))
      return change(workItem: id) { $0.activation.lastError = failure }
    }
  }

  mutating func stalled(_ id: EntityID, _ failure: WorkItemFailure) -> Step? {
    guard let item = state.workItem(id), item.status.isDone else { return nil }
    unsettle(item.caseID, mayEnd: false)
    push(.tell(.postFailWorkItem, id))
    return change(workItem: id) { row in
      row.status = .error
      row.forgetClosing()
      row.activation.lastError = failure
      row.activation.isStalled = true
    }
  }

  private func errorBoundary(of item: WorkItem, _ failure: WorkItemFailure) -> BoundaryDefinition? {
    task(item.task, in: item.caseID)?.node?.boundaries.first {
      $0.kind == .error && ($0.errorCode == nil || $0.errorCode == failure.code)
    }
  }
}
