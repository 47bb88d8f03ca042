import GraphQL
import Postgres
import Testing

/// The workflow of the recorded conversations in which Millrace answers otherwise: two branches between an intake and
/// a decision.
@Suite("Workflows that count as Caluma does")
struct CompatibilityTests {
  private static func define(_ fixture: Fixture, _ compat: String) async throws {
    for slug in ["intake", "check", "review", "decide", "close"] { try await fixture.task(slug) }
    try await fixture.workflow("order", start: ["intake"], compat)
    try await fixture.flow("order", ["intake"], "['check', 'review']|tasks")
    try await fixture.flow("order", ["check", "review"], "'decide'|task", redoable: "'intake'|task")
    try await fixture.flow("order", ["decide"], "'close'|task", redoable: "['check', 'review']|tasks")
  }

  @Test("the switch is kept and shown, and left as it is when it is not given")
  func saved() async throws {
    try await Fixture.with { fixture in
      try await fixture.task("a")
      func compat(_ more: String) async throws -> String? {
        try await fixture.data(
          "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: "
            + "[\"a\"] \(more)}) { workflow { compat } } }"
        )["workflow"]?["compat"]?.string
      }
      #expect(try await compat("") == "EXACT")
      #expect(try await compat(", compat: CALUMA") == "CALUMA")
      #expect(try await compat("") == "CALUMA")
      #expect(try await compat(", compat: EXACT") == "EXACT")
      let refusal = try await fixture.refusal(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"], compat: "
          + "null}) { workflow { compat } } }"
      )
      #expect(refusal.code == "INVALID_INPUT")
    }
  }

  @Test(
    "behind a join only the branch that finished last can be redone",
    arguments: [("", true), (", compat: CALUMA", false)])
  func redo(compat: String, both: Bool) async throws {
    try await Fixture.with { fixture in
      try await Self.define(fixture, compat)
      let id = try await fixture.start("order")
      var items = try await fixture.items(id)
      try await fixture.change("completeWorkItem", items["intake"]?.id ?? "")
      items = try await fixture.items(id)
      let (check, review) = (items["check"]?.id ?? "", items["review"]?.id ?? "")
      try await fixture.change("completeWorkItem", check)
      try await fixture.change("completeWorkItem", review)
      try await fixture.change("redoWorkItem", review)
      #expect(try await fixture.statuses(id)["decide"] == "REDO")
      try await fixture.change("completeWorkItem", review)
      #expect(try await fixture.statuses(id)["decide"] == "READY")
      let found = try await fixture.data(
        "{ allWorkItems(filter: [{tasks: [\"check\", \"review\"]}], order: [{attribute: "
          + "CREATED_AT}]) { edges { node { isRedoable } } } }"
      )
      let flags = found["edges"]?.list?.map { $0["node"]?["isRedoable"]?.boolean }
      #expect(flags == [both, true])
      #expect(try await fixture.change("redoWorkItem", check) == (both ? nil : "INVALID_STATE"))
    }
  }

  @Test(
    "a canceled branch blocks the join for good, until it is reopened",
    arguments: [("", true), (", compat: CALUMA", false)])
  func reopen(compat: String, opens: Bool) async throws {
    try await Fixture.with { fixture in
      try await Self.define(fixture, compat)
      let id = try await fixture.start("order")
      try await fixture.change("completeWorkItem", try await fixture.items(id)["intake"]?.id ?? "")
      let items = try await fixture.items(id)
      let (check, review) = (items["check"]?.id ?? "", items["review"]?.id ?? "")
      try await fixture.change("cancelCase", id)
      try await fixture.change("reopenCase", id, ", workItems: [\"\(check)\"]")
      #expect(try await fixture.statuses(id) == ["intake": "COMPLETED", "check": "READY", "review": "CANCELED"])
      try await fixture.change("completeWorkItem", check)
      #expect(try await fixture.statuses(id)["decide"] == (opens ? "READY" : nil))
      try await fixture.change("cancelCase", id)
      let reopened = try await fixture.change("reopenCase", id, ", workItems: [\"\(check)\", \"\(review)\"]")
      #expect(reopened == (opens ? "INVALID_STATE" : nil))
      guard !opens else { return }
      #expect(try await fixture.statuses(id) == ["intake": "COMPLETED", "check": "READY", "review": "READY"])
      try await fixture.change("completeWorkItem", check)
      #expect(try await fixture.statuses(id)["decide"] == nil)
      try await fixture.change("completeWorkItem", review)
      #expect(try await fixture.statuses(id)["decide"] == "READY")
    }
  }

  @Test("a running case can change its workflow, to one that exists")
  func otherWorkflow() async throws {
    try await Fixture.with { fixture in
      try await Self.define(fixture, ", compat: CALUMA")
      try await fixture.workflow("other", start: ["close"])
      let id = try await fixture.start("order")
      let key = try await fixture.database.query("select id::text from cases").text(0, 0)
      func save(_ workflow: String) -> String {
        "mutation { saveCase(input: {id: \"\(key)\", workflow: \"\(workflow)\"}) { case { workflow { slug } } } }"
      }
      #expect(try await fixture.refusal(save("nowhere")).message == "Invalid pk \"nowhere\" - object does not exist.")
      #expect(try await fixture.data(save("other"))["case"]?["workflow"]?["slug"]?.string == "other")
      #expect(
        try await fixture.data("{ node(id: \"\(id)\") { ... on Case { workflow { slug } } } }")["workflow"]?["slug"]?
          .string == "other")
      #expect(try await fixture.refusal(save("order")).message == "The workflow of a case cannot be changed.")
    }
  }
}
