import API
import GraphQL
import Logging
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

@Suite("Work lists and charts")
struct WorkListTests {
  private struct Client {
    let service: GraphQLService

    func ask(_ query: String, as caller: Caller = Caller(user: "ann", group: "fire")) async -> JSONValue? {
      let text = await withCheckedContinuation { continuation in
        let request = GraphQLRequest(query: ContiguousArray(query.utf8), caller: caller)
        let now = service.answer(request) { continuation.resume(returning: String(decoding: $0.body, as: UTF8.self)) }
        if let now { continuation.resume(returning: String(decoding: now.body, as: UTF8.self)) }
      }
      let root = try? JSONDocument(text, maxDepth: 64).root
      if root?["errors"] != nil { Issue.record("\(text)") }
      return root?["data"]
    }
  }

  private func withClient(_ body: @escaping @Sendable (Client, Database) async throws -> Void) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let client = Client(
        service: GraphQLService(
          schema: try APISchema(), database: database, receivers: ReceiverTable(), settings: APISettings(),
          logger: TestLog.logger))
      for task in ["a", "b", "c"] {
        _ = await client.ask(
          "mutation { saveSimpleTask(input: {slug: \"\(task)\", name: \"Task \(task)\", addressGroups: "
            + "\"['fire']|groups\"}) { clientMutationId } }"
        )
      }
      _ = await client.ask(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"]}) { clientMutationId } }")
      _ = await client.ask(
        "mutation { addWorkflowFlow(input: {workflow: \"w\", tasks: [\"a\"], next: \"x == 1 ? 'b'|task : "
          + "'c'|task\"}) { clientMutationId } }"
      )
      try await body(client, database)
    }
  }

  private func counts(_ client: Client, _ caller: Caller) async -> [Int64] {
    let data = await client.ask("{ inbox { totalCount } queue { totalCount } archive { totalCount } }", as: caller)
    return ["inbox", "queue", "archive"].map { data?[$0]?["totalCount"]?.int ?? -1 }
  }

  @Test(
    "VF-90 an item goes from the queue of its group to the inbox of who takes it, and to the archive of who closes it")
  func lists() async throws {
    try await withClient { client, _ in
      let ann = Caller(user: "ann", group: "fire")
      let bob = Caller(user: "bob", group: "fire")
      let eve = Caller(user: "eve", group: "water")
      let started = await client.ask(
        "mutation { startCase(input: {workflow: \"w\"}) { case { workItems { edges { node { id } } } } } }")
      let item = started?["startCase"]?["case"]?["workItems"]?["edges"]?.items.first?["node"]?["id"]?.string ?? ""
      #expect(await counts(client, ann) == [0, 1, 0])
      #expect(await counts(client, eve) == [0, 0, 0])
      #expect(await counts(client, Caller()) == [0, 0, 0])
      _ = await client.ask(
        "mutation { saveWorkItem(input: {workItem: \"\(item)\", assignedUsers: [\"ann\"]}) { clientMutationId } }")
      #expect(await counts(client, ann) == [1, 0, 0])
      #expect(await counts(client, bob) == [0, 0, 0])
      _ = await client.ask("mutation { completeWorkItem(input: {id: \"\(item)\"}) { clientMutationId } }", as: bob)
      // It is in the archive of whose it was, whoever has closed it.
      #expect(await counts(client, ann) == [0, 1, 1])
      #expect(await counts(client, bob) == [0, 1, 0])
    }
  }

  @Test(
    "VF-90 the archive has what was the caller's, however it was closed, and what the caller has done of what was nobody's"
  )
  func archive() async throws {
    try await withClient { client, _ in
      let people = [Caller(user: "ann", group: "fire"), Caller(user: "bob", group: "fire")]
      // Who has it, what Bob does with it, and who finds it in the archive.
      let matrix: [(users: String, mutation: String, archives: [Int64])] = [
        ("[]", "completeWorkItem", [0, 1]), ("[]", "skipWorkItem", [0, 1]), ("[]", "cancelWorkItem", [0, 0]),
        ("[\"ann\"]", "completeWorkItem", [1, 0]), ("[\"ann\"]", "cancelWorkItem", [1, 0]),
        ("[\"ann\"]", "skipWorkItem", [1, 0]),
        ("[\"bob\"]", "completeWorkItem", [0, 1]), ("[\"ann\", \"bob\"]", "cancelWorkItem", [1, 1]),
        ("[\"ann\"]", "suspendWorkItem", [0, 0]),
      ]
      var before: [Int64] = [0, 0]
      for (users, mutation, archives) in matrix {
        let started = await client.ask(
          "mutation { startCase(input: {workflow: \"w\"}) { case { workItems { edges { node { id } } } } } }")
        let item = started?["startCase"]?["case"]?["workItems"]?["edges"]?.items.first?["node"]?["id"]?.string ?? ""
        _ = await client.ask(
          "mutation { saveWorkItem(input: {workItem: \"\(item)\", assignedUsers: \(users)}) { clientMutationId } }")
        _ = await client.ask("mutation { \(mutation)(input: {id: \"\(item)\"}) { clientMutationId } }", as: people[1])
        var after: [Int64] = []
        for person in people { after.append(await counts(client, person)[2]) }
        #expect(after == [before[0] + archives[0], before[1] + archives[1]], "\(users) \(mutation)")
        before = after
      }
    }
  }

  @Test("VF-91 lists, dashboard and cases take as many statements for 20 rows as for 1")
  func statements() async throws {
    try await withClient { client, database in
      let lists = """
        { inbox { edges { node { id task { slug } case { id } } } } queue { edges { node { id task { slug } case { id } } } }
        archive { edges { node { id task { slug } } } } workflowDashboard { edges { node { open task { slug } } } }
        allCases { edges { node { id workItems { edges { node { id } } } } } } }
        """
      var counts: [Int] = []
      for more in [1, 19] {
        for _ in 0..<more {
          for users in ["[]", "[\"ann\"]"] {
            let started = await client.ask(
              "mutation { startCase(input: {workflow: \"w\"}) { case { workItems { edges { node { id } } } } } }")
            let item = started?["startCase"]?["case"]?["workItems"]?["edges"]?.items.first?["node"]?["id"]?.string ?? ""
            _ = await client.ask(
              "mutation { saveWorkItem(input: {workItem: \"\(item)\", assignedUsers: \(users)}) { clientMutationId } }")
          }
        }
        let before = database.statementsSent
        let data = await client.ask(lists)
        counts.append(database.statementsSent - before)
        #expect(data?["inbox"]?["edges"]?.items.count == (more == 1 ? 1 : 20))
        #expect(data?["queue"]?["edges"]?.items.count == (more == 1 ? 1 : 20))
      }
      #expect(counts[0] == counts[1], "\(counts)")
    }
  }

  @Test("VF-93 charts of all cases of a list take one statement, and show how far each has come")
  func charts() async throws {
    try await withClient { client, database in
      for _ in 0..<3 { _ = await client.ask("mutation { startCase(input: {workflow: \"w\"}) { clientMutationId } }") }
      let before = database.statementsSent
      let data = await client.ask("{ allCases { edges { node { chart(format: JSON) } } } }")
      #expect(database.statementsSent - before == 2)
      let charts = (data?["allCases"]?["edges"]?.items ?? []).compactMap { $0["node"]?["chart"]?.string }
      #expect(charts.count == 3)
      for chart in charts {
        let nodes = try JSONDocument(chart, maxDepth: 64).root["nodes"]?.items ?? []
        #expect(nodes.first { $0["id"]?.string == "a" }?["state"]?.string == "READY")
        #expect(nodes.first { $0["id"]?.string == "a" }?["label"]?.string == "Task a")
        #expect(nodes.contains { $0["kind"]?.string == "EXCLUSIVE" })
      }
      let workflow = await client.ask("{ allWorkflows { edges { node { svg: chart bpmn: chart(format: BPMN) } } } }")
      let node = workflow?["allWorkflows"]?["edges"]?.items.first?["node"]
      #expect(node?["svg"]?.string?.hasPrefix("<svg ") == true)
      #expect(node?["bpmn"]?.string?.contains("exclusiveGateway") == true)
    }
  }
}
