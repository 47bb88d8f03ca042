import API
import Postgres
import TestSupport
import Testing

/// What Prometheus gets of a server.
@Suite("Metrics")
struct MetricsTests {
  @Test("requests, deliveries of hooks, the database and the process are told; only where that is wanted")
  func metrics() async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      _ = try await database.transaction {
        try await $0.query("create table effects (hook text, family uuid, seq bigint, attempt integer)")
      }
    }
    let server = try ServerProcess(
      program: "HookProbe", arguments: ["--metrics", "yes", "--hook-retries", "0.05"],
      environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "effects"])
    for mutation in [
      "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { clientMutationId } }",
      "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"]}) { clientMutationId } }",
      "mutation { saveHook(input: {name: \"works\", event: \"post_create_case\", function: \"effect\"}) { secret } }",
      "mutation { saveHook(input: {name: \"fails\", event: \"post_create_case\", function: \"broken\"}) { secret } }",
      "mutation { startCase(input: {workflow: \"w\"}) { case { id } } }",
    ] {
      let answer = HTTPAnswer.graphql(server.port, mutation)
      try #require(answer.status == 200 && !answer.body.contains("\"errors\""), "\(answer.body)")
    }
    let missing = HTTPAnswer.get(server.port, "/nowhere")
    #expect(missing.status == 404)
    let expected = [
      "millrace_hook_attempts_total{hook=\"works\",outcome=\"delivered\"} 1",
      "millrace_hook_attempts_total{hook=\"fails\",outcome=\"retry\"} 1",
      "millrace_hook_attempts_total{hook=\"fails\",outcome=\"dead\"} 1",
      "millrace_hook_deliveries_pending 0",
      "millrace_http_requests_total{path=\"/graphql\",status=\"200\"} 5",
      "millrace_http_requests_total{path=\"other\",status=\"404\"} 1",
      "millrace_graphql_request_seconds_count 5",
      "millrace_database_up 1",
      "# TYPE process_resident_memory_bytes gauge",
      "millrace_receiver_failures_total{event=\"post_create_case\",module=\"effects\",receiver=\"quarrels\"} 1",
    ]
    var page = HTTPAnswer.get(server.port, "/metrics")
    let isComplete = eventually(within: 30) {
      page = HTTPAnswer.get(server.port, "/metrics")
      return expected.allSatisfy { page.body.contains("\($0)\n") }
    }
    #expect(isComplete, "\(page.body)")
    #expect(page.status == 200 && page.head.contains("text/plain; version=0.0.4"))
    let post = HTTPAnswer.request(server.port, "POST", "/metrics", [], "")
    #expect(post.status == 405)
    #expect(server.stop() == 0)

    let quiet = try ServerProcess(environment: ["DATABASE_URL": conninfo])
    let none = HTTPAnswer.get(quiet.port, "/metrics")
    #expect(none.status == 404)
    #expect(quiet.stop() == 0)
  }
}
