import API
import GraphQL
import Logging
import Millrace
import Postgres
import TestSupport
import Testing

@Suite("Statements of a query")
struct StatementCountTests {
  private func ask(_ service: GraphQLService, _ query: String) async -> String {
    await withCheckedContinuation { continuation in
      let request = GraphQLRequest(query: ContiguousArray(query.utf8))
      let now = service.answer(request) { continuation.resume(returning: String(decoding: $0.body, as: UTF8.self)) }
      if let now { continuation.resume(returning: String(decoding: now.body, as: UTF8.self)) }
    }
  }

  @Test("a list with task, case and workflow takes four statements, whether it has 1 row or 20")
  func constant() async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let service = GraphQLService(
        schema: try APISchema(), database: database, receivers: ReceiverTable(), settings: APISettings(),
        logger: TestLog.logger)
      for mutation in [
        "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { clientMutationId } }",
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"]}) { clientMutationId } }",
      ] {
        let answer = await ask(service, mutation)
        #expect(!answer.contains("errors"), "\(answer)")
      }
      let list =
        "{ allWorkItems(first: 20) { edges { node { id status task { slug name } case { id status workflow { slug } } "
          + "} } } }"
      for count in [1, 19] {
        for _ in 0..<count {
          _ = await ask(service, "mutation { startCase(input: {workflow: \"w\"}) { case { id } } }")
        }
        let before = database.statementsSent
        let answer = await ask(service, list)
        #expect(answer.split(separator: "\"workflow\":{\"slug\":\"w\"}").count > count)
        #expect(database.statementsSent - before == 4)
      }
    }
  }
}
