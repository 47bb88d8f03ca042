import Charts
import GraphQL
import WorkflowEngine
import WorkflowStore

/// What the statement of a `ChartSource` tells of one chart.
struct ChartDrawing {
  private let found: JSONValue

  init(_ found: JSONValue) {
    self.found = found
  }

  var graph: ChartGraph {
    var names: [String: String] = [:]
    let past = tasks("past", &names)
    let nodes = tasks("tasks", &names)
    let flows = (found["flows"]?.items ?? []).compactMap { flow -> WorkflowChart.Flow? in
      let parts = flow.items
      guard parts.count == 2, let next = parts[1].string else { return nil }
      let tasks = parts[0].items.compactMap(\.string)
      return tasks.isEmpty ? nil : WorkflowChart.Flow(tasks: tasks, next: next)
    }
    let ways = (found["ways"]?.items ?? []).compactMap { way -> WorkflowChart.Past.Way? in
      let tasks = way.items.compactMap(\.string)
      return tasks.count == 2 ? .init(from: tasks[0], to: tasks[1]) : nil
    }
    return WorkflowChart.graph(
      title: found["title"]?.string ?? "", startTasks: (found["start"]?.items ?? []).compactMap(\.string), flows: flows,
      nodes: nodes, names: names, states: states,
      past: .init(tasks: past, isObsolete: found["version"]?.int != nil, ways: ways))
  }

  /// The tasks of a list, whose names are added to `names`.
  private func tasks(_ list: String, _ names: inout [String: String]) -> [WorkflowChart.Node] {
    (found[list]?.items ?? []).compactMap { task in
      let parts = task.items
      guard parts.count == 5, let slug = parts[0].string, let type = parts[2].string else { return nil }
      names[slug] = parts[1].string.flatMap { $0.isEmpty ? nil : $0 } ?? slug
      var node = WorkflowChart.Node(task: slug, type: type, definition: NodeJSON.stored(parts[4].text))
      node.isMultiple = parts[3].boolean == true
      return node
    }
  }

  /// What runs by itself and is not done yet looks like what waits for somebody.
  private static func state(_ status: String) -> ChartGraph.State? {
    switch status {
    case "waiting", "scheduled", "running", "error": .ready
    default: ChartGraph.State(rawValue: status)
    }
  }

  /// What matters most of a task's items: what waits for somebody before what is done.
  private var states: WorkflowChart.States {
    var states: WorkflowChart.States = [:]
    for entry in found["states"]?.items ?? [] {
      let parts = entry.items
      guard parts.count == 3, let task = parts[0].string, let state = Self.state(parts[1].string ?? "")
      else { continue }
      let count = Int(parts[2].int ?? 0) + (states[task]?.count ?? 0)
      let other = states[task]?.state ?? state
      let order = ChartGraph.State.allCases
      let isFirst = (order.firstIndex(of: state) ?? 0) < (order.firstIndex(of: other) ?? 0)
      states[task] = (isFirst ? state : other, count)
    }
    return states
  }
}

extension WorkflowChart.Node {
  /// A task as a picture needs it.
  fileprivate init(task: String, type: String, definition node: NodeDefinition?) {
    let node = node ?? NodeDefinition()
    self.init(
      task: task, type: type,
      edges: node.edges.map { .init(target: $0.target, condition: $0.condition, isDefault: $0.isDefault) })
    boundaries = node.boundaries.map { boundary in
      .init(
        kind: boundary.kind.rawValue.uppercased(),
        value: boundary.kind == .timer ? Self.text(boundary.delay) : boundary.errorCode,
        isInterrupting: boundary.isInterrupting, target: boundary.target)
    }
    switch TaskType(rawValue: type) {
    case .timer, .startFunction: value = Self.text(node.delay)
    case .condition: value = node.condition
    case .errorEnd, .escalation: value = node.errorCode
    case .subprocess, .multiSubprocess: value = node.subprocess?.workflow
    case .catchMessage, .catchSignal, .throwSignal, .startSignal: value = node.signal ?? task
    default: break
    }
    isSequential = node.subprocess?.isSequential == true
    join = Self.text(node.join.need)
    compensation = node.compensationHandler
  }

  private static func text(_ delay: Delay?) -> String? {
    switch delay {
    case .seconds(let seconds)?: "\(seconds)"
    case .expression(let text)?: text
    case nil: nil
    }
  }

  private static func text(_ need: JoinPolicy.Need) -> String {
    switch need {
    case .all: "ALL"
    case .any: "ANY"
    case .count: "COUNT"
    case .condition: "CONDITION"
    case .paired: "PAIRED"
    }
  }
}
