import API
import Millrace
import Postgres
import TestSupport
import Testing

@Suite("Escalation of Caluma's tasks over GraphQL")
struct EscalationAPITests {
  private static let rule = "{assignment: {users: [\"jim\"]}, addressGroups: \"['chiefs']|groups\"}"

  private static func save(
    _ fixture: ServiceFixture, _ mutation: String, _ more: String = ""
  ) async throws -> JSON {
    let saved = try await fixture.ask(
      """
      mutation { \(mutation)(input: {slug: "a", name: "A" \(more)}) { task {
        ... on SimpleTask { definition } ... on CompleteWorkflowFormTask { definition }
      } } }
      """)
    return saved[mutation]?["task"]?["definition"] ?? .null
  }

  @Test(
    "a task keeps its rule until another one is given or it is taken away",
    arguments: ["saveSimpleTask", "saveCompleteWorkflowFormTask"])
  func saved(mutation: String) async throws {
    try await ServiceFixture.with { fixture in
      let first = try await Self.save(fixture, mutation, "escalation: \(Self.rule)")
      let whole = JSON(
        json: "{\"escalation\": {\"assignment\": {\"users\": [\"jim\"]}, \"addressGroups\": \"['chiefs']|groups\"}}")
      #expect(first == whole)
      let kept = try await Self.save(fixture, mutation, "leadTime: 5")
      #expect(kept == whole)
      let other = try await Self.save(fixture, mutation, "escalation: {assignment: {users: [\"kim\"]}}")
      #expect(other == JSON(json: "{\"escalation\": {\"assignment\": {\"users\": [\"kim\"]}}}"))
      let none = try await Self.save(fixture, mutation, "escalation: null")
      #expect(none == .null)
    }
  }

  @Test("a task that has more than a rule keeps the rest")
  func beside() async throws {
    try await ServiceFixture.with { fixture in
      try await fixture.ask(
        "mutation { saveNodeTask(input: {slug: \"a\", name: \"A\", type: SIMPLE, isExclusive: "
          + "true}) { task { slug } } }"
      )
      let both = try await Self.save(fixture, "saveSimpleTask", "escalation: {addressGroups: \"['chiefs']|groups\"}")
      #expect(both["isExclusive"] == .bool(true) && both["escalation"]?["addressGroups"]?.text == "['chiefs']|groups")
      let rest = try await Self.save(fixture, "saveSimpleTask", "escalation: null")
      #expect(rest == JSON(json: "{\"isExclusive\": true}"))
    }
  }

  @Test("a rule that says nothing, or cannot be parsed, is refused")
  func refused() async throws {
    try await ServiceFixture.with { fixture in
      let save =
        "mutation { saveSimpleTask(input: {slug: \"c\", name: \"c\", escalation: ESCALATION}) { task { slug } } }"
      #expect(
        await fixture.refusal(save.replacing("ESCALATION", with: "{}"))
          == "INVALID_INPUT: escalation: One of assignment and addressGroups is needed.")
      #expect(
        await fixture.refusal(save.replacing("ESCALATION", with: "{addressGroups: \"(\"}")).hasPrefix("INVALID_INPUT: ")
      )
    }
  }

  @Test("rules are dumped and loaded")
  func dumped() async throws {
    try await ServiceFixture.with { fixture in
      _ = try await Self.save(fixture, "saveSimpleTask", "escalation: \(Self.rule)")
      let text = try await DefinitionDump.text(from: fixture.database)
      try await withDatabase { other in
        _ = try await Migrator(database: other, known: EmbeddedMigrations.all).run()
        let report = try await DefinitionLoad.run(try DefinitionFile(text), database: other)
        let again = try await DefinitionDump.text(from: other)
        #expect(again == text && text.contains("\"escalation\"") && report.count(.created) == 1)
      }
    }
  }
}
