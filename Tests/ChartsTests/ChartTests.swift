import Charts
import Expressions
import Foundation
import FoundationXML
import Testing

@Suite("Charts of workflows")
struct ChartTests {
  private static func graph(
    _ start: [String], _ flows: [([String], String)], states: WorkflowChart.States = [:]
  ) -> ChartGraph {
    WorkflowChart.graph(
      title: "A & B", startTasks: start, flows: flows.map { .init(tasks: $0.0, next: $0.1) },
      names: (["b", "c", "d"] + (0..<13).map { "t\($0)" }).reduce(into: ["a": "Fill in <the form>"]) { $0[$1] = $1 },
      states: states)
  }

  static let samples: [ChartGraph] = [
    graph(["a"], []),
    graph(["a"], [(["a"], "'b'|task")]),
    graph(["a"], [(["a"], "['b','c']|tasks"), (["b", "c"], "'d'|task")]),
    graph(["a"], [(["a"], "answer ? 'b'|task : 'c'|task"), (["b", "c"], "'a'|task")]),
    graph(["a", "b"], [(["a"], "'a'|task"), (["b"], "x == 1 ? ['c','d']|tasks : null")]),
    graph(["a"], (0..<12).map { (["t\($0)"], "['t\($0 + 1)','t\(($0 * 7) % 12)']|tasks") } + [(["a"], "'t0'|task")]),
    graph([], [([], "nonsense (")]),
  ]

  @Test(
    "nodes do not overlap, and ways are made of horizontal and vertical pieces between their nodes", arguments: samples)
  func layout(graph: ChartGraph) {
    let layout = LayeredLayout(graph)
    for (number, box) in layout.boxes.enumerated() {
      #expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= layout.width && box.y + box.height <= layout.height)
      for other in layout.boxes[(number + 1)...] {
        let apart =
          box.x + box.width <= other.x || other.x + other.width <= box.x || box.y + box.height <= other.y
          || other.y + other.height <= box.y
        #expect(apart)
      }
    }
    for (edge, line) in zip(graph.edges, layout.lines) {
      let (from, to) = (layout.boxes[edge.from], layout.boxes[edge.to])
      #expect(line.first?.x == from.x + from.width)
      #expect(line.last?.x == to.x)
      for (a, b) in zip(line, line.dropFirst()) { #expect(a.x == b.x || a.y == b.y) }
    }
  }

  @Test("what follows stands to the right, unless it leads back")
  func direction() {
    let graph = Self.graph(["a"], [(["a"], "'b'|task"), (["b"], "'c'|task"), (["c"], "ok ? 'd'|task : 'a'|task")])
    let layout = LayeredLayout(graph)
    func x(_ id: String) -> Int { graph.nodes.firstIndex { $0.id == id }.map { layout.boxes[$0].x } ?? -1 }
    #expect(x("start") < x("a") && x("a") < x("b") && x("b") < x("c") && x("c") < x("d") && x("d") < x("end"))
  }

  @Test("conditions, splits and joins become gateways")
  func gateways() {
    let split = Self.graph(["a"], [(["a"], "['b','c']|tasks"), (["b", "c"], "'d'|task")])
    #expect(split.nodes.filter { $0.kind == .parallel }.count == 2)
    let choice = Self.graph(["a"], [(["a"], "info.x == 1 ? 'b'|task : null")])
    #expect(choice.nodes.filter { $0.kind == .exclusive }.count == 1)
    #expect(choice.edges.compactMap(\.condition) == ["info.x == 1", "else"])
    #expect(choice.nodes.filter { $0.kind == .end }.count == 1)
    let any = Self.graph(["a"], [(["a"], "['b'|task, x ? 'c'|task : null]")])
    #expect(any.nodes.filter { $0.kind == .inclusive }.count == 1)
  }

  @Test("a flow's expression tells its branches without being evaluated", arguments: [
    ("'a'|task", ["nil:a"], false), ("['a','b']|tasks", ["nil:a,b"], false), ("null", ["nil:"], false),
    ("x > 1 ? 'a'|task : y ? 'b'|task : null", ["x > 1:a", "y:b", "else:"], true),
    ("['a'|task, x ? 'b'|task : null]", ["nil:a", "x:b"], false),
    ("(\"é\" in z) ? ['a','b']|tasks : 'c'|task", ["\"é\" in z:a,b", "else:c"], true),
  ])
  func outline(expression: String, branches: [String], isExclusive: Bool) throws {
    let outline = try Expression(expression).outline
    #expect(outline.isExclusive == isExclusive)
    let found = outline.branches.map { "\($0.condition ?? "nil"):\($0.tasks.joined(separator: ","))" }
    #expect(found == branches)
  }

  @Test("SVG and BPMN are well-formed, whatever the names are", arguments: samples)
  func wellFormed(graph: ChartGraph) {
    for format in [ChartFormat.svg, .bpmn] {
      let parser = XMLParser(data: Data(graph.chart(format).utf8))
      #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    }
  }

  @Test("JSON tells nodes, places and conditions")
  func json() throws {
    let graph = Self.graph(["a"], [(["a"], "x ? 'b'|task : null")], states: ["a": (.completed, 2)])
    let object = try JSONSerialization.jsonObject(with: Data(graph.chart(.json).utf8)) as? [String: Any]
    let nodes = try #require(object?["nodes"] as? [[String: Any]])
    let first = try #require(nodes.first { $0["id"] as? String == "a" })
    #expect(first["state"] as? String == "COMPLETED")
    #expect(first["count"] as? Int == 2)
    #expect(first["label"] as? String == "Fill in <the form>")
    let edges = try #require(object?["edges"] as? [[String: Any]])
    #expect(edges.contains { $0["condition"] as? String == "x" })
  }

  @Test("Mermaid's text has every way once, with its condition and the state's class")
  func mermaid() {
    let graph = Self.graph(["a"], [(["a"], "x == \"|\" ? 'b'|task : null")], states: ["a": (.ready, 1)])
    #expect(
      graph.chart(.mermaid) == """
        flowchart LR
          n0((" "))
          n1["Fill in #60;the form#62;"]
          n2["b"]
          n3{"✕"}
          n4((("")))
          n0 --> n1
          n1 --> n3
          n3 -->|"x == #34;#124;#34;"| n2
          n3 -->|"else"| n4
          n2 --> n4
          classDef ready fill:#fff3c4,stroke:#cb6e17
          class n1 ready

        """.replacing("((\"\"))", with: "((\" \"))"))
  }

  @Test("the same definition gives the same picture")
  func isDeterministic() {
    for graph in Self.samples { #expect(graph.chart(.svg) == graph.chart(.svg)) }
    #expect(
      Self.graph(["a"], [(["a"], "['b','c','d']|tasks")]).chart(.svg)
        == Self.graph(["a"], [(["a"], "['b','c','d']|tasks")]).chart(.svg))
  }

  @Test("states show as classes, and names in full in the tooltip")
  func states() {
    let graph = Self.graph(["a"], [], states: ["a": (.ready, 3)])
    let text = graph.chart(.svg)
    #expect(text.contains("class=\"node ready\""))
    #expect(text.contains("Fill in &lt;the form&gt;: ready, 3 work items"))
  }

  @Test("a task that the reader may not see keeps its name to itself, and so do the conditions")
  func hidden() {
    let graph = WorkflowChart.graph(
      title: "T", startTasks: ["a"], flows: [.init(tasks: ["a"], next: "x == 'secret' ? 'secret'|task : null")],
      names: ["a": "A"])
    for format in ChartFormat.allCases { #expect(!graph.chart(format).contains("secret")) }
    #expect(graph.nodes.filter { $0.kind == .task }.count == 2)
  }

  @Test("typed nodes have the shapes of BPMN, and their own edges lead on")
  func nodes() {
    func node(_ task: String, _ type: String, _ edges: (String, String?)...) -> WorkflowChart.Node {
      WorkflowChart.Node(task: task, type: type, edges: edges.map { .init(target: $0.0, condition: $0.1) })
    }
    let graph = WorkflowChart.graph(
      title: "Flow", startTasks: ["split"], flows: [],
      nodes: [
        node("split", "split", ("a", nil), ("b", nil)), node("a", "simple", ("join", nil)),
        node("b", "handler", ("join", nil)),
        node("join", "join", ("if", nil)), node("if", "if", ("a", "data.again"), ("end", nil)), node("end", "end"),
      ],
      names: ["split": "Split", "a": "A", "b": "B", "join": "Join", "if": "If", "end": "End"])
    let kinds = Dictionary(uniqueKeysWithValues: graph.nodes.map { ($0.id, $0.kind) })
    #expect(
      kinds["split"] == .parallel && kinds["join"] == .parallel && kinds["if"] == .exclusive && kinds["a"] == .task)
    #expect(graph.nodes.filter { $0.kind == .end }.count == 1)
    let ways = graph.edges.map { "\(graph.nodes[$0.from].id)-\(graph.nodes[$0.to].id)" }
    #expect(ways == ["start-split", "split-a", "split-b", "a-join", "b-join", "join-if", "if-a", "if-end"])
    #expect(graph.edges.compactMap(\.condition) == ["data.again"])
  }
}
