/// A workflow as a picture shows it: events, tasks and gateways, and the ways between them.
public struct ChartGraph: Equatable, Sendable {
  /// The shape of a node, in the terms of BPMN 2.0.
  public enum Kind: String, Sendable, CaseIterable {
    case start, end, task
    /// Something that happens, or is told, between start and end.
    case event
    /// Something that can happen while the activity that it hangs on is open.
    case boundary
    /// Exactly one way is taken, or comes in.
    case exclusive
    /// All ways are taken, or have to come in.
    case parallel
    /// Any number of ways is taken.
    case inclusive
    /// As many ways as a condition says come in, or lead on.
    case complex
    /// The way of what happens first is taken.
    case eventBased = "event_based"

    var isGateway: Bool {
      switch self {
      case .exclusive, .parallel, .inclusive, .complex, .eventBased: true
      case .start, .end, .task, .event, .boundary: false
      }
    }

    var isEvent: Bool { !isGateway && self != .task }
  }

  /// How far a task has come in a case. Raw values are those of the work items' statuses.
  public enum State: String, Sendable, CaseIterable {
    case ready, suspended, redo, completed, skipped, canceled
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

  public mutating func connect(
    _ from: Int, _ to: Int, condition: String? = nil, isDefault: Bool = false, isAssociation: Bool = false
  ) {
    edges.append(
      Edge(from: from, to: to, condition: condition, isDefault: isDefault, isAssociation: isAssociation))
  }

  /// The edges as the layers see them: what a boundary event leads to follows the activity that it hangs on.
  var anchoredEdges: [(from: Int, to: Int)] { edges.map { (nodes[$0.from].host ?? $0.from, $0.to) } }

  func withoutConditions() -> ChartGraph {
    var graph = self
    for edge in graph.edges.indices { graph.edges[edge].condition = nil }
    for node in graph.nodes.indices {
      graph.nodes[node].value = nil
      if graph.nodes[node].kind == .boundary { graph.nodes[node].label = "" }
    }
    return graph
  }
}
