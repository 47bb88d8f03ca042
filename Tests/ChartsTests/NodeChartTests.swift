import Charts
import Foundation
import FoundationXML
import Testing

/// Typed nodes in charts: every type is the element of BPMN that means the same.
@Suite("Charts of typed nodes")
struct NodeChartTests {
  private static func node(
    _ task: String, _ type: String, _ targets: String..., change: (inout WorkflowChart.Node) -> Void = { _ in }
  ) -> WorkflowChart.Node {
    var node = WorkflowChart.Node(task: task, type: type, edges: targets.map { .init(target: $0, condition: nil) })
    change(&node)
    return node
  }

  private static func graph(
    _ start: [String], _ nodes: [WorkflowChart.Node], states: WorkflowChart.States = [:], hidden: Set<String> = []
  ) -> ChartGraph {
    let names = nodes.map(\.task).filter { !hidden.contains($0) }
    return WorkflowChart.graph(
      title: "Flow", startTasks: start, flows: [], nodes: nodes.filter { !hidden.contains($0.task) },
      names: Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }), states: states)
  }

  /// Every type of task, each followed by the next one.
  private static let everything: [WorkflowChart.Node] = {
    let types = [
      ("view", "simple"), ("form", "complete_task_form"), ("handler", "handler"), ("job", "job"),
      ("call", "catch_call"),
      ("message", "catch_message"), ("signal", "catch_signal"), ("throw", "throw_signal"), ("timer", "timer"),
      ("condition", "condition"), ("escalation", "escalation"), ("compensation", "compensation"), ("if", "if"),
      ("switch", "switch"), ("all", "split"), ("some", "split"), ("first", "split_first"), ("event", "split_first"),
      ("join", "join"), ("any", "join"), ("sub", "subprocess"), ("subs", "multi_subprocess"), ("gone", "obsolete"),
      ("stop", "terminate_end"), ("fail", "error_end"), ("end", "end"),
    ]
    var nodes = types.enumerated().map { place, type in
      type.1.hasSuffix("end") ? node(type.0, type.1) : node(type.0, type.1, types[place + 1].0)
    }
    func change(_ task: String, _ body: (inout WorkflowChart.Node) -> Void) {
      if let place = nodes.firstIndex(where: { $0.task == task }) { body(&nodes[place]) }
    }
    change("form") { $0.isMultiple = true }
    for task in ["message", "signal", "throw"] { change(task) { $0.value = "noise" } }
    change("timer") { $0.value = "60" }
    change("condition") { $0.value = "data.x < 1" }
    change("escalation") { $0.value = "HELP" }
    change("fail") { $0.value = "E42" }
    for task in ["if", "switch"] {
      change(task) {
        $0.edges = [
          .init(target: task == "if" ? "switch" : "all", condition: "data.y"),
          .init(target: "some", condition: nil, isDefault: true),
        ]
      }
    }
    change("some") { $0.edges = [.init(target: "first", condition: "data.z"), .init(target: "any", condition: nil)] }
    change("first") { $0.edges = [.init(target: "view", condition: nil), .init(target: "event", condition: nil)] }
    change("event") { $0.edges = [.init(target: "message", condition: nil), .init(target: "timer", condition: nil)] }
    change("join") { $0.join = "ALL" }
    change("any") { $0.join = "ANY" }
    change("any") { $0.edges.append(.init(target: "join", condition: nil)) }
    change("sub") { $0.value = "permit" }
    change("subs") { $0.value = "1 is no name"; $0.isSequential = true }
    change("gone") { $0.edges += [.init(target: "fail", condition: nil), .init(target: "end", condition: nil)] }
    return [
      node("ring", "start_signal", "view") { $0.value = "noise" },
      node("clock", "start_function", "view") { $0.value = "3600" },
      node("code", "start_function", "view")] + nodes
  }()

  static var whole: ChartGraph { graph(["ring", "clock", "code"], everything) }

  static let bounded = graph(
    ["view"],
    [
      node("view", "simple", "end") {
        $0.boundaries = [
          .init(kind: "TIMER", value: "60", isInterrupting: false, target: "late"),
          .init(kind: "ERROR", value: "E42", target: "repair"),
          .init(kind: "ESCALATION", value: "HELP", isInterrupting: false, target: "view"),
          .init(kind: "DEADLINE", isInterrupting: true, target: "late"),
        ]
        $0.compensation = "office.unpay"
      },
      node("late", "simple", "end"), node("repair", "handler", "view"), node("end", "end"),
    ], states: ["view": (.ready, 1), "view__timeout": (.ready, 1)])

  /// The elements of a BPMN document by name, with their attributes, and the names of what stands in them.
  private final class Elements: NSObject, XMLParserDelegate {
    struct Element {
      var name: String
      var attributes: [String: String]
      var children: [String] = []
    }

    private(set) var all: [Element] = []
    private var path: [Int] = []

    init(_ text: String) {
      super.init()
      let parser = XMLParser(data: Data(text.utf8))
      parser.delegate = self
      #expect(parser.parse())
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      if let parent = path.last { all[parent].children.append(name) }
      path.append(all.count)
      all.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      path.removeLast()
    }

    func first(_ name: String, _ label: String) -> Element? {
      all.first { $0.name == name && $0.attributes["name"] == label }
    }
  }

  @Test("every type is the element of BPMN that means the same")
  func elements() throws {
    let elements = Elements(Self.whole.chart(.bpmn))
    for (task, element, definition) in [
      ("ring", "startEvent", "signalEventDefinition"), ("clock", "startEvent", "timerEventDefinition"),
      ("code", "startEvent", nil), ("view", "userTask", nil), ("form", "userTask", "multiInstanceLoopCharacteristics"),
      ("handler", "scriptTask", nil), ("job", "serviceTask", nil), ("call", "receiveTask", nil),
      ("message", "intermediateCatchEvent", "messageEventDefinition"),
      ("signal", "intermediateCatchEvent", "signalEventDefinition"),
      ("throw", "intermediateThrowEvent", "signalEventDefinition"),
      ("timer", "intermediateCatchEvent", "timerEventDefinition"),
      ("condition", "intermediateCatchEvent", "conditionalEventDefinition"),
      ("escalation", "intermediateThrowEvent", "escalationEventDefinition"),
      ("compensation", "intermediateThrowEvent", "compensateEventDefinition"), ("sub", "callActivity", nil),
      ("subs", "callActivity", "multiInstanceLoopCharacteristics"), ("gone", "task", nil), ("end", "endEvent", nil),
      ("stop", "endEvent", "terminateEventDefinition"), ("fail", "endEvent", "errorEventDefinition"),
      ("first", "complexGateway", nil), ("any", "complexGateway", nil), ("all", "parallelGateway", nil),
      ("join", "parallelGateway", nil), ("some", "inclusiveGateway", nil), ("event", "eventBasedGateway", nil),
      ("if", "exclusiveGateway", nil), ("switch", "exclusiveGateway", nil),
    ] as [(String, String, String?)] {
      let place = try #require(Self.whole.nodes.firstIndex { $0.id == task }, "\(task)")
      let found = try #require(elements.all.first { $0.attributes["id"] == "node-\(place)" }, "\(task)")
      #expect(found.name == element, "\(task)")
      let details = found.children.filter { $0.hasSuffix("Definition") || $0.hasSuffix("Characteristics") }
      #expect(details == (definition.map { [$0] } ?? []), "\(task)")
    }
    #expect(elements.first("callActivity", "sub")?.attributes["calledElement"] == "permit")
    #expect(elements.first("callActivity", "subs")?.attributes["calledElement"] == nil)
    // One signal and one message of the name, which all events refer to.
    #expect(
      elements.all.filter { $0.name == "signal" }.count == 1 && elements.all.filter { $0.name == "message" }.count == 1)
    let references = elements.all.compactMap { $0.attributes["signalRef"] }
    #expect(references.count == 3 && Set(references).count == 1)
    #expect(elements.first("error", "E42")?.attributes["errorCode"] == "E42")
    #expect(elements.first("exclusiveGateway", "if")?.attributes["default"] != nil)
  }

  /// The children of tProcess, tActivity, tCatchEvent and so on have one order in BPMN20.xsd.
  @Test("what stands in elements, and what they refer to, is as the schema of BPMN has it", arguments: [whole, bounded])
  func schema(graph: ChartGraph) {
    let elements = Elements(graph.chart(.bpmn))
    let order = [
      "documentation", "incoming", "outgoing", "multiInstanceLoopCharacteristics", "conditionExpression",
    ]
    let ids = elements.all.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for element in elements.all {
      for reference in [
        "sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement", "signalRef", "messageRef", "errorRef",
        "escalationRef",
      ] {
        if let id = element.attributes[reference] { #expect(ids.contains(id), "\(element)") }
      }
      guard element.attributes["id"]?.hasPrefix("node-") == true else { continue }
      let places = element.children.map { order.firstIndex(of: $0) ?? order.count }
      #expect(places == places.sorted(), "\(element)")
    }
    let process = elements.all.first { $0.name == "process" }?.children ?? []
    let artifacts = process.firstIndex(of: "association") ?? process.endIndex
    #expect(process[artifacts...].allSatisfy { $0 == "association" })
    let definitions = elements.all.first?.children ?? []
    #expect(definitions.suffix(2) == ["process", "bpmndi:BPMNDiagram"])
    for event in elements.all where event.name == "startEvent" { #expect(!event.children.contains("incoming")) }
    for event in elements.all where event.name == "endEvent" { #expect(!event.children.contains("outgoing")) }
    for event in elements.all where event.name == "boundaryEvent" { #expect(!event.children.contains("incoming")) }
  }

  @Test("boundary events are attached to their host, and say whether they cancel it")
  func boundaries() throws {
    let graph = Self.bounded
    let host = try #require(graph.nodes.firstIndex { $0.id == "view" })
    let elements = Elements(graph.chart(.bpmn))
    let events = elements.all.filter { $0.name == "boundaryEvent" }
    #expect(events.count == 5 && events.allSatisfy { $0.attributes["attachedToRef"] == "node-\(host)" })
    let told = events.map { event in
      "\(event.attributes["cancelActivity"] ?? "") \(event.children.last ?? "")"
    }
    #expect(
      told == [
        "false timerEventDefinition", "true errorEventDefinition", "false escalationEventDefinition",
        "true timerEventDefinition", "true compensateEventDefinition",
      ])
    #expect(elements.all.contains { $0.attributes["isForCompensation"] == "true" })
    #expect(elements.all.filter { $0.name == "association" }.count == 1)
    // The sequence flow leaves the event, not its host.
    let late = try #require(graph.nodes.firstIndex { $0.id == "late" })
    let sources = graph.edges.filter { $0.to == late }.map { graph.nodes[$0.from].id }
    #expect(sources == ["view__timeout", "view__deadline_4"])
    #expect(graph.nodes.first { $0.id == "view__timeout" }?.state == .ready)
  }

  @Test("boundary events stand on the lower border of their host, beside each other")
  func border() throws {
    let graph = Self.bounded
    let layout = LayeredLayout(graph)
    let host = try #require(graph.nodes.firstIndex { $0.id == "view" })
    let box = layout.boxes[host]
    let events = graph.nodes.indices.filter { graph.nodes[$0].host == host }
    for event in events {
      let (x, y) = (
        layout.boxes[event].x + layout.boxes[event].width / 2, layout.boxes[event].y + layout.boxes[event].height / 2
      )
      #expect(x > box.x && x < box.x + box.width && y == box.y + box.height)
    }
    #expect(zip(events, events.dropFirst()).allSatisfy { layout.boxes[$0].x < layout.boxes[$1].x })
    for (edge, line) in zip(graph.edges, layout.lines) where events.contains(edge.from) {
      let event = layout.boxes[edge.from]
      #expect(line.first?.x == event.x + event.width / 2 && line.first?.y == event.y + event.height)
      for (a, b) in zip(line, line.dropFirst()) { #expect(a.x == b.x || a.y == b.y) }
    }
    let others = graph.nodes.indices.filter { graph.nodes[$0].host == nil && $0 != host }
    for event in events {
      for other in others {
        let (a, b) = (layout.boxes[event], layout.boxes[other])
        #expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y)
      }
    }
    #expect(
      layout.lines.joined().allSatisfy { $0.x >= 0 && $0.y >= 0 && $0.x <= layout.width && $0.y <= layout.height })
  }

  @Test("pictures show what each node is")
  func signs() {
    let picture = Self.whole.chart(.svg)
    _ = Elements(picture)
    for task in Self.everything
    where !["if", "switch", "all", "some", "first", "event", "join", "any", "gone", "code", "end"].contains(task.task) {
      let part =
        picture.components(separatedBy: "<g id=\"node-\(task.task)\">").last?.components(separatedBy: "</g>").first
        ?? ""
      #expect(part.contains("class=\"mark"), "\(task.task)")
    }
    let bounded = Self.bounded.chart(.svg)
    #expect(bounded.contains("class=\"node boundary ready aside\"") && bounded.contains("class=\"way link\""))
  }

  @Test("a small flow as BPMN, SVG, Mermaid and JSON", arguments: ChartFormat.allCases)
  func golden(format: ChartFormat) {
    let graph = Self.graph(
      ["ring"],
      [
        Self.node("ring", "start_signal", "view") { $0.value = "noise" },
        Self.node("view", "simple", "end") {
          $0.boundaries = [.init(kind: "TIMER", value: "60", isInterrupting: false, target: "late")]
        },
        Self.node("late", "job", "end"), Self.node("end", "terminate_end"),
      ], states: ["view": (.ready, 1)])
    #expect(graph.chart(format) == GoldenCharts.text(format))
  }

  @Test("a hidden task keeps what it is to itself, and so do the names in events")
  func hidden() {
    let nodes = [
      Self.node("view", "simple", "secret") {
        $0.boundaries = [.init(kind: "ERROR", value: "secret", target: "secret")]
      },
      Self.node("secret", "catch_signal", "end") { $0.value = "secret" }, Self.node("end", "end"),
    ]
    let graph = Self.graph(["view"], nodes, hidden: ["secret"])
    for format in ChartFormat.allCases { #expect(!graph.chart(format).contains("secret")) }
    #expect(graph.nodes.contains { $0.kind == .task && $0.detail == nil && $0.label == "…" })
  }
}
