/// Writes a graph as a BPMN 2.0 document with its picture (OMG formal/2011-01-03, chapters 10 and 12).
struct BPMNChart {
  private let graph: ChartGraph
  private let layout: LayeredLayout

  init(_ graph: ChartGraph) {
    self.graph = graph
    layout = LayeredLayout(graph)
  }

  var text: String {
    var out = """
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
      xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:millrace:workflows">
        <process id="process" name="\(markup(graph.title))" isExecutable="false">

      """
    for node in graph.nodes.indices { out += element(node) }
    for edge in graph.edges.indices { out += flow(edge) }
    out += "  </process>\n  <bpmndi:BPMNDiagram id=\"diagram\">\n    <bpmndi:BPMNPlane id=\"plane\" bpmnElement=\"process\">\n"
    for node in graph.nodes.indices { out += shape(node) }
    for edge in graph.edges.indices { out += line(edge) }
    return out + "    </bpmndi:BPMNPlane>\n  </bpmndi:BPMNDiagram>\n</definitions>\n"
  }

  private static func element(_ kind: ChartGraph.Kind) -> String {
    switch kind {
    case .start: "startEvent"
    case .end: "endEvent"
    case .task: "userTask"
    case .exclusive: "exclusiveGateway"
    case .parallel: "parallelGateway"
    case .inclusive: "inclusiveGateway"
    }
  }

  private func element(_ number: Int) -> String {
    let node = graph.nodes[number]
    let name = Self.element(node.kind)
    let label = node.kind == .task ? " name=\"\(markup(node.label))\"" : ""
    var out = "    <\(name) id=\"node-\(number)\"\(label)>\n"
    // The slug survives in tools that show nothing but names.
    if node.kind == .task { out += "      <documentation>\(markup(node.id))</documentation>\n" }
    for edge in graph.edges.indices where graph.edges[edge].to == number { out += "      <incoming>flow-\(edge)</incoming>\n" }
    for edge in graph.edges.indices where graph.edges[edge].from == number { out += "      <outgoing>flow-\(edge)</outgoing>\n" }
    return out + "    </\(name)>\n"
  }

  private func flow(_ number: Int) -> String {
    let edge = graph.edges[number]
    let head = "    <sequenceFlow id=\"flow-\(number)\" sourceRef=\"node-\(edge.from)\" targetRef=\"node-\(edge.to)\""
    // The gateways of BPMN that take all ways have no conditions.
    guard let condition = edge.condition, graph.nodes[edge.from].kind != .parallel else { return head + "/>\n" }
    return head + " name=\"\(markup(condition))\">\n      <conditionExpression xsi:type=\"tFormalExpression\">"
      + "\(markup(condition))</conditionExpression>\n    </sequenceFlow>\n"
  }

  private func shape(_ number: Int) -> String {
    let box = layout.boxes[number]
    let marker = graph.nodes[number].kind == .exclusive ? " isMarkerVisible=\"true\"" : ""
    return """
            <bpmndi:BPMNShape id="shape-\(number)" bpmnElement="node-\(number)"\(marker)>
              <dc:Bounds x="\(box.x)" y="\(box.y)" width="\(box.width)" height="\(box.height)"/>
            </bpmndi:BPMNShape>

      """
  }

  private func line(_ number: Int) -> String {
    var out = "      <bpmndi:BPMNEdge id=\"line-\(number)\" bpmnElement=\"flow-\(number)\">\n"
    for point in layout.lines[number] { out += "        <di:waypoint x=\"\(point.x)\" y=\"\(point.y)\"/>\n" }
    return out + "      </bpmndi:BPMNEdge>\n"
  }
}
