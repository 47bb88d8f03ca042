/// Draws a graph as a picture that stands alone.
struct SVGChart {
  private let graph: ChartGraph
  private let layout: LayeredLayout

  init(_ graph: ChartGraph) {
    self.graph = graph
    layout = LayeredLayout(graph)
  }

  private static let style = """
    .node{fill:#fff;stroke:#46515e;stroke-width:1.5}.end{stroke-width:3.5}\
    .way{fill:none;stroke:#7b8794;stroke-width:1.5}
    text{font:13px system-ui,sans-serif;fill:#1f2933;text-anchor:middle}\
    .note{font-size:11px;fill:#52606d;text-anchor:start;
    paint-order:stroke;stroke:#fff;stroke-width:3px}
    .sign{stroke:#46515e;stroke-width:2.5;fill:none}.mark{stroke:#46515e;fill:none}.mark.told{fill:#46515e}
    .event,.boundary{fill:#fff}.aside{stroke-dasharray:4 3}.link{stroke-dasharray:2 3}\
    .count{font-size:11px;font-weight:600;text-anchor:end}
    .ready{fill:#fff3c4;stroke:#cb6e17}.suspended{fill:#e4e7eb;stroke:#616e7c}.redo{fill:#fde8e8;stroke:#ba2525}
    .completed{fill:#c6f7e2;stroke:#147d64}.skipped{fill:#f5f7fa;stroke:#9aa5b1;stroke-dasharray:4 3}
    .canceled{fill:#f5f7fa;stroke:#9aa5b1}.canceled+text{text-decoration:line-through}.obsolete{stroke-dasharray:2 2}
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
    let edge = graph.edges[number]
    var out = "<path class=\"way\(edge.isAssociation ? " link" : "")\" marker-end=\"url(#arrow)\" d=\"M"
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
    case .start, .end, .event, .boundary: out += event(node, box)
    case .exclusive, .parallel, .inclusive, .complex, .eventBased:
      out += "<path class=\"node \(node.state?.rawValue ?? "")\" "
        + "d=\"M\(x) \(box.y) L\(box.right) \(y) L\(x) \(box.y + box.height) L\(box.x) \(y)z\"/>"
      out += sign(node.kind, x, y)
    case .task:
      out +=
        "<rect class=\"node \(node.state?.rawValue ?? "")\(node.isObsolete ? " obsolete" : "")\" x=\"\(box.x)\" "
          + "y=\"\(box.y)\" width=\"\(box.width)\" "
        + "height=\"\(box.height)\" rx=\"8\"/>"
      let lines = wrapped(node.label, width: node.detail == nil ? 20 : 17, lines: 3)
      out += "<text>"
      for (number, line) in lines.enumerated() {
        let height = y + 5 + (2 * number - lines.count + 1) * 8
        out += "<tspan x=\"\(x)\" y=\"\(height)\">\(markup(line))</tspan>"
      }
      out += "</text>"
      if node.isObsolete { out += "<text class=\"note\" x=\"\(box.x + 7)\" y=\"\(box.y + 14)\">obsolete</text>" }
      if let detail = node.detail { out += SVGSign.drawing(detail, box.x + 14, box.y + 14, isFilled: detail == .send) }
      let below = box.y + box.height - 9
      if let repetition = node.repetition { out += SVGSign.drawing(repetition, x, below) }
      if node.isForCompensation { out += SVGSign.drawing(.compensation, x, below, isFilled: false) }
      if node.count > 1 {
        out += "<text class=\"count\" x=\"\(box.right - 7)\" y=\"\(box.y + 14)\">×\(node.count)</text>"
      }
    }
    return out + "</g>\n"
  }

  /// A circle; two for what happens between start and end, dashed where it goes on beside what it hangs on.
  private func event(_ node: ChartGraph.Node, _ box: LayeredLayout.Box) -> String {
    let (x, y) = (box.x + box.width / 2, box.y + box.height / 2)
    let state = node.state.map { " \($0.rawValue)" } ?? ""
    let aside = node.kind == .boundary && !node.isInterrupting ? " aside" : ""
    func circle(_ radius: Int) -> String {
      "<circle class=\"node \(node.kind.rawValue)\(state)\(aside)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\"/>"
    }
    var out = circle(box.width / 2)
    if node.kind == .event || node.kind == .boundary { out += circle(box.width / 2 - 4) }
    let isFilled = node.kind == .end || node.isThrowing
    if let detail = node.detail { out += SVGSign.drawing(detail, x, y, isFilled: isFilled) }
    return out
  }

  private func title(_ node: ChartGraph.Node) -> String {
    guard let state = node.state else { return node.label }
    return "\(node.label): \(state.rawValue)" + (node.isObsolete ? ", obsolete" : "")
      + (node.count > 1 ? ", \(node.count) work items" : "")
  }

  private func sign(_ kind: ChartGraph.Kind, _ x: Int, _ y: Int) -> String {
    switch kind {
    case .exclusive: "<path class=\"sign\" d=\"M\(x - 7) \(y - 7) l14 14 m0 -14 l-14 14\"/>"
    case .parallel: "<path class=\"sign\" d=\"M\(x - 9) \(y) h18 M\(x) \(y - 9) v18\"/>"
    case .complex:
      "<path class=\"sign\" d=\"M\(x - 9) \(y) h18 M\(x) \(y - 9) v18 M\(x - 6) \(y - 6) l12 12 m0 -12 l-12 12\"/>"
    case .eventBased:
      "<circle class=\"mark\" cx=\"\(x)\" cy=\"\(y)\" r=\"11\"/>"
        + "<path class=\"mark\" d=\"M\(x) \(y - 7) l7 5 l-3 8 h-8 l-3 -8z\"/>"
    default: "<circle class=\"sign\" cx=\"\(x)\" cy=\"\(y)\" r=\"9\"/>"
    }
  }
}
