/// Writes a graph with its layout as JSON.
struct JSONChart {
  private let graph: ChartGraph
  private let layout: LayeredLayout

  init(_ graph: ChartGraph) {
    self.graph = graph
    layout = LayeredLayout(graph)
  }

  var text: String {
    let nodes = graph.nodes.indices.map(node).joined(separator: ",")
    let edges = graph.edges.indices.map(edge).joined(separator: ",")
    return "{\"title\":\(quoted(graph.title)),\"width\":\(layout.width),\"height\":\(layout.height),"
      + "\"nodes\":[\(nodes)],\"edges\":[\(edges)]}"
  }

  private func node(_ number: Int) -> String {
    let (node, box) = (graph.nodes[number], layout.boxes[number])
    let state = node.state.map { quoted($0.rawValue.uppercased()) } ?? "null"
    return
      "{\"id\":\(quoted(node.id)),\"kind\":\(quoted(node.kind.rawValue.uppercased())),\"label\":\(quoted(node.label)),"
      + "\"detail\":\(node.detail.map { quoted($0.rawValue.uppercased()) } ?? "null"),"
      + "\"repetition\":\(node.repetition.map { quoted($0.rawValue.uppercased()) } ?? "null"),\(boundary(node))"
      + (node.isObsolete ? "\"isObsolete\":true," : "")
      + "\"state\":\(state),\"count\":\(node.count),"
      + "\"x\":\(box.x),\"y\":\(box.y),\"width\":\(box.width),\"height\":\(box.height)}"
  }

  private func boundary(_ node: ChartGraph.Node) -> String {
    guard let host = node.host else { return "" }
    return "\"host\":\(quoted(graph.nodes[host].id)),\"isInterrupting\":\(node.isInterrupting),"
  }

  private func edge(_ number: Int) -> String {
    let edge = graph.edges[number]
    let points = layout.lines[number].map { "[\($0.x),\($0.y)]" }.joined(separator: ",")
    return "{\"from\":\(quoted(graph.nodes[edge.from].id)),\"to\":\(quoted(graph.nodes[edge.to].id)),"
      + "\"condition\":\(edge.condition.map(quoted) ?? "null"),\"isDefault\":\(edge.isDefault),"
      + "\"isAssociation\":\(edge.isAssociation),\"points\":[\(points)]}"
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
