/// Writes a graph as a flowchart for Mermaid.
struct MermaidChart {
  private let graph: ChartGraph

  init(_ graph: ChartGraph) {
    self.graph = graph
  }

  var text: String {
    var out = "flowchart LR\n"
    for (number, node) in graph.nodes.enumerated() { out += "  n\(number)\(shape(node))\n" }
    for (number, node) in graph.nodes.enumerated() {
      guard let host = node.host else { continue }
      out += "  n\(host) \(node.isInterrupting ? "---" : "-.-") n\(number)\n"
    }
    for edge in graph.edges {
      let label = edge.condition.map { "|\"\(escaped($0))\"|" } ?? ""
      out += "  n\(edge.from) \(edge.isAssociation ? "-.->" : "-->")\(label) n\(edge.to)\n"
    }
    let used = ChartGraph.State.allCases.filter { state in graph.nodes.contains { $0.state == state } }
    for state in used {
      let nodes = graph.nodes.indices.filter { graph.nodes[$0].state == state }.map { "n\($0)" }
      out += "  classDef \(state.rawValue) \(Self.style(state))\n"
      out += "  class \(nodes.joined(separator: ",")) \(state.rawValue)\n"
    }
    let gone = graph.nodes.indices.filter { graph.nodes[$0].isObsolete }.map { "n\($0)" }
    guard !gone.isEmpty else { return out }
    out += "  classDef obsolete stroke-dasharray:2 2\n  class \(gone.joined(separator: ",")) obsolete\n"
    return out
  }

  private func shape(_ node: ChartGraph.Node) -> String {
    switch node.kind {
    case .start: "((\"\(Self.sign(node))\"))"
    case .end: "(((\"\(Self.sign(node))\")))"
    case .event, .boundary:
      "((\"\(Self.sign(node))\(node.kind == .event ? " \(escaped(node.label))" : "")\"))"
    case .exclusive: "{\"✕\"}"
    case .parallel: "{\"+\"}"
    case .inclusive: "{\"○\"}"
    case .complex: "{\"✱\"}"
    case .eventBased: "{\"⬠\"}"
    case .task where node.detail == .call: "[[\"\(label(node))\"]]"
    case .task: "[\"\(label(node))\"]"
    }
  }

  private func label(_ node: ChartGraph.Node) -> String {
    escaped(node.label) + (node.isObsolete ? " (obsolete)" : "") + (node.count > 1 ? " ×\(node.count)" : "")
  }

  /// What an event waits for or tells.
  private static func sign(_ node: ChartGraph.Node) -> String {
    switch node.detail {
    case .timer: "⏱"
    case .message, .send, .receive: "✉"
    case .signal: "△"
    case .condition: "≡"
    case .error: "ϟ"
    case .escalation: "⇧"
    case .compensation: "⏪"
    case .terminate: "●"
    case .user, .service, .script, .call, nil: " "
    }
  }

  private static func style(_ state: ChartGraph.State) -> String {
    switch state {
    case .ready: "fill:#fff3c4,stroke:#cb6e17"
    case .suspended: "fill:#e4e7eb,stroke:#616e7c"
    case .redo: "fill:#fde8e8,stroke:#ba2525"
    case .completed: "fill:#c6f7e2,stroke:#147d64"
    case .skipped, .canceled: "fill:#f5f7fa,stroke:#9aa5b1,stroke-dasharray:4 3"
    }
  }

  /// Mermaid reads entities by number, and its quotes do not nest.
  private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "#", "<", ">", "&", ";", "`", "|": result += "#\(scalar.value);"
      case "\u{0}"..."\u{1F}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
