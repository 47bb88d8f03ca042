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

  /// A task whose own edges lead on.
  public struct Node: Sendable {
    public struct Edge: Sendable {
      public var target: String
      public var condition: String?

      public init(target: String, condition: String?) {
        self.target = target
        self.condition = condition
      }
    }

    public var task: String
    /// The task's type as it is stored.
    public var type: String
    public var edges: [Edge]

    public init(task: String, type: String, edges: [Edge]) {
      self.task = task
      self.type = type
      self.edges = edges
    }

    /// What the type is in BPMN.
    var kind: ChartGraph.Kind {
      switch type {
      case "if", "switch", "split_first": .exclusive
      case "split": edges.contains { $0.condition != nil } ? .inclusive : .parallel
      case "join": .parallel
      case "end", "terminate_end", "error_end": .end
      default: .task
      }
    }
  }

  /// How far the tasks of a case have come, by slug.
  public typealias States = [String: (state: ChartGraph.State, count: Int)]

  private var graph: ChartGraph
  private var places: [String: Int] = [:]
  private let nodes: [String: Node]
  private let names: [String: String]
  private let states: States
  private var end: Int?
  private var isWhole = true

  /// - Parameters:
  ///   - names: of tasks by slug. A task that is not among them is not for the reader: it shows, but neither what it
  ///     is nor under which conditions what happens.
  ///   - states: empty for the chart of the workflow itself.
  public static func graph(
    title: String, startTasks: [String], flows: [Flow], nodes: [Node] = [], names: [String: String],
    states: States = [:]
  ) -> ChartGraph {
    var chart = WorkflowChart(title: title, nodes: nodes, names: names, states: states)
    chart.build(startTasks, flows)
    return chart.isWhole ? chart.graph : chart.graph.withoutConditions()
  }

  private init(title: String, nodes: [Node], names: [String: String], states: States) {
    graph = ChartGraph(title: title)
    self.nodes = Dictionary(nodes.map { ($0.task, $0) }) { first, _ in first }
    self.names = names
    self.states = states
  }

  private mutating func build(_ startTasks: [String], _ flows: [Flow]) {
    var start = graph.add(.init(id: "start", kind: .start, label: "Start"))
    if startTasks.count > 1 {
      let split = graph.add(.init(id: "start-split", kind: .parallel, label: ""))
      graph.connect(start, split)
      start = split
    }
    for task in startTasks { graph.connect(start, place(task)) }
    let outlines = flows.map { (try? Expression($0.next))?.outline ?? FlowOutline() }
    // Tasks appear in the order in which the work does, as far as the definition tells.
    for (flow, outline) in zip(flows, outlines) {
      for task in flow.tasks + outline.branches.flatMap(\.tasks) { _ = place(task) }
    }
    for (number, (flow, outline)) in zip(flows, outlines).enumerated() { lead(flow, outline, number) }
    follow(startTasks)
    let leading = Set(flows.flatMap(\.tasks)).union(nodes.values.filter { !$0.edges.isEmpty || $0.kind == .end }.map(\.task))
    for task in places.keys.sorted(by: { places[$0, default: 0] < places[$1, default: 0] }) where !leading.contains(task) {
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
        graph.connect(place(task), place(edge.target), condition: edge.condition)
        pending.append(edge.target)
      }
    }
  }

  private mutating func place(_ task: String) -> Int {
    if let known = places[task] { return known }
    let place: Int
    if let name = names[task] {
      let found = states[task]
      place = graph.add(
        .init(
          id: task, kind: nodes[task]?.kind ?? .task, label: name, state: found?.state,
          count: found?.count ?? 0))
    } else {
      place = graph.add(.init(id: "hidden-\(graph.nodes.count)", kind: .task, label: "…"))
      isWhole = false
    }
    places[task] = place
    return place
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
