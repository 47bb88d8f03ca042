/// When a flow may go on: an AND over its tasks.
extension Execution {
  /// The flow that an item's task belongs to in the workflow of its case.
  func flow(of item: WorkItem) -> FlowDefinition? {
    workflow(of: item.caseID)?.flow(of: item.task)
  }

  /// Whether items of this flow are marked when it goes on, so that each counts once. Where every instance leads
  /// on by itself there is nothing to count.
  func counts(_ flow: FlowDefinition, in caseID: EntityID) -> Bool {
    var waits = flow.tasks.count > 1
    for slug in flow.tasks {
      guard let task = task(slug, in: caseID) else { continue }
      if task.continueAsync { return false }
      if task.isMultipleInstance { waits = true }
    }
    return waits
  }

  /// Whether the task of a closed item is done, so that it may lead on by itself.
  func isTaskDone(_ item: WorkItem) -> Bool {
    guard task(item.task, in: item.caseID)?.waitsForInstances == true else { return true }
    let exact = compatibility(of: item.caseID) == .exact
    return !state.workItems.contains {
      $0.caseID == item.caseID && $0.task == item.task
        && ($0.status == .ready || (exact && $0.status == .suspended))
    }
  }

  /// Whether all tasks of the flow are done for this round, given that the task of `item` is.
  func isOpen(_ flow: FlowDefinition, after item: WorkItem) -> Bool {
    let exact = compatibility(of: item.caseID) == .exact
    if flow.tasks.count == 1 && !(exact && counts(flow, in: item.caseID)) { return item.status.isDone }
    return exact && counts(flow, in: item.caseID)
      ? isRoundDone(flow, in: item.caseID) : isEverDone(flow, in: item.caseID)
  }

  /// Every task has an item that was done at some time, or, if it waits for its instances, none that is open.
  private func isEverDone(_ flow: FlowDefinition, in caseID: EntityID) -> Bool {
    let exact = compatibility(of: caseID) == .exact
    for slug in flow.tasks {
      let waits = task(slug, in: caseID)?.waitsForInstances == true
      var done = waits
      for item in state.workItems where item.caseID == caseID && item.task == slug {
        if waits {
          if item.status == .ready || (exact && item.status == .suspended) { return false }
        } else if item.status.isDone {
          done = true
        }
      }
      guard done else { return false }
    }
    return true
  }

  /// Every task is closed in this round, and one of them by being done. A canceled sibling does not hold the
  /// others up; one that was never created, or waits in redo alone, does. A task with instances of which there has
  /// never been one holds nothing up once it cannot be reached any more.
  func isRoundDone(_ flow: FlowDefinition, in caseID: EntityID) -> Bool {
    var someDone = false
    for slug in flow.tasks {
      let waits = task(slug, in: caseID)?.waitsForInstances == true
      var instances = 0
      // A plain task counts by its latest item, a task with instances by all of them. Items in redo are those of
      // what comes later: in a loop that was gone back in, the rounds after this one.
      var closed = false
      for item in state.workItems where item.caseID == caseID && item.task == slug && (waits || item.status != .redo) {
        instances += 1
        let closedNow = !item.isJoined && (item.status.isDone || item.status == .canceled)
        if waits {
          if item.status.isOpen { return false }
          closed = closed || closedNow
        } else {
          closed = closedNow
        }
        if closedNow && item.status.isDone { someDone = true }
      }
      guard closed || (waits && instances == 0 && !canStillCome(slug, in: caseID)) else { return false }
    }
    return someDone
  }

  /// Whether the flow waits for a task with instances of which there has never been one.
  func lacksInstances(_ flow: FlowDefinition, in caseID: EntityID) -> Bool {
    flow.tasks.contains { slug in
      task(slug, in: caseID)?.waitsForInstances == true
        && !state.workItems.contains { $0.caseID == caseID && $0.task == slug }
    }
  }

  /// Whether an open item of the case may lead to a task.
  private func canStillCome(_ task: String, in caseID: EntityID) -> Bool {
    guard let workflow = workflow(of: caseID) else { return false }
    var pending: [String] = []
    for item in state.workItems where item.caseID == caseID && item.status.isOpen { pending.append(item.task) }
    var seen = Set(pending)
    while let current = pending.popLast() {
      guard current != task else { return true }
      if self.task(current, in: caseID)?.node?.edges.isEmpty == false { return true }
      guard let flow = workflow.flow(of: current) else { continue }
      guard let next = evaluator.possibleTasks(flow.next) else { return true }
      for slug in next where seen.insert(slug).inserted { pending.append(slug) }
    }
    return false
  }

  /// The items that the flow goes on with: closed in this round.
  func joining(_ flow: FlowDefinition, in caseID: EntityID) -> [EntityID] {
    state.workItems.compactMap { item in
      item.caseID == caseID && !item.isJoined && flow.tasks.contains(item.task)
        && (item.status.isDone || item.status == .canceled) ? item.id : nil
    }
  }

  /// The item that the next ones are said to follow: the last one that was done.
  func lastDone(_ flow: FlowDefinition, in caseID: EntityID) -> WorkItem? {
    var last: WorkItem?
    for item in state.workItems
    where item.caseID == caseID && !item.isJoined && item.status.isDone && flow.tasks.contains(item.task) {
      if last == nil || (item.closedAt ?? 0) >= (last?.closedAt ?? 0) { last = item }
    }
    return last
  }

  /// The items that a join opened with, the given one's flow being the join: the marked ones of its round.
  func joinedSiblings(of id: EntityID) -> [EntityID] {
    guard let item = state.workItem(id), let flow = flow(of: item), counts(flow, in: item.caseID) else { return [] }
    let round = round(of: item, flow)
    let rounds = Set(
      state.workItems.lazy.filter { $0.caseID == item.caseID && $0.task == item.task }.map { self.round(of: $0, flow) })
    var found: [EntityID] = []
    for slug in flow.tasks {
      let all = state.workItems.filter { $0.caseID == item.caseID && $0.task == slug && $0.status != .redo }
      var own = all.filter { self.round(of: $0, flow) == round }
      // A branch that came around more often than another one has joined with what the other has of no round of its
      // own.
      if own.isEmpty { own = all.filter { !rounds.contains(self.round(of: $0, flow)) } }
      if task(slug, in: item.caseID)?.isMultipleInstance != true { own = own.suffix(1) }
      found += own.lazy.filter(\.isJoined).map(\.id)
    }
    return found
  }

  /// How often the flow had opened on the way to an item of one of its tasks: in a loop, its round.
  private func round(of item: WorkItem, _ flow: FlowDefinition) -> Int {
    var round = 0
    var current = item
    var seen: Set<EntityID> = [item.id]
    while let previous = cause(of: current), seen.insert(previous.id).inserted {
      if flow.tasks.contains(previous.task) { round += 1 }
      current = previous
    }
    return round
  }

  /// The item that an item followed. One that was added by hand belongs to what its siblings followed.
  private func cause(of item: WorkItem) -> WorkItem? {
    if let previous = item.previousWorkItem { return state.workItem(previous) }
    guard task(item.task, in: item.caseID)?.isMultipleInstance == true else { return nil }
    let sibling = state.workItems.last {
      $0.caseID == item.caseID && $0.task == item.task && $0.previousWorkItem != nil
        && ($0.createdAt, $0.id) < (item.createdAt, item.id)
    }
    return sibling?.previousWorkItem.flatMap(state.workItem)
  }
}
