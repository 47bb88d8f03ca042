import GraphQL
import Testing

@Suite("Timelines")
struct TimelineTests {
  private static func names(_ connection: Value) -> [String] {
    (connection["edges"]?.list ?? []).map { edge in
      let node = edge["node"]
      let subject = node?["task"]?["slug"]?.string ?? node?["workflow"]?["slug"]?.string ?? "-"
      return "\(node?["name"]?.string ?? "") \(subject) \(node?["createdByUser"]?.string ?? "-")"
    }
  }

  private static let fields =
    "edges { cursor node { id name sender createdAt createdByUser createdByGroup case { id } workItem { id } task { slug } data } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"

  @Test("a case tells who did what, in order, and its family with it if it is asked")
  func cases() async throws {
    try await Fixture.with { fixture in
      for slug in ["a", "b", "c"] { try await fixture.task(slug) }
      try await fixture.workflow("w", start: ["a"])
      try await fixture.workflow("sub", start: ["c"])
      try await fixture.flow("w", ["a"], "'b'|task")
      let id = try await fixture.start("w")
      let a = try await fixture.items(id)["a"]?.id ?? ""
      let child = try await fixture.start("sub", ", parentWorkItem: \"\(a)\"")
      try await fixture.change("completeWorkItem", try await fixture.items(child)["c"]?.id ?? "", user: "bob")
      try await fixture.change("completeWorkItem", a, user: "cyd")
      _ = try await fixture.start("w")
      let found = try await fixture.data("{ caseTimeline(id: \"\(id)\") { \(Self.fields) } }")
      #expect(Self.names(found) == [
        "pre_create_case - ann", "pre_create_work_item a ann", "post_create_case - ann", "post_create_work_item a ann",
        "pre_complete_work_item a cyd", "post_complete_work_item a cyd", "pre_create_work_item b cyd",
        "post_create_work_item b cyd",
      ])
      let first = found["edges"]?.list?[3]["node"]
      #expect(first?["sender"]?.string == "startCase")
      #expect(first?["createdByGroup"]?.string == "anns")
      #expect(first?["workItem"]?["id"]?.string == a)
      #expect(first?["case"]?["id"]?.string == id)
      #expect(first?["data"]?["work_item"]?["status"]?.string == "ready")
      #expect(found["totalCount"]?.int == 8)
      let family = try await fixture.data("{ caseTimeline(id: \"\(child)\", family: true) { \(Self.fields) } }")
      #expect(family["totalCount"]?.int == 16)
      #expect(Self.names(family)[4...].starts(with: ["pre_create_case - ann", "pre_create_work_item c ann"]))
    }
  }

  @Test("pages by cursors have every entry once, forwards and backwards")
  func pages() async throws {
    try await Fixture.with { fixture in
      try await fixture.task("a")
      try await fixture.workflow("w", start: ["a"])
      let id = try await fixture.start("w")
      let item = try await fixture.items(id)["a"]?.id ?? ""
      for _ in 0..<9 { try await fixture.change("saveWorkItem", item) }
      let all = try await fixture.data("{ caseTimeline(id: \"\(id)\") { \(Self.fields) } }")
      let ids = all["edges"]?.list?.compactMap { $0["node"]?["id"]?.string } ?? []
      #expect(ids.count == 13)
      #expect(all["pageInfo"]?["hasNextPage"]?.boolean == false)
      var (forwards, after): ([String], String) = ([], "")
      for number in 0..<4 {
        let page = try await fixture.data(
          "{ caseTimeline(id: \"\(id)\", first: 4, after: \"\(after)\") { \(Self.fields) } }")
        forwards += page["edges"]?.list?.compactMap { $0["node"]?["id"]?.string } ?? []
        after = page["pageInfo"]?["endCursor"]?.string ?? ""
        #expect(page["pageInfo"]?["hasNextPage"]?.boolean == (number < 3))
        #expect(page["pageInfo"]?["hasPreviousPage"]?.boolean == (number > 0))
        #expect(page["edges"]?.list?.last?["cursor"]?.string == after)
        // What is appended meanwhile stands behind.
        if number == 0 { try await fixture.change("saveWorkItem", item) }
      }
      #expect(Array(forwards.prefix(13)) == ids)
      #expect(forwards.count == 14)
      var (backwards, before): ([String], String) = ([], "")
      for number in 0..<4 {
        let page = try await fixture.data(
          "{ caseTimeline(id: \"\(id)\", last: 4, before: \"\(before)\") { \(Self.fields) } }")
        backwards = (page["edges"]?.list?.compactMap { $0["node"]?["id"]?.string } ?? []) + backwards
        before = page["pageInfo"]?["startCursor"]?.string ?? ""
        #expect(page["pageInfo"]?["hasPreviousPage"]?.boolean == (number < 3))
      }
      #expect(backwards == forwards)
      #expect(
        try await fixture.refusal("{ caseTimeline(id: \"\(id)\", first: 1, last: 1) { totalCount } }").code
          == "INVALID_INPUT")
      #expect(
        try await fixture.refusal("{ caseTimeline(id: \"\(id)\", first: -1) { totalCount } }").code == "INVALID_INPUT")
      #expect(
        try await fixture.refusal("{ caseTimeline(id: \"\(id)\", after: \"x\") { totalCount } }").code
          == "INVALID_INPUT")
      #expect(try await fixture.refusal("{ caseTimeline(id: \"x\") { totalCount } }").code == "INVALID_INPUT")
    }
  }

  @Test("definitions tell who changed them, with what they were after it")
  func definitions() async throws {
    try await Fixture.with { fixture in
      for slug in ["a", "b"] { try await fixture.task(slug) }
      try await fixture.workflow("w", start: ["a"])
      try await fixture.flow("w", ["a"], "'b'|task")
      try await fixture.flow("w", ["a"], "'b'|task", redoable: "'a'|task")
      let flow =
        try await fixture.data("{ allWorkflows { edges { node { flows { edges { node { id } } } } } } }")["edges"]?
        .list?
        .first?["node"]?["flows"]?["edges"]?.list?.first?["node"]?["id"]?.string ?? ""
      try await fixture.data(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"Renamed\", startTasks: "
          + "[\"a\", \"b\"]}) { clientMutationId } }",
        user: "bob")
      try await fixture.data("mutation { removeFlow(input: {flow: \"\(flow)\"}) { clientMutationId } }", user: "cyd")
      let fields =
        "edges { cursor node { id name createdAt createdByUser createdByGroup workflow { slug } task { slug } data } } pageInfo { hasNextPage endCursor } totalCount"
      let all = try await fixture.data("{ definitionTimeline { \(fields) } }")
      #expect(Self.names(all) == [
        "post_save_task a ann", "post_save_task b ann", "post_save_workflow w ann", "post_add_flow w ann",
        "post_remove_flow w ann", "post_add_flow w ann", "post_save_workflow w bob", "post_remove_flow w cyd",
      ])
      let nodes = (all["edges"]?.list ?? []).map { $0["node"]?["data"] ?? .null }
      #expect(nodes[6]["name"]?["en"]?.string == "Renamed")
      #expect(nodes[6]["start_tasks"]?.json == "[\"a\",\"b\"]")
      #expect(nodes[5]["redoable"]?.string == "'a'|task")
      #expect(nodes[7]["tasks"]?.json == "[\"a\"]")
      let one = try await fixture.data("{ definitionTimeline(workflow: \"w\", first: 2) { \(fields) } }")
      #expect(Self.names(one) == ["post_save_workflow w ann", "post_add_flow w ann"])
      #expect(one["totalCount"]?.int == 6)
      #expect(one["pageInfo"]?["hasNextPage"]?.boolean == true)
      let task = try await fixture.data("{ definitionTimeline(task: \"b\") { \(fields) } }")
      #expect(Self.names(task) == ["post_save_task b ann"])
      // A version is published once; what would make the same one tells nothing.
      for _ in 1...2 {
        try await fixture.data("mutation { publishWorkflow(input: {workflow: \"w\"}) { number } }", user: "dan")
      }
      let last = try await fixture.data("{ definitionTimeline(workflow: \"w\", last: 1) { \(fields) } }")
      #expect(Self.names(last) == ["post_publish_workflow w dan"])
      #expect(last["totalCount"]?.int == 7)
      #expect(last["edges"]?.list?.first?["node"]?["data"]?["number"]?.int == 1)
      // What is refused leaves nothing.
      _ = try await fixture.refusal(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"zz\"]}) { clientMutationId } }")
      #expect(try await fixture.data("{ definitionTimeline { totalCount } }")["totalCount"]?.int == 9)
    }
  }
}
