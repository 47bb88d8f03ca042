/// `activateWorkItem`: has an automatic item do now what it would do later.
///
/// Events: `pre_activate_work_item`, `post_activate_work_item`, then those of what the item does.
extension Execution {
  mutating func activateWorkItem(_ id: EntityID, _ beat: Beat) throws(EngineError) -> Step? {
    try require(.activate, id)
    guard beat == .change else {
      push(.operate(.activateWorkItem(id), .change))
      return event(.preActivateWorkItem, workItem: id)
    }
    let item = try requireWorkItem(id)
    switch task(item.task, in: item.caseID)?.type {
    case .timer: fire(item)
    case .condition: push(.finish(id, .pre))
    case .join: open(item)
    case .job: push(.expedite(id))
    default: line.append(id)
    }
    return event(.postActivateWorkItem, workItem: id)
  }

  /// Has a job begin as soon as a worker is free.
  mutating func expedite(_ id: EntityID) -> Step? {
    guard let item = state.workItem(id), item.status == .scheduled else { return nil }
    return schedule(item, at: now)
  }
}
