import Millrace
import Postgres
import Testing

@Suite("Charts over GraphQL")
struct ChartAPITests {
  private static func node(
    _ fixture: ServiceFixture, _ slug: String, _ more: String, type: String = "SIMPLE"
  ) async throws {
    try await fixture.ask(
      "mutation { saveNodeTask(input: {slug: \"\(slug)\", name: \"The \(slug)\", type: "
        + "\(type) \(more)}) { task { slug } } }"
    )
  }

  private static func tasks(_ chart: JSON?) -> [String] {
    guard let chart = chart?.text, case .array(let nodes)? = JSON(json: chart)?["nodes"] else { return [] }
    return nodes.map {
      "\($0["id"]?.text ?? "") \($0["kind"]?.text ?? "") \($0["detail"]?.text ?? "-") \($0["label"]?.text ?? "")"
    }
  }

  private static func nodes(_ list: JSON?) -> [JSON] {
    guard case .array(let edges)? = list?["edges"] else { return [] }
    return edges.compactMap { $0["node"] }
  }

  @Test(
    "the chart of a pinned case draws its version, that of a workflow the live definitions or the version asked for")
  func versions() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(
        fixture, "a",
        "edges: [{target: \"b\"}], boundaries: [{kind: DEADLINE, isInterrupting: false, target: \"late\"}]")
      try await Self.node(fixture, "b", "")
      try await Self.node(fixture, "late", "signal: \"hurry\", edges: [{target: \"b\"}]", type: "THROW_SIGNAL")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: [\"a\"], versioning: "
          + "PINNED}) { workflow { slug } } }"
      )
      let publish = "mutation { publishWorkflow(input: {workflow: \"flow\"}) { number } }"
      try await fixture.ask(publish)
      try await fixture.ask("mutation { startCase(input: {workflow: \"flow\"}) { case { id } } }")
      try await Self.node(fixture, "c", "handler: \"c\"", type: "JOB")
      try await Self.node(fixture, "a", "edges: [{target: \"c\"}]")
      try await fixture.ask(publish)
      let charts = try await fixture.ask(
        "{ allCases { edges { node { chart(format: JSON) bpmn: chart(format: "
          + "BPMN) } } } allWorkflows { edges { node { live: chart(format: JSON) first: chart(format: JSON, version: "
          + "1) second: chart(format: JSON, version: 2) } } } }"
      )
      let old = [
        "start START - Start", "a TASK USER The a", "b TASK USER The b", "a__deadline BOUNDARY TIMER deadline",
        "late EVENT SIGNAL The late", "end END - End",
      ]
      let new = ["start START - Start", "a TASK USER The a", "c TASK SERVICE The c", "end END - End"]
      let drawn = Self.nodes(charts["allCases"]).first
      #expect(Self.tasks(drawn?["chart"]).sorted() == old.sorted())
      #expect(drawn?["chart"]?.text?.contains("\"state\":\"READY\"") == true)
      #expect(drawn?["bpmn"]?.text?.contains("<boundaryEvent") == true)
      let workflow = Self.nodes(charts["allWorkflows"]).first
      #expect(Self.tasks(workflow?["first"]).sorted() == old.sorted())
      #expect(Self.tasks(workflow?["second"]) == new && Self.tasks(workflow?["live"]) == new)
      #expect(
        await fixture.refusal("{ allWorkflows { edges { node { chart(version: 7) } } } }")
          == "NOT_FOUND: The workflow has no version 7.")
    }
  }

  @Test("items whose task the version does not have any more are in the chart of the case, marked, in every format")
  func obsolete() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "edges: [{target: \"b\"}]")
      try await Self.node(fixture, "b", "boundaries: [{kind: TIMER, delay: \"60\", target: \"c\"}]")
      try await Self.node(fixture, "c", "")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: [\"a\"], versioning: "
          + "PINNED}) { workflow { slug } } }"
      )
      let publish = "mutation { publishWorkflow(input: {workflow: \"flow\"}) { number } }"
      try await fixture.ask(publish)
      try await fixture.ask("mutation { startCase(input: {workflow: \"flow\"}) { case { id } } }")
      let item = try await fixture.database.query("select id::text from work_items").text(0, 0)
      try await fixture.ask("mutation { completeWorkItem(input: {id: \"\(item)\"}) { workItem { id } } }")
      try await Self.node(fixture, "a", "edges: [{target: \"c\"}]")
      try await fixture.ask(publish)
      try await fixture.ask("mutation { migrateCases(input: {workflow: \"flow\", from: 1, to: 2}) { report } }")
      func chart(_ format: String) async throws -> JSON? {
        let found = try await fixture.ask("{ allCases { edges { node { chart(format: \(format)) } } } }")
        return Self.nodes(found["allCases"]).first?["chart"]
      }
      let json = try await chart("JSON")
      #expect(
        Self.tasks(json) == [
          "start START - Start", "a TASK USER The a", "c TASK USER The c", "end END - End", "b TASK - The b",
        ])
      #expect(json?.text?.contains("\"isObsolete\":true,\"state\":\"READY\"") == true)
      #expect(
        json?.text?.contains(
          "\"from\":\"a\",\"to\":\"b\",\"condition\":null,\"isDefault\":false,\"isAssociation\":true") == true)
      for format in ["SVG", "MERMAID", "BPMN"] {
        let text = try await chart(format)?.text
        #expect(text?.contains("obsolete") == true && text?.contains("The b") == true, "\(format)")
      }
      // With the live definitions nothing is obsolete.
      try await fixture.ask("mutation { migrateCases(input: {workflow: \"flow\", from: 2}) { report } }")
      let live = try await chart("JSON")
      #expect(Self.tasks(live).last == "b TASK USER The b" && live?.text?.contains("isObsolete") == false)
    }
  }

  private enum Ours: MillraceModule {
    static let name = "ours"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.visibility(.node) { .column(.createdByGroup, isIn: $0.groups) }
    }
  }

  @Test("what a user may not see is as hidden in the chart of a version as in the live one")
  func hidden() async throws {
    try await ServiceFixture.with([Ours.self]) { fixture in
      let ann = User(name: "ann", groups: ["admins"])
      try await Self.node(
        fixture, "a",
        "edges: [{target: \"secret\", condition: \"secret\"}, {target: \"b\", isDefault: true}], boundaries: [{kind: DEADLINE, target: \"secret\"}]",
        type: "SPLIT")
      try await Self.node(fixture, "b", "")
      try await Self.node(fixture, "secret", "signal: \"secret\", edges: [{target: \"b\"}]", type: "CATCH_SIGNAL")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: [\"a\"], versioning: "
          + "PINNED}) { workflow { slug } } }"
      )
      try await fixture.ask(
        "mutation { addWorkflowFlow(input: {workflow: \"flow\", tasks: [\"b\"], next: "
          + "\"'secret'|task\"}) { workflow { slug } } }"
      )
      try await fixture.ask("mutation { publishWorkflow(input: {workflow: \"flow\"}) { number } }")
      func charts(_ format: String) async throws -> (live: String, first: String) {
        let found = try await fixture.ask(
          "{ allWorkflows { edges { node { live: chart(format: \(format)) first: chart(format: \(format), version: "
            + "1) } } } }",
          as: ann)
        let node = Self.nodes(found["allWorkflows"]).first
        return (node?["live"]?.text ?? "none", node?["first"]?.text ?? "none")
      }
      let open = try await charts("MERMAID")
      #expect(open.live.contains("secret") && open.first.contains("secret"))
      try await fixture.write("update tasks set created_by_group = 'others' where slug = 'secret'")
      for format in ["SVG", "MERMAID", "BPMN", "JSON"] {
        let (live, first) = try await charts(format)
        #expect(
          !live.contains("secret") && !first.contains("secret") && live.contains("The b") && first.contains("The b"))
        if format == "MERMAID" { #expect(live.contains("…") && first.contains("…")) }
      }
    }
  }

  @Test("what becomes of overdue items is saved with the task, and refused when it says nothing")
  func escalation() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(
        fixture, "a",
        "handler: \"x\", escalation: {assignment: {users: [\"jim\"]}, addressGroups: \"['chiefs']|groups\"}, boundaries: [{kind: DEADLINE, target: \"b\"}]",
        type: "JOB")
      let stored = try await fixture.database.query("select node ->> 'escalation' from tasks where slug = 'a'").text(
        0, 0)
      #expect(stored == "{\"assignment\": {\"users\": [\"jim\"]}, \"addressGroups\": \"['chiefs']|groups\"}")
      let save =
        "mutation { saveNodeTask(input: {slug: \"c\", name: \"c\", type: SIMPLE, escalation: "
          + "ESCALATION}) { task { slug } } }"
      #expect(
        await fixture.refusal(save.replacing("ESCALATION", with: "{}"))
          == "INVALID_INPUT: escalation: One of assignment and addressGroups is needed.")
      #expect(
        await fixture.refusal(save.replacing("ESCALATION", with: "{addressGroups: \"(\"}")).hasPrefix("INVALID_INPUT: ")
      )
    }
  }
}
