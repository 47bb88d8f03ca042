/// Joins of typed nodes. A join waits as one item per token of the split whose branches it joins; see `JoinPolicy`.
extension Execution {
  /// The split that a token which comes to a join is of: everything up to its number. It is the innermost split of the
  /// token, or one further out when another of its branches leads straight to the same join (or, where tokens are
  /// paired, leads there at all). Empty outside of all splits.
  func joinKey(_ token: [Int64], at join: String, in caseID: EntityID) -> [Int64] {
    guard token.count >= 2 else { return [] }
    let isPaired = task(join, in: caseID)?.node?.join.need == .paired
    let graph = graph(of: caseID)
    var key = Array(token.dropLast())
    while key.count >= 3 {
      let outerKey = Array(key.dropLast(2))
      let own = key[key.count - 2]
      let others = state.workItems.contains { item in
        guard item.caseID == caseID, item.activation.host == nil, item.activation.token.count == outerKey.count + 1,
          item.activation.token.starts(with: outerKey), item.activation.token.last != own
        else { return false }
        return isPaired
          ? item.task == join || graph.reaches(join, from: item.task) : graph.reachesOnBranch(join, entering: item.task)
      }
      guard others else { break }
      key = outerKey
    }
    return key
  }

  mutating func arriveAtJoin(_ arrival: Arrival, _ task: TaskDefinition) -> Step? {
    let policy = task.node?.join ?? JoinPolicy()
    let key = joinKey(arrival.token, at: arrival.task, in: arrival.caseID)
    unsettle(arrival.caseID, mayEnd: true)
    let known = state.workItems.filter {
      $0.caseID == arrival.caseID && $0.task == arrival.task && $0.activation.token == key
    }
    let from = arrival.previous.flatMap { state.workItem($0)?.task }
    let open = known.first { join in
      guard join.status.isOpen else { return false }
      guard case .paired = policy.need else { return true }
      return !predecessors(of: join).contains { state.workItem($0)?.task == from }
    }
    // Behind a join that has fired for these branches a late one ends; outside of splits there are no such branches.
    let fired = policy.need == .paired || key.isEmpty ? nil : known.last { $0.status.isDone }
    if let taken = open ?? fired {
      let all = predecessors(of: taken) + arrival.predecessors
      push(.tell(.postAdvanceWorkItem, taken.id))
      return change(workItem: taken.id) { $0.activation.predecessors = all }
    }
    var first = arrival
    first.token = key
    // What had come to a join that was undone is still there for the one in its place.
    if policy.need != .paired, let undone = known.last, undone.activation.closedReason == .undone {
      let kept = predecessors(of: undone).filter {
        state.workItem($0)?.status.isDone == true && !arrival.predecessors.contains($0)
      }
      first.predecessors = kept + arrival.predecessors
    }
    return insert(titled(item(of: task, first, addressed: [], controlling: [], status: .waiting), task))
  }

  /// Whether a waiting join may go on now.
  mutating func fires(_ join: WorkItem) throws(EngineError) -> Bool {
    let policy = task(join.task, in: join.caseID)?.node?.join ?? JoinPolicy()
    let come = predecessors(of: join).filter { state.workItem($0)?.status.isDone == true }
    guard !come.isEmpty else { return false }
    if policy.isBlocking {
      let rounds = state.workItems.filter {
        $0.caseID == join.caseID && $0.task == join.task && $0.status.isDone
          && $0.activation.token != join.activation.token
      }
      if rounds.contains(where: { !blockers(of: $0).isEmpty }) { return false }
    }
    switch policy.need {
    case .any: return true
    case .all: break
    case .count(let text):
      guard let count = try evaluator.value(text, in: scope(of: join)).number else {
        throw EngineError(.expression, "`\(text)` does not give a number.")
      }
      if come.count >= count { return true }
    case .condition(let text):
      if try evaluator.value(text, in: scope(of: join)).isTrue { return true }
    case .paired:
      let tasks = Set(come.compactMap { state.workItem($0)?.task })
      return sources(of: join.task, in: join.caseID).allSatisfy(tasks.contains)
    }
    // Whatever it waits for: when nothing else can come it goes on with what has.
    return blockers(of: join).isEmpty
  }

  /// The open items that a join waits for: those of its branches from which it can still be reached.
  public func blockers(of join: WorkItem) -> [WorkItem] {
    let graph = graph(of: join.caseID)
    let key = join.activation.token
    var reach: [String: Bool] = [:]
    return state.workItems.filter { item in
      guard item.caseID == join.caseID, item.id != join.id, item.status.isOpen, item.activation.token.starts(with: key),
        !(item.task == join.task && item.activation.token == key)
      else { return false }
      if let known = reach[item.task] { return known }
      let reaches = graph.reaches(join.task, from: item.task)
      reach[item.task] = reaches
      return reaches
    }
  }

  /// The tasks that lead to a join.
  private func sources(of join: String, in caseID: EntityID) -> [String] {
    var seen: Set<String> = []
    var pending = workflow(of: caseID)?.startTasks ?? []
    var found: [String] = []
    while let slug = pending.popLast() {
      guard seen.insert(slug).inserted else { continue }
      let next = targets(of: slug, in: caseID)
      if next.contains(join) { found.append(slug) }
      pending += next
    }
    return found
  }

  /// What a join does not wait for any more.
  mutating func open(_ join: WorkItem) {
    let policy = task(join.task, in: join.caseID)?.node?.join ?? JoinPolicy()
    push(.finish(join.id, .pre))
    guard policy.remaining == .cancel, !join.activation.token.isEmpty else { return }
    let key = join.activation.token
    withdraw(.superseded, in: join.caseID) {
      $0.id != join.id && $0.activation.token.starts(with: key) && $0.task != join.task
    }
  }

  /// The first direct successor of a split is done: it goes on alone.
  mutating func win(_ split: WorkItem, by winner: WorkItem) {
    push(.finish(split.id, .pre))
    let token = winner.activation.token
    guard token.count >= 2 else { return }
    let length = split.activation.token.count
    let key = Array(token[..<(length % 2 == 0 ? length + 1 : length)])
    withdraw(.superseded, in: split.caseID) {
      $0.id != winner.id && $0.id != split.id && $0.activation.token.starts(with: key)
    }
  }
}
