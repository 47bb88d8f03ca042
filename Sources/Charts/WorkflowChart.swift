import Expressions

/// Makes the graph of a workflow from its definition.
public struct WorkflowChart {
  /// A flow: what follows when all of its tasks are done.
  public struct Flow: Sendable {
    public var tasks: [String]
    /// The expression of the tasks that follow.
    public var next: String

    public init(tasks: [String], next: String) {
      self.tasks = tasks
      self.next = next
    }
  }

  /// How far the tasks of a case have come, by slug.
  public typealias States = [String: (state: ChartGraph.State, count: Int)]

  var graph: ChartGraph
  private var places: [String: Int] = [:]
  private let nodes: [String: Node]
  let names: [String: String]
  let states: States
  let past: Past
  /// Tasks that begin cases and to which nothing leads: they are start events themselves.
  private var beginnings: Set<String> = []
  private var end: Int?
  private var isWhole = true

  /// - Parameters:
  ///   - names: of tasks by slug. A task that is not among them is not for the reader: it shows, but neither what it
  ///     is nor under which conditions what happens.
  ///   - states: empty for the chart of the workflow itself.
  ///   - past: what the case has been through that the workflow does not lead to.
  public static func graph(
    title: String, startTasks: [String], flows: [Flow], nodes: [Node] = [], names: [String: String],
    states: States = [:], past: Past = Past()
  ) -> ChartGraph {
    var chart = WorkflowChart(title: title, nodes: nodes, names: names, states: states, past: past)
    chart.build(startTasks, flows)
    chart.remember()
    return chart.isWhole ? chart.graph : chart.graph.withoutConditions()
  }

  private init(title: String, nodes: [Node], names: [String: String], states: States, past: Past) {
    graph = ChartGraph(title: title)
    self.nodes = Dictionary(nodes.map { ($0.task, $0) }) { first, _ in first }
    self.names = names
    self.states = states
    self.past = past
  }

  private mutating func build(_ startTasks: [String], _ flows: [Flow]) {
    let outlines = flows.map { (try? Expression($0.next))?.outline ?? FlowOutline() }
    let targets = Set(
      nodes.values.flatMap { $0.edges.map(\.target) + $0.boundaries.map(\.target) }
        + outlines.flatMap { $0.branches.flatMap(\.tasks) })
    beginnings = Set(startTasks.filter { nodes[$0]?.type.hasPrefix("start_") == true && !targets.contains($0) })
    let others = startTasks.filter { !beginnings.contains($0) || names[$0] == nil }
    if !others.isEmpty || startTasks.isEmpty {
      var start = graph.add(.init(id: "start", kind: .start, label: "Start"))
      if others.count > 1 {
        let split = graph.add(.init(id: "start-split", kind: .parallel, label: ""))
        graph.connect(start, split)
        start = split
      }
      for task in others { graph.connect(start, place(task)) }
    }
    for task in startTasks { _ = place(task) }
    // Tasks appear in the order in which the work does, as far as the definition tells.
    for (flow, outline) in zip(flows, outlines) {
      for task in flow.tasks + outline.branches.flatMap(\.tasks) { _ = place(task) }
    }
    for (number, (flow, outline)) in zip(flows, outlines).enumerated() { lead(flow, outline, number) }
    follow(startTasks)
    let leading = Set(flows.flatMap(\.tasks)).union(nodes.values.filter { !$0.edges.isEmpty }.map(\.task))
    for task in places.keys.sorted(by: { places[$0, default: 0] < places[$1, default: 0] })
    where !leading.contains(task) && graph.nodes[places[task, default: 0]].kind != .end {
      graph.connect(places[task, default: 0], ending())
    }
  }

  /// Draws the edges of all nodes that can be reached, in the order in which the work comes to them.
  private mutating func follow(_ startTasks: [String]) {
    var pending = startTasks + places.keys.sorted { places[$0, default: 0] < places[$1, default: 0] }
    var next = 0
    var seen: Set<String> = []
    while next < pending.count {
      let task = pending[next]
      next += 1
      guard seen.insert(task).inserted, let node = nodes[task] else { continue }
      for edge in node.edges {
        graph.connect(place(task), place(edge.target), condition: edge.condition, isDefault: edge.isDefault)
        pending.append(edge.target)
      }
      guard names[task] != nil else { continue }
      for (index, boundary) in node.boundaries.enumerated() {
        graph.connect(hang(boundary, index, on: node), place(boundary.target))
        pending.append(boundary.target)
      }
      if let handler = node.compensation { compensate(node, handler) }
    }
  }

  private mutating func place(_ task: String) -> Int {
    if let known = places[task] { return known }
    if names[task] != nil {
      let node = nodes[task] ?? Node(task: task, type: "simple")
      let shape = node.shape(
        begins: beginnings.contains(task),
        waits: nodes[task]?.edges.allSatisfy { nodes[$0.target]?.isEvent == true } == true)
      return add(shape, for: task)
    }
    let place = graph.add(.init(id: "hidden-\(graph.nodes.count)", kind: .task, label: "…"))
    isWhole = false
    places[task] = place
    return place
  }

  /// Adds the node of a task, with how far the task has come.
  @discardableResult
  mutating func add(_ shape: ChartGraph.Node, for task: String) -> Int {
    var shape = shape
    shape.label = names[task] ?? task
    (shape.state, shape.count) = (states[task]?.state, states[task]?.count ?? 0)
    let place = graph.add(shape)
    places[task] = place
    return place
  }

  func place(of task: String) -> Int? { places[task] }

  /// Adds the event of a boundary. A timer has work items of its own, which tell how far it has come.
  private mutating func hang(_ boundary: Node.Boundary, _ index: Int, on node: Node) -> Int {
    let detail: ChartGraph.Detail =
      switch boundary.kind {
      case "ERROR": .error
      case "ESCALATION": .escalation
      default: .timer
      }
    let name = boundary.kind == "TIMER" ? "timeout" : boundary.kind.lowercased()
    let id = "\(node.task)__\(name)" + (index == 0 ? "" : "_\(index + 1)")
    let label = boundary.value ?? (boundary.kind == "DEADLINE" ? "deadline" : "")
    let found = boundary.kind == "TIMER" ? states[id] : nil
    var event = ChartGraph.Node(
      id: id, kind: .boundary, label: label, state: found?.state, count: found?.count ?? 0, detail: detail)
    event.value = boundary.kind == "DEADLINE" ? "deadline" : boundary.value
    event.host = place(node.task)
    // An error ends what it happens in.
    event.isInterrupting = detail == .error || boundary.isInterrupting
    return graph.add(event)
  }

  /// Adds what makes up for a done item, as BPMN has it: an event at the activity, and an activity of its own.
  private mutating func compensate(_ node: Node, _ handler: String) {
    var event = ChartGraph.Node(
      id: "\(node.task)__compensation", kind: .boundary, label: "", detail: .compensation)
    event.host = place(node.task)
    var activity = ChartGraph.Node(
      id: "\(node.task)__compensate", kind: .task, label: handler, detail: .script)
    activity.isForCompensation = true
    graph.connect(graph.add(event), graph.add(activity), isAssociation: true)
  }

  /// One end for all branches: a case is done when none is open.
  private mutating func ending() -> Int {
    if let end { return end }
    let place = graph.add(.init(id: "end", kind: .end, label: "End"))
    end = place
    return place
  }

  private mutating func lead(_ flow: Flow, _ outline: FlowOutline, _ number: Int) {
    var from = place(flow.tasks.first ?? "")
    if flow.tasks.count > 1 {
      let join = graph.add(.init(id: "flow-\(number)-join", kind: .parallel, label: ""))
      for task in flow.tasks { graph.connect(place(task), join) }
      from = join
    }
    let ways = outline.branches.reduce(0) { $0 + max($1.tasks.count, 1) }
    if ways > 1 {
      let kind: ChartGraph.Kind =
        outline.isExclusive ? .exclusive : outline.branches.contains { $0.condition != nil } ? .inclusive : .parallel
      let gateway = graph.add(.init(id: "flow-\(number)", kind: kind, label: ""))
      graph.connect(from, gateway)
      from = gateway
    }
    for branch in outline.branches { take(branch, from, number, isAlone: ways == 1 || !outline.isExclusive) }
    if outline.branches.isEmpty { graph.connect(from, ending()) }
  }

  /// A branch with several tasks behind an exclusive gateway splits again: all of them follow.
  private mutating func take(_ branch: FlowOutline.Branch, _ from: Int, _ number: Int, isAlone: Bool) {
    var (from, condition) = (from, branch.condition)
    if branch.tasks.count > 1, !isAlone {
      let split = graph.add(.init(id: "flow-\(number)-split-\(graph.nodes.count)", kind: .parallel, label: ""))
      graph.connect(from, split, condition: condition)
      (from, condition) = (split, nil)
    }
    if branch.tasks.isEmpty { graph.connect(from, ending(), condition: condition) }
    for task in branch.tasks { graph.connect(from, place(task), condition: condition) }
  }
}
