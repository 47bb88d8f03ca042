import Testing
import WorkflowEngine

/// A task with a node; targets are edges without a condition.
func node(
  _ slug: String, _ type: TaskType = .simple, _ targets: String..., edges: [EdgeDefinition] = [],
  _ configure: (inout NodeDefinition) -> Void = { _ in }
) -> TaskDefinition {
  var node = NodeDefinition(edges: targets.map { EdgeDefinition($0) } + edges)
  configure(&node)
  return TaskDefinition(slug: slug, type: type, node: node)
}

extension EdgeDefinition {
  static func when(_ condition: String, _ target: String) -> EdgeDefinition { EdgeDefinition(target, condition: condition) }
  static func otherwise(_ target: String) -> EdgeDefinition { EdgeDefinition(target, isDefault: true) }
  static func each(_ items: String, _ target: String) -> EdgeDefinition { EdgeDefinition(target, items: items) }
}

extension Bench {
  /// A workflow of typed nodes, "main". Tasks that are only named are human ones without anything behind them.
  init(_ start: String..., nodes: [TaskDefinition]) {
    self.init(start: start)
    add("main", start: start, nodes)
  }

  mutating func add(_ workflow: String, start: [String], _ nodes: [TaskDefinition]) {
    for task in nodes { definitions.insert(task) }
    for task in nodes {
      for target in (task.node?.edges.map(\.target) ?? []) + (task.node?.boundaries.map(\.target) ?? [])
      where definitions.task(target) == nil {
        definitions.insert(TaskDefinition(slug: target))
      }
    }
    for task in start where definitions.task(task) == nil { definitions.insert(TaskDefinition(slug: task)) }
    definitions.insert(WorkflowDefinition(slug: workflow, startTasks: start, flows: []))
  }

  /// Starts the case with data, and holds after every command that the log tells what the rows are.
  mutating func begin(_ data: String = "{}", trigger: String? = nil) throws {
    try run(.startCase(StartCase(workflow: "main", data: data, trigger: trigger)))
    expectFold()
  }

  mutating func done(_ tasks: String...) throws {
    for task in tasks {
      guard let open = state.workItems.first(where: { $0.task == task && $0.status == .ready }) else {
        Issue.record("\(task) is not ready.")
        return
      }
      try run(.completeWorkItem(open.id))
      expectFold()
    }
  }

  mutating func perform(_ command: Command) throws {
    try run(command)
    expectFold()
  }

  func expectFold() {
    let folded = FamilyState(folding: log)
    let whole = FamilyState(cases: state.cases, workItems: state.workItems)
    guard folded != whole else { return }
    for item in whole.workItems where folded.workItem(item.id) != item {
      Issue.record("\(item.task): \(item)\nin the log \(folded.workItem(item.id).map { "\($0)" } ?? "missing")")
    }
    for row in whole.cases where folded.case(row.id) != row {
      Issue.record("\(row)\nin the log \(folded.case(row.id).map { "\($0)" } ?? "missing")")
    }
    #expect(folded == whole)
  }

  /// The tasks of the open items, in the order of their creation.
  var open: [String] { state.workItems.filter(\.status.isOpen).map(\.task) }
  /// The tasks of the items that somebody can do.
  var ready: [String] { state.workItems.filter { $0.status == .ready }.map(\.task) }
  func count(_ task: String, _ status: WorkItemStatus? = nil) -> Int {
    items(task).count { status == nil || $0.status == status }
  }
  var isComplete: Bool { caseStatus == .completed }
  func reason(_ task: String) -> ClosedReason? { state.workItem(item(task))?.activation.closedReason }

  mutating func offer(_ transition: Transition, _ task: String) -> TransitionOffer {
    var execution = execution(.cancelCase(root))
    return execution.offer(transition, item(task))
  }
}
