/// A workflow as a picture shows it: events, tasks and gateways, and the ways between them.
public struct ChartGraph: Equatable, Sendable {
  /// What a node stands for, in the terms of BPMN 2.0.
  public enum Kind: String, Sendable {
    case start, end, task
    /// Exactly one way is taken, or comes in.
    case exclusive
    /// All ways are taken, or have to come in.
    case parallel
    /// Any number of ways is taken.
    case inclusive

    var isGateway: Bool { self == .exclusive || self == .parallel || self == .inclusive }
  }

  /// How far a task has come in a case. Raw values are those of the work items' statuses.
  public enum State: String, Sendable, CaseIterable {
    case ready, suspended, redo, completed, skipped, canceled
  }

  public struct Node: Equatable, Sendable {
    /// Unique within the graph: the slug of a task, a made-up name otherwise.
    public var id: String
    public var kind: Kind
    public var label: String
    /// Nil in the chart of a workflow, and for tasks that a case has not reached.
    public var state: State?
    /// How many work items of the task a case has.
    public var count: Int

    public init(id: String, kind: Kind, label: String, state: State? = nil, count: Int = 0) {
      self.id = id
      self.kind = kind
      self.label = label
      self.state = state
      self.count = count
    }
  }

  public struct Edge: Equatable, Sendable {
    /// Places in `nodes`.
    public var from: Int
    public var to: Int
    /// When this way is taken; nil for always.
    public var condition: String?

    public init(from: Int, to: Int, condition: String? = nil) {
      self.from = from
      self.to = to
      self.condition = condition
    }
  }

  /// The name of what is shown.
  public var title: String
  public private(set) var nodes: [Node] = []
  public private(set) var edges: [Edge] = []

  public init(title: String) {
    self.title = title
  }

  /// - Returns: the node's place.
  @discardableResult
  public mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  public mutating func connect(_ from: Int, _ to: Int, condition: String? = nil) {
    edges.append(Edge(from: from, to: to, condition: condition))
  }

  func withoutConditions() -> ChartGraph {
    var graph = self
    for edge in graph.edges.indices { graph.edges[edge].condition = nil }
    return graph
  }
}
