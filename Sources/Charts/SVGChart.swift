/// Draws a graph as a picture that stands alone.
struct SVGChart {
  private let graph: ChartGraph
  private let layout: LayeredLayout

  init(_ graph: ChartGraph) {
    self.graph = graph
    layout = LayeredLayout(graph)
  }

  private static let style = """
    .node{fill:#fff;stroke:#46515e;stroke-width:1.5}.end{stroke-width:3.5}.way{fill:none;stroke:#7b8794;stroke-width:1.5}
    text{font:13px system-ui,sans-serif;fill:#1f2933;text-anchor:middle}.note{font-size:11px;fill:#52606d;text-anchor:start;
    paint-order:stroke;stroke:#fff;stroke-width:3px}    .sign{stroke:#46515e;stroke-width:2.5;fill:none}.count{font-size:11px;font-weight:600;text-anchor:end}
    .ready{fill:#fff3c4;stroke:#cb6e17}.suspended{fill:#e4e7eb;stroke:#616e7c}.redo{fill:#fde8e8;stroke:#ba2525}
    .completed{fill:#c6f7e2;stroke:#147d64}.skipped{fill:#f5f7fa;stroke:#9aa5b1;stroke-dasharray:4 3}
    .canceled{fill:#f5f7fa;stroke:#9aa5b1}.canceled+text{text-decoration:line-through}
    """

  var text: String {
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(layout.width)" height="\(layout.height)" \
      viewBox="0 0 \(layout.width) \(layout.height)" role="img" aria-label="\(markup(graph.title))">
      <title>\(markup(graph.title))</title>
      <style>\(Self.style)</style>
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
      <path d="M0 0 8 4 0 8z" fill="#7b8794"/></marker></defs>

      """
    for edge in graph.edges.indices { out += way(edge) }
    for node in graph.nodes.indices { out += self.node(graph.nodes[node], layout.boxes[node]) }
    for edge in graph.edges.indices { out += note(edge) }
    return out + "</svg>\n"
  }

  private func way(_ number: Int) -> String {
    let points = layout.lines[number]
    var out = "<path class=\"way\" marker-end=\"url(#arrow)\" d=\"M"
    out += points.map { "\($0.x) \($0.y)" }.joined(separator: " L") + "\"/>\n"
    return out
  }

  /// The condition of a way, above its longest horizontal piece.
  private func note(_ number: Int) -> String {
    guard let condition = graph.edges[number].condition else { return "" }
    let points = layout.lines[number]
    let pieces = zip(points, points.dropFirst()).filter { $0.y == $1.y }
    guard let (a, b) = pieces.max(by: { abs($0.1.x - $0.0.x) < abs($1.1.x - $1.0.x) }) else { return "" }
    let room = max(4, (abs(b.x - a.x) - 8) / 6)
    let short = condition.count > room ? condition.prefix(room - 1) + "…" : Substring(condition)
    return "<text class=\"note\" x=\"\(min(a.x, b.x) + 4)\" y=\"\(a.y - 5)\">"
      + "<title>\(markup(condition))</title>\(markup(String(short)))</text>\n"
  }

  private func node(_ node: ChartGraph.Node, _ box: LayeredLayout.Box) -> String {
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    var out = "<g id=\"node-\(markup(node.id))\"><title>\(markup(title(node)))</title>"
    switch node.kind {
    case .start, .end:
      out += "<circle class=\"node \(node.kind.rawValue)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(box.width / 2)\"/>"
    case .exclusive, .parallel, .inclusive:
      out += "<path class=\"node\" d=\"M\(x) \(box.y) L\(box.right) \(y) L\(x) \(box.y + box.height) L\(box.x) \(y)z\"/>"
      out += sign(node.kind, x, y)
    case .task:
      out += "<rect class=\"node \(node.state?.rawValue ?? "")\" x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" "
        + "height=\"\(box.height)\" rx=\"8\"/>"
      let lines = wrapped(node.label, width: 20, lines: 3)
      out += "<text>"
      for (number, line) in lines.enumerated() {
        let height = y + 5 + (2 * number - lines.count + 1) * 8
        out += "<tspan x=\"\(x)\" y=\"\(height)\">\(markup(line))</tspan>"
      }
      out += "</text>"
      if node.count > 1 { out += "<text class=\"count\" x=\"\(box.right - 7)\" y=\"\(box.y + 14)\">×\(node.count)</text>" }
    }
    return out + "</g>\n"
  }

  private func title(_ node: ChartGraph.Node) -> String {
    guard let state = node.state else { return node.label }
    return "\(node.label): \(state.rawValue)" + (node.count > 1 ? ", \(node.count) work items" : "")
  }

  private func sign(_ kind: ChartGraph.Kind, _ x: Int, _ y: Int) -> String {
    switch kind {
    case .exclusive: "<path class=\"sign\" d=\"M\(x - 7) \(y - 7) l14 14 m0 -14 l-14 14\"/>"
    case .parallel: "<path class=\"sign\" d=\"M\(x - 9) \(y) h18 M\(x) \(y - 9) v18\"/>"
    default: "<circle class=\"sign\" cx=\"\(x)\" cy=\"\(y)\" r=\"9\"/>"
    }
  }
}
