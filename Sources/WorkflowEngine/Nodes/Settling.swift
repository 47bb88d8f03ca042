/// What is looked at once everything else is done: joins, conditions, signals, and whether the case is complete.
extension Execution {
  /// The next thing to do when the agenda is empty; false when there is none.
  mutating func settle() throws(EngineError) -> Bool {
    if !line.isEmpty {
      push(.activate(line.removeFirst()))
      return true
    }
    if !signals.isEmpty {
      carry(signals.removeFirst())
      return true
    }
    guard let entry = unsettled.first else { return false }
    if try !settle(entry.caseID) {
      unsettled.removeFirst()
      if entry.mayEnd, status(ofCase: entry.caseID) == .running, !hasOpenWorkItem(in: entry.caseID),
        endsByNodes(entry.caseID)
      {
        push(.completeCase(entry.caseID, .validate))
      }
    }
    return true
  }

  /// A flow of Caluma's kind that waits for a task decides by itself whether the case goes on.
  private func endsByNodes(_ caseID: EntityID) -> Bool {
    guard let last = state.workItems.last(where: { $0.caseID == caseID && $0.status.isDone }) else { return false }
    return leadsByEdges(last) || flow(of: last) == nil
  }

  private mutating func settle(_ caseID: EntityID) throws(EngineError) -> Bool {
    guard status(ofCase: caseID) == .running else { return false }
    let waiting = state.workItems.filter {
      $0.caseID == caseID && ($0.status == .waiting || $0.status == .running)
    }
    guard !waiting.isEmpty else { return false }
    for item in waiting {
      guard let task = task(item.task, in: caseID) else { continue }
      do throws(EngineError) {
        if try advance(item, task) { return true }
      } catch {
        if let step = try fail(item, because: error) { push(.give(step)) }
        return true
      }
    }
    return breakTie(waiting)
  }

  private mutating func advance(_ item: WorkItem, _ task: TaskDefinition) throws(EngineError) -> Bool {
    switch task.type {
    case .join where item.status == .waiting:
      guard try fires(item) else {
        // All that came was taken back, and nothing else can come.
        guard predecessors(of: item).allSatisfy({ state.workItem($0)?.status.isDone != true }),
          blockers(of: item).isEmpty, item.activation.revivedFrom == nil
        else { return false }
        reasons[item.id] = .superseded
        push(.cancelWorkItem(item.id, .validate, nested: true))
        return true
      }
      open(item)
    case .condition where item.status == .waiting:
      guard let node = task.node, try holds(node, item) else { return false }
      push(.finish(item.id, .pre))
    case .splitFirst where item.status == .running:
      let token = item.activation.token
      let isLive = state.workItems.contains {
        $0.caseID == item.caseID && $0.status.isOpen && $0.activation.token.count > token.count
          && $0.activation.token.starts(with: token)
      }
      guard !isLive, !followers(of: item.id).isEmpty else { return false }
      push(.finish(item.id, .pre))
    default: return false
    }
    return true
  }

  /// Joins that wait for each other alone: the first one goes on.
  private mutating func breakTie(_ waiting: [WorkItem]) -> Bool {
    guard let first = waiting.first(where: { task($0.task, in: $0.caseID)?.type == .join }) else { return false }
    let others = state.workItems.contains { item in
      item.caseID == first.caseID && item.status.isOpen
        && !(task(item.task, in: item.caseID)?.type == .join && item.status == .waiting)
    }
    guard !others, task(first.task, in: first.caseID)?.node?.join.need != .paired,
      predecessors(of: first).contains(where: { state.workItem($0)?.status.isDone == true })
    else { return false }
    open(first)
    return true
  }

  /// Brings a signal to the catches of the family, and to all others after the commit.
  private mutating func carry(_ signal: SignalThrow) {
    push(.give(.broadcast(signal)))
    for item in state.workItems.reversed() where item.status == .waiting && catches(item, signal) {
      push(.finish(item.id, .pre))
      bring(HandlerResult(data: signal.payload), to: item)
    }
  }

  /// Whether a waiting item catches a signal.
  public func catches(_ item: WorkItem, _ signal: SignalThrow) -> Bool {
    guard item.status == .waiting, let task = task(item.task, in: item.caseID), task.type == .catchSignal,
      task.node?.signal ?? task.slug == signal.name, status(ofCase: item.caseID) == .running
    else { return false }
    return signal.correlation == nil || item.activation.correlation == nil
      || item.activation.correlation == signal.correlation
  }
}
