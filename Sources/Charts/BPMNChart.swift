/// Writes a graph as a BPMN 2.0 document with its picture (OMG formal/2011-01-03, chapters 10 and 12). The order of
/// attributes' owners and children is that of the schema BPMN20.xsd.
struct BPMNChart {
  private let graph: ChartGraph
  private let layout: LayeredLayout
  /// What events refer to by number, once for each name: signals, messages, errors and escalations.
  private let references: [Reference]

  private struct Reference: Hashable {
    var element: String
    var name: String
  }

  init(_ graph: ChartGraph) {
    self.graph = graph
    layout = LayeredLayout(graph)
    var seen: Set<Reference> = []
    references = graph.nodes.compactMap(Self.reference).filter { seen.insert($0).inserted }
  }

  var text: String {
    var out = """
      <?xml version="1.0" encoding="UTF-8"?>
      <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" \
      xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
      xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="urn:millrace:workflows">

      """
    for (number, reference) in references.enumerated() {
      let code = reference.element == "error" || reference.element == "escalation"
      out += "  <\(reference.element) id=\"reference-\(number)\" name=\"\(markup(reference.name))\""
      out += code ? " \(reference.element)Code=\"\(markup(reference.name))\"/>\n" : "/>\n"
    }
    out += "  <process id=\"process\" name=\"\(markup(graph.title))\" isExecutable=\"false\">\n"
    for node in graph.nodes.indices { out += element(node) }
    for edge in graph.edges.indices where !graph.edges[edge].isAssociation { out += flow(edge) }
    for edge in graph.edges.indices where graph.edges[edge].isAssociation { out += association(edge) }
    out +=
      "  </process>\n  <bpmndi:BPMNDiagram id=\"diagram\">\n    <bpmndi:BPMNPlane id=\"plane\" "
        + "bpmnElement=\"process\">\n"
    for node in graph.nodes.indices { out += shape(node) }
    for edge in graph.edges.indices { out += line(edge) }
    return out + "    </bpmndi:BPMNPlane>\n  </bpmndi:BPMNDiagram>\n</definitions>\n"
  }

  private static func reference(_ node: ChartGraph.Node) -> Reference? {
    guard let name = node.value, !name.isEmpty, node.kind.isEvent else { return nil }
    switch node.detail {
    case .signal, .message, .error, .escalation: return Reference(element: node.detail?.rawValue ?? "", name: name)
    default: return nil
    }
  }

  private static func element(_ node: ChartGraph.Node) -> String {
    switch node.kind {
    case .start: "startEvent"
    case .end: "endEvent"
    case .event: node.isThrowing ? "intermediateThrowEvent" : "intermediateCatchEvent"
    case .boundary: "boundaryEvent"
    case .exclusive: "exclusiveGateway"
    case .parallel: "parallelGateway"
    case .inclusive: "inclusiveGateway"
    case .complex: "complexGateway"
    case .eventBased: "eventBasedGateway"
    case .task:
      switch node.detail {
      case .user: "userTask"
      case .service: "serviceTask"
      case .script: "scriptTask"
      case .send: "sendTask"
      case .receive: "receiveTask"
      case .call: "callActivity"
      default: "task"
      }
    }
  }

  private func element(_ number: Int) -> String {
    let node = graph.nodes[number]
    let name = Self.element(node)
    // There is no other place for it that tools would show.
    let mark = node.isObsolete ? " (obsolete)" : ""
    let label = node.label.isEmpty ? "" : " name=\"\(markup(node.label))\(mark)\""
    var out = "    <\(name) id=\"node-\(number)\"\(label)\(attributes(number))>\n"
    // The slug survives in tools that show nothing but names.
    if node.kind == .task { out += "      <documentation>\(markup(node.id))</documentation>\n" }
    for edge in graph.edges.indices where graph.edges[edge].to == number && !graph.edges[edge].isAssociation {
      out += "      <incoming>flow-\(edge)</incoming>\n"
    }
    for edge in graph.edges.indices where graph.edges[edge].from == number && !graph.edges[edge].isAssociation {
      out += "      <outgoing>flow-\(edge)</outgoing>\n"
    }
    if node.kind == .task, let repetition = node.repetition {
      out += "      <multiInstanceLoopCharacteristics isSequential=\"\(repetition == .sequential)\"/>\n"
    }
    return out + definition(node) + "    </\(name)>\n"
  }

  private func attributes(_ number: Int) -> String {
    let node = graph.nodes[number]
    switch node.kind {
    case .boundary: return " attachedToRef=\"node-\(node.host ?? 0)\" cancelActivity=\"\(node.isInterrupting)\""
    case .task:
      if node.isForCompensation { return " isForCompensation=\"true\"" }
      guard node.detail == .call, let workflow = node.value, Self.isName(workflow) else { return "" }
      return " calledElement=\"\(workflow)\""
    case .exclusive, .inclusive, .complex:
      let other = graph.edges.firstIndex { $0.from == number && $0.isDefault }
      return other.map { " default=\"flow-\($0)\"" } ?? ""
    default: return ""
    }
  }

  /// Whether the schema takes this for the name of an element.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic || first == "_" else { return false }
    return text.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
    }
  }

  /// What an event waits for, or tells.
  private func definition(_ node: ChartGraph.Node) -> String {
    guard node.kind.isEvent, let detail = node.detail else { return "" }
    let named = Self.reference(node).flatMap { references.firstIndex(of: $0) }
    func refer(_ name: String) -> String {
      "      <\(name)EventDefinition\(named.map { " \(name)Ref=\"reference-\($0)\"" } ?? "")/>\n"
    }
    func formal(_ element: String, _ text: String) -> String {
      "<\(element) xsi:type=\"tFormalExpression\">\(markup(text))</\(element)>"
    }
    switch detail {
    case .message, .signal, .error, .escalation: return refer(detail.rawValue)
    case .compensation: return "      <compensateEventDefinition/>\n"
    case .terminate: return "      <terminateEventDefinition/>\n"
    case .condition:
      return "      <conditionalEventDefinition>\(formal("condition", node.value ?? ""))</conditionalEventDefinition>\n"
    case .timer:
      guard let value = node.value else { return "      <timerEventDefinition/>\n" }
      let isDuration = value.allSatisfy(\.isNumber)
      let time =
        node.kind == .start && isDuration
        ? formal("timeCycle", "R/PT\(value)S")
        : isDuration ? formal("timeDuration", "PT\(value)S") : formal("timeDate", value)
      return "      <timerEventDefinition>\(time)</timerEventDefinition>\n"
    case .user, .service, .script, .send, .receive, .call: return ""
    }
  }

  private func flow(_ number: Int) -> String {
    let edge = graph.edges[number]
    let head = "    <sequenceFlow id=\"flow-\(number)\" sourceRef=\"node-\(edge.from)\" targetRef=\"node-\(edge.to)\""
    // The gateways of BPMN that take all ways, or the first one, have no conditions.
    let kind = graph.nodes[edge.from].kind
    guard let condition = edge.condition, kind != .parallel, kind != .eventBased else { return head + "/>\n" }
    return head + " name=\"\(markup(condition))\">\n      <conditionExpression xsi:type=\"tFormalExpression\">"
      + "\(markup(condition))</conditionExpression>\n    </sequenceFlow>\n"
  }

  private func association(_ number: Int) -> String {
    let edge = graph.edges[number]
    return "    <association id=\"flow-\(number)\" sourceRef=\"node-\(edge.from)\" targetRef=\"node-\(edge.to)\" "
      + "associationDirection=\"One\"/>\n"
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
