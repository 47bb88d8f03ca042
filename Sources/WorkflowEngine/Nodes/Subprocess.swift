/// Child cases that typed nodes start and wait for.
extension Execution {
  /// How many cases may be started by each other's subprocesses.
  static var maximumDepth: Int { 100 }

  mutating func startChildren(of item: WorkItem, _ node: NodeDefinition) throws(EngineError) -> Step? {
    guard let process = node.subprocess else {
      throw EngineError(.unknownDefinition, "The task `\(item.task)` names no workflow.")
    }
    guard definitions.workflow(process.workflow) != nil else {
      throw EngineError(.unknownDefinition, "The workflow `\(process.workflow)` does not exist.")
    }
    var depth = 1
    var above = item.caseID
    while let parent = state.parentWorkItem(of: above) {
      depth += 1
      above = parent.caseID
    }
    guard depth <= Self.maximumDepth else {
      throw EngineError(.limit, "More than \(Self.maximumDepth) cases were started by each other.")
    }
    let elements = try self.elements(of: process, item)
    guard !elements.isEmpty else {
      push(.finish(item.id, .pre))
      return nil
    }
    for element in (process.isSequential ? Array(elements.prefix(1)) : elements).reversed() {
      push(.startCase(try child(process, of: item, element), .validate))
    }
    push(.tell(.postAdvanceWorkItem, item.id))
    return change(workItem: item.id) { [now] in $0.activation.startedAt = now }
  }

  private mutating func elements(
    of process: SubprocessDefinition, _ item: WorkItem
  ) throws(EngineError) -> [String?] {
    let added = item.activation.addedElements.map { Optional($0) }
    guard let items = process.items else { return [nil] + added }
    guard let elements = try evaluator.value(items, in: scope(of: item)).elements else {
      throw EngineError(.expression, "`\(items)` does not give a list.")
    }
    return elements + added
  }

  private mutating func child(
    _ process: SubprocessDefinition, of item: WorkItem, _ element: String?
  ) throws(EngineError) -> StartCase {
    var scope = scope(of: item)
    if let element { scope.element = element }
    var start = StartCase(workflow: process.workflow)
    start.parentItem = item.id
    start.isNested = true
    if let text = process.data {
      start.data = try evaluator.value(text, in: scope).json
    } else if let element {
      start.data = element
    }
    return start
  }

  /// `addSubprocessItem`. Who may cancel the item may add to it.
  mutating func addChild(of id: EntityID, _ element: String?) throws(EngineError) -> Step? {
    let item = try requireWorkItem(id)
    guard let task = task(item.task, in: item.caseID), task.type == .multiSubprocess,
      let process = task.node?.subprocess
    else { throw EngineError(.input, "Cases can be added to a multiple subprocess only.") }
    try requireAccess(.cancel, item)
    guard item.status == .running, status(ofCase: item.caseID) == .running else {
      throw .state("Cases can only be added while the item waits for others.")
    }
    if let element, !evaluator.isJSON(element) { throw EngineError(.input, "The element is no JSON text.") }
    guard !process.isSequential else {
      // There is no case yet that the command would be about.
      caseID = nil
      push(.tell(.postAdvanceWorkItem, id))
      return change(workItem: id) { $0.activation.addedElements.append(element ?? "null") }
    }
    var start = try child(process, of: item, element)
    start.isNested = false
    push(.startCase(start, .validate))
    return nil
  }

  /// A case that a subprocess waits for was closed.
  mutating func childClosed(_ id: EntityID) throws(EngineError) -> Step? {
    guard let child = state.case(id), let item = child.parentItem.flatMap({ state.workItem($0) }),
      item.status == .running, let node = task(item.task, in: item.caseID)?.node, let process = node.subprocess
    else { return nil }
    if child.outcome == .error {
      let code = child.errorCode ?? "ERROR"
      return try fail(
        item, WorkItemFailure(code: code, message: "The child case \(id) ended with the error \(code)."),
        isRecorded: true)
    }
    if child.status == .canceled {
      switch process.onCanceled {
      case .ignore: break
      case .fail:
        return try fail(
          item, WorkItemFailure(code: "CHILD_CANCELED", message: "The child case \(id) was canceled."), isRecorded: true
        )
      case .cancel:
        push(.cancelWorkItem(item.id, .validate, nested: false))
        return nil
      }
    }
    let all = state.cases.filter { $0.parentItem == item.id }
    guard !all.contains(where: { $0.status.isOpen }) else { return nil }
    // Those of before the item began again have been counted.
    let children = all.filter { $0.createdAt >= item.activation.startedAt ?? $0.createdAt }
    if process.isSequential {
      let elements = try self.elements(of: process, item)
      if children.count < elements.count {
        push(.startCase(try self.child(process, of: item, elements[children.count]), .validate))
        return nil
      }
    }
    let brought = children.filter { $0.status == .completed }.map(\.data)
    let data = process.items == nil ? brought.last : "[\(brought.joined(separator: ", "))]"
    push(.finish(item.id, .pre))
    bring(HandlerResult(data: data), to: item)
    return nil
  }
}
