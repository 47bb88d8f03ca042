import Charts
import Testing

@Suite("What a case has been through, in charts")
struct PastChartTests {
  private static func node(_ task: String, _ targets: String...) -> WorkflowChart.Node {
    WorkflowChart.Node(task: task, type: "simple", edges: targets.map { .init(target: $0, condition: nil) })
  }

  private static func graph(
    isObsolete: Bool = true, states: WorkflowChart.States, past: [String], ways: [(String, String)],
    names: Set<String> = ["a", "b", "old", "older"]
  ) -> ChartGraph {
    WorkflowChart.graph(
      title: "Flow", startTasks: ["a"], flows: [], nodes: [node("a", "b"), node("b")],
      names: Dictionary(uniqueKeysWithValues: names.map { ($0, "The \($0)") }), states: states,
      past: .init(
        tasks: past.map { node($0, "b") }, isObsolete: isObsolete, ways: ways.map { .init(from: $0.0, to: $0.1) }))
  }

  static let small = graph(
    states: ["a": (.completed, 1), "old": (.ready, 2)], past: ["old"], ways: [("a", "old")])

  @Test("a small case with an obsolete task as BPMN, SVG, Mermaid and JSON", arguments: ChartFormat.allCases)
  func golden(format: ChartFormat) {
    #expect(Self.small.chart(format) == GoldenPastCharts.text(format))
  }

  @Test("obsolete tasks are where the case came to them, and lead to where it went on; their old edges do not show")
  func ways() {
    let graph = Self.graph(
      states: ["a": (.completed, 1), "old": (.completed, 1), "older": (.canceled, 1), "b": (.ready, 1)],
      past: ["old", "older"], ways: [("a", "older"), ("older", "old"), ("old", "b"), ("a", "b"), ("a", "gone")])
    let obsolete = graph.nodes.filter(\.isObsolete).map(\.id)
    #expect(obsolete == ["old", "older"])
    let remembered = graph.edges.filter(\.isAssociation).map { "\(graph.nodes[$0.from].id)-\(graph.nodes[$0.to].id)" }
    #expect(remembered == ["a-older", "older-old", "old-b"])
    #expect(!graph.edges.contains { !$0.isAssociation && graph.nodes[$0.from].isObsolete })
  }

  @Test("a task that no way is known to stands apart, without touching anything")
  func apart() {
    let graph = Self.graph(states: ["old": (.suspended, 1)], past: ["old"], ways: [])
    let boxes = LayeredLayout(graph).boxes
    let place = graph.nodes.firstIndex { $0.id == "old" }
    #expect(place.map { graph.nodes[$0].state } == .suspended)
    for (number, box) in boxes.enumerated() where number != place {
      let old = boxes[place ?? 0]
      #expect(
        box.x + box.width <= old.x || old.x + old.width <= box.x || box.y + box.height <= old.y
          || old.y + old.height <= box.y)
    }
  }

  @Test("where the case follows the live definitions, what they do not lead to shows as what it is")
  func live() {
    let graph = Self.graph(
      isObsolete: false, states: ["a": (.completed, 1), "old": (.ready, 1)], past: ["a", "old"], ways: [("a", "old")])
    #expect(graph.nodes.map(\.id) == ["start", "a", "b", "end", "old"])
    #expect(graph.nodes.last?.detail == .user && graph.nodes.last?.isObsolete == false)
  }

  @Test("a task that the reader may not see is left out, and so is one without items")
  func hidden() {
    let graph = Self.graph(
      states: ["old": (.ready, 1)], past: ["old", "older"], ways: [("a", "old")], names: ["a", "b", "older"])
    #expect(graph.nodes.map(\.id) == ["start", "a", "b", "end"])
    let remembered = graph.edges.filter(\.isAssociation)
    #expect(remembered.isEmpty)
  }
}
