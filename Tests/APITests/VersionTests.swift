import GraphQL
import Postgres
import Testing

@Suite("Versions as preconditions")
struct VersionTests {
  @Test("every mutation of a case or a work item is refused for another version than the stored one, and only then")
  func every() async throws {
    try await Fixture.with { fixture in
      try await fixture.task("a", ", isMultipleInstance: true")
      try await fixture.workflow("w", start: ["a"])
      let id = try await fixture.start("w")
      let key = try await fixture.database.query("select id::text from cases").text(0, 0)
      let item = try await fixture.items(id)["a"]?.id ?? ""
      let mutations: [(String, String)] = [
        ("saveCase", "id: \"\(key)\", workflow: \"w\""), ("startCase", "workflow: \"w\", parentWorkItem: \"\(item)\""),
        ("createWorkItem", "case: \"\(id)\", multipleInstanceTask: \"a\""), ("suspendCase", "id: \"\(id)\""),
        ("resumeCase", "id: \"\(id)\""), ("saveWorkItem", "workItem: \"\(item)\""),
        ("suspendWorkItem", "id: \"\(item)\""), ("resumeWorkItem", "id: \"\(item)\""),
        ("redoWorkItem", "id: \"\(item)\""), ("skipWorkItem", "id: \"\(item)\""),
        ("completeWorkItem", "id: \"\(item)\""), ("cancelWorkItem", "id: \"\(item)\""), ("cancelCase", "id: \"\(id)\""),
        ("reopenCase", "id: \"\(id)\", workItems: [\"\(item)\"]"),
      ]
      for (mutation, input) in mutations {
        let before = try await fixture.database.query(
          "select sum(version)::bigint from (select version from cases union all select version from work_items) v"
        ).int64(0, 0)
        let refusal = try await fixture.refusal(
          "mutation { \(mutation)(input: {\(input), ifVersion: 1000}) { clientMutationId } }")
        #expect(refusal.code == "CONFLICT", "\(mutation)")
        let after = try await fixture.database.query(
          "select sum(version)::bigint from (select version from cases union all select version from work_items) v"
        ).int64(0, 0)
        #expect(before == after)
        let column = mutation.hasSuffix("WorkItem") && mutation != "createWorkItem" || mutation == "startCase"
        let node = try await fixture.data(
          "{ node(id: \"\(column ? item : id)\") { ... on Case { version } ... on WorkItem { version } } }")
        let version = node["version"]?.int ?? 0
        let accepted = try await fixture.ask(
          "mutation { \(mutation)(input: {\(input), ifVersion: \(version)}) { clientMutationId } }")
        // In a state that does not allow it the state's own message comes.
        let code = accepted["errors"]?.list?.first?["extensions"]?["code"]?.string
        #expect(code == nil || code == "INVALID_STATE", "\(mutation): \(accepted.json)")
      }
      let refusal = try await fixture.refusal(
        "mutation { startCase(input: {workflow: \"w\", ifVersion: 1}) { case { id } } }")
      #expect(refusal.code == "INVALID_INPUT")
    }
  }

  @Test("every mutation of the schema with `ifVersion` in its input looks at it before anything else")
  func schema() async throws {
    try await Fixture.with { fixture in
      try await fixture.task("a", ", isMultipleInstance: true")
      try await fixture.workflow("w", start: ["a"])
      let id = try await fixture.start("w")
      let item = try await fixture.items(id)["a"]?.id ?? ""
      let values = [
        "workItem": "\"\(item)\"", "parentWorkItem": "\"\(item)\"", "workItems": "[\"\(item)\"]", "case": "\"\(id)\"",
        "workflow": "\"w\"", "multipleInstanceTask": "\"a\"", "users": "[\"bob\"]", "until": "\"2100-01-01T00:00:00Z\"",
      ]
      let mutations = try await fixture.data("{ __type(name: \"Mutation\") { fields { name args { type { ofType { name } } } } } }")
      var tried: [String] = []
      for mutation in mutations["fields"]?.list ?? [] {
        guard let name = mutation["name"]?.string,
          let input = mutation["args"]?.list?.first?["type"]?["ofType"]?["name"]?.string
        else { continue }
        let type = try await fixture.data("{ __type(name: \"\(input)\") { inputFields { name type { kind } } } }")
        let inputs = type["inputFields"]?.list ?? []
        guard inputs.contains(where: { $0["name"]?.string == "ifVersion" }) else { continue }
        let given = inputs.compactMap { field -> String? in
          guard let key = field["name"]?.string else { return nil }
          if key == "id" && name != "saveCase" { return "id: \"\(name.hasSuffix("Case") ? id : item)\"" }
          guard field["type"]?["kind"]?.string == "NON_NULL" || key == "parentWorkItem" else { return nil }
          return "\(key): \(values[key] ?? "null")"
        }
        let refusal = try await fixture.refusal(
          "mutation { \(name)(input: {\(given.joined(separator: ", ")), ifVersion: 1000}) { clientMutationId } }")
        #expect(refusal.code == "CONFLICT", "\(name): \(refusal.message)")
        tried.append(name)
      }
      #expect(tried.count >= 28)
      #expect(Set(["prepareWorkItem", "activateWorkItem", "activateNext", "addSubprocessItem", "undoWorkItem"]).isSubset(of: tried))
    }
  }

  @Test("of two clients that read the same version the first one wins")
  func two() async throws {
    try await Fixture.with { fixture in
      try await fixture.task("a")
      try await fixture.workflow("w", start: ["a"])
      let item = try await fixture.items(try await fixture.start("w"))["a"]?.id ?? ""
      let first = try await fixture.change("saveWorkItem", item, ", assignedUsers: [\"ann\"], ifVersion: 1")
      let second = try await fixture.refusal(
        "mutation { saveWorkItem(input: {workItem: \"\(item)\", assignedUsers: [\"bob\"], ifVersion: "
          + "1}) { clientMutationId } }"
      )
      #expect(first == nil)
      #expect(second.code == "CONFLICT")
      #expect(second.message == "The work item has version 2 by now, not 1.")
      let found = try await fixture.data("{ node(id: \"\(item)\") { ... on WorkItem { assignedUsers version } } }")
      #expect(found.json == "{\"assignedUsers\":[\"ann\"],\"version\":2}")
    }
  }
}
