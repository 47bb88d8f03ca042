import API
import EventLoop
import GraphQL
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

@Suite("Idempotency keys")
struct IdempotencyTests {
  /// The API over a database of its own, with a workflow `w` of one task `a`.
  private struct Bench: Sendable {
    let service: GraphQLService
    let database: Database

    func ask(
      _ query: String, key: String? = nil, user: String? = nil, variables: ValueObject = ValueObject()
    ) async -> GraphQLResponse {
      let request = GraphQLRequest(query: ContiguousArray(query.utf8), variables: variables, caller: Caller(user: user))
      request.idempotencyKey = key
      let sent = request
      return await withCheckedContinuation { continuation in
        let now = service.answer(sent) { continuation.resume(returning: $0) }
        if let now { continuation.resume(returning: now) }
      }
    }

    /// Sends each mutation twice with a key, as if the server had died before it stored the response, and after it had
    /// done a part: both answers are the same.
    func repeatAll(_ mutations: [String]) async throws {
      for mutation in mutations {
        var bodies: [ContiguousArray<UInt8>] = []
        for _ in 0..<2 {
          let answer = await ask("mutation { \(mutation) }", key: mutation.prefix(4).description)
          #expect(answer.outcome == .executed && !answer.isReplay, "\(String(decoding: answer.body, as: UTF8.self))")
          bodies.append(answer.body)
          _ = try await database.transaction { try await $0.query("delete from idempotency_responses") }
        }
        #expect(bodies[0] == bodies[1])
      }
    }

    func count(_ sql: SQL) async throws -> Int64 { try await database.query(sql).int64(0, 0) }
  }

  private static func with(
    _ register: (inout ReceiverRegistry) -> Void = { _ in }, _ body: @escaping @Sendable (Bench) async throws -> Void
  ) async throws {
    var registry = ReceiverRegistry()
    register(&registry)
    let receivers = ReceiverTable(registry)
    try await withDatabase(configure: { $0.transactionConnections = 8 }) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let service = GraphQLService(
        schema: try APISchema(), database: database, receivers: receivers, settings: APISettings(),
        logger: TestLog.logger)
      let bench = Bench(service: service, database: database)
      for mutation in [
        "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { clientMutationId } }",
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\"]}) { clientMutationId } }",
      ] {
        let answer = await bench.ask(mutation)
        #expect(answer.outcome == .executed)
      }
      try await body(bench)
    }
  }

  private static let start = "mutation { startCase(input: {workflow: \"w\"}) { case { id status } } }"

  @Test("a repetition gets the stored response, whatever has happened since, and does nothing")
  func repetition() async throws {
    try await Self.with { bench in
      let first = await bench.ask(Self.start, key: "k1")
      #expect(first.outcome == .executed && !first.isReplay)
      _ = try await bench.database.transaction { try await $0.query("update cases set status = 'suspended'") }
      let second = await bench.ask(Self.start, key: "k1")
      #expect(second.isReplay && second.body == first.body && second.outcome == .executed)
      let cases = try await bench.count("select count(*) from cases")
      #expect(cases == 1)
      let other = await bench.ask(Self.start, key: "k2")
      #expect(!other.isReplay && other.body != first.body)
    }
  }

  @Test("the key of another request is refused: another document, other variables, another language of texts")
  func reused() async throws {
    try await Self.with { bench in
      let query =
        "mutation Start($meta: JSONString) { startCase(input: {workflow: \"w\", meta: $meta}) { case { id } } }"
      let one = ValueObject([.init(name: "meta", value: .string("{\"n\":1}"))])
      let two = ValueObject([.init(name: "meta", value: .string("{\"n\":2}"))])
      let first = await bench.ask(query, key: "k", variables: one)
      #expect(first.outcome == .executed, "\(String(decoding: first.body, as: UTF8.self))")
      for answer in [await bench.ask(query, key: "k", variables: two), await bench.ask(Self.start, key: "k")] {
        #expect(answer.outcome == .keyReused)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("\"code\":\"IDEMPOTENCY_KEY_REUSED\""))
      }
      // Also while only the fields have noted anything.
      _ = try await bench.database.transaction { try await $0.query("delete from idempotency_responses") }
      let late = await bench.ask(Self.start, key: "k")
      #expect(late.outcome == .keyReused)
      let cases = try await bench.count("select count(*) from cases")
      #expect(cases == 1)
    }
  }

  @Test("keys of different users have nothing to do with each other")
  func users() async throws {
    try await Self.with { bench in
      let answers = [
        await bench.ask(Self.start, key: "k", user: "ann"), await bench.ask(Self.start, key: "k", user: "bob"),
        await bench.ask(Self.start, key: "k"),
      ]
      #expect(answers.allSatisfy { $0.outcome == .executed && !$0.isReplay })
      let cases = try await bench.count("select count(*) from cases")
      #expect(cases == 3)
    }
  }

  @Test("a request that broke off is taken up where it broke off, field by field")
  func takenUp() async throws {
    try await Self.with { bench in
      let request =
        "mutation { one: startCase(input: {workflow: \"w\"}) { case { id } } two: startCase(input: {workflow: "
          + "\"w\"}) { case { id } } task: saveSimpleTask(input: {slug: \"b\", name: \"B\"}) { task { slug } } }"
      let first = await bench.ask(request, key: "k")
      #expect(first.outcome == .executed)
      // The server died before it stored the response, and before the second field.
      try await bench.database.transaction { transaction in
        transaction.send("delete from idempotency_responses")
        transaction.send("delete from idempotency_results where field = 2")
        transaction.send("delete from cases where id = (select max(id::text)::uuid from cases)")
      }
      let kept = try await bench.database.query("select id from cases").uuid(0, 0)
      let second = await bench.ask(request, key: "k")
      #expect(second.outcome == .executed && !second.isReplay)
      let cases = try await bench.database.query("select id from cases order by created_at")
      #expect(cases.count == 2 && cases.uuid(0, 0) == kept)
      let third = await bench.ask(request, key: "k")
      #expect(third.isReplay && third.body == second.body)
    }
  }

  @Test("duplicates at the same moment: one carries out, the others wait for it, all get one response")
  func concurrent() async throws {
    try await Self.with { registry in
      registry.on(.postCreateCase) { _, context in try await context.query("select pg_sleep(0.05)") }
    } _: { bench in
      let answers = await withTaskGroup(of: GraphQLResponse.self) { group in
        for _ in 0..<6 {
          group.addTask(executorPreference: bench.database.loop.taskExecutor) { await bench.ask(Self.start, key: "k") }
        }
        var answers: [GraphQLResponse] = []
        for await answer in group { answers.append(answer) }
        return answers
      }
      #expect(Set(answers.map(\.body)).count == 1)
      #expect(answers.allSatisfy { $0.outcome == .executed })
      let cases = try await bench.count("select count(*) from cases")
      #expect(cases == 1)
    }
  }

  @Test("an error that stays is the stored response; a mutation that was rolled back may be tried again")
  func errors() async throws {
    try await Self.with { bench in
      let bad = "mutation { startCase(input: {workflow: \"x\"}) { case { id } } }"
      let first = await bench.ask(bad, key: "k")
      #expect(first.outcome == .partial)
      _ = await bench.ask(
        "mutation { saveWorkflow(input: {slug: \"x\", name: \"X\", startTasks: [\"a\"]}) { clientMutationId } }")
      let second = await bench.ask(bad, key: "k")
      #expect(second.isReplay && second.body == first.body && second.outcome == .partial)
      let third = await bench.ask(bad, key: "k2")
      #expect(third.outcome == .executed)
    }
  }

  @Test("a removed flow, repeated, is removed once")
  func removedFlow() async throws {
    try await Self.with { bench in
      _ = await bench.ask(
        "mutation { addWorkflowFlow(input: {workflow: \"w\", tasks: [\"a\"], next: "
          + "\"'a'|task\"}) { clientMutationId } }",
        key: "add")
      let flow = try await bench.database.query("select id::text from flows").text(0, 0)
      let remove = "mutation { removeFlow(input: {flow: \"\(flow)\"}) { flow { next } } }"
      let first = await bench.ask(remove, key: "k")
      #expect(first.outcome == .executed)
      let second = await bench.ask(remove, key: "k")
      #expect(second.isReplay && second.body == first.body)
      _ = try await bench.database.transaction { try await $0.query("delete from idempotency_responses") }
      let third = await bench.ask(remove, key: "k")
      #expect(third.outcome == .executed, "\(String(decoding: third.body, as: UTF8.self))")
    }
  }

  @Test("what is no mutation of a case or definition is carried out once as well, also when the response was lost")
  func others() async throws {
    try await Self.with { bench in
      let started = await bench.ask(Self.start)
      #expect(started.outcome == .executed)
      func id(_ sql: SQL) async throws -> String { try await bench.database.query(sql).text(0, 0) }
      let (found, item) = (try await id("select id::text from cases"), try await id("select id::text from work_items"))
      let hook =
        "mutation { saveHook(input: {name: \"h\", event: \"post_create_case\", webhook: {url: "
          + "\"https://example.org/\"}}) { secret hook { id } } }"
      let saved = await bench.ask(hook, key: "hook")
      #expect(saved.outcome == .executed)
      let hookID = try await id("select id::text from hooks")
      let mutations = [
        "broadcastSignal(input: {name: \"s\", timeToLive: 60}) { receivers }",
        "deliverMessage(input: {name: \"m\"}) { isDelivered }",
        "publishWorkflow(input: {workflow: \"w\"}) { number }",
        "bulkAssignWorkItems(input: {workItems: [\"\(item)\"], users: [\"bob\"]}) { count }",
        "bulkUnassignWorkItems(input: {workItems: [\"\(item)\"]}) { count }",
        "claimJobs(input: {handlers: [\"h\"], worker: \"w\"}) { token }",
        "testHook(input: {hook: \"\(hookID)\", case: \"\(found)\"}) { hookDelivery { id } }",
        "removeHook(input: {hook: \"\(hookID)\"}) { hook { id } }",
      ]
      var answers: [GraphQLResponse] = []
      for (number, mutation) in mutations.enumerated() {
        let answer = await bench.ask("mutation { \(mutation) }", key: "k\(number)")
        #expect(answer.outcome == .executed, "\(mutation): \(String(decoding: answer.body, as: UTF8.self))")
        answers.append(answer)
      }
      // The server died before it stored the responses, and somebody else has changed the workflow.
      _ = try await bench.database.transaction { try await $0.query("delete from idempotency_responses") }
      _ = await bench.ask("mutation { saveSimpleTask(input: {slug: \"a\", name: \"Another\"}) { clientMutationId } }")
      for (number, mutation) in mutations.enumerated() {
        let answer = await bench.ask("mutation { \(mutation) }", key: "k\(number)")
        #expect(
          !answer.isReplay && answer.body == answers[number].body,
          "\(mutation): \(String(decoding: answer.body, as: UTF8.self))")
      }
      let again = await bench.ask(hook, key: "hook")
      #expect(again.body == saved.body)
      let counts = try await bench.database.query(
        "select (select count(*) from signals), (select count(*) from workflow_versions), (select count(*) from hook_deliveries)"
      )
      #expect((0..<3).map { counts.int64(0, $0) } == [2, 1, 1])
    }
  }

  @Test("the end of a job is told to whoever repeats it, though the job is gone")
  func jobs() async throws {
    try await Self.with { bench in
      for mutation in [
        "saveNodeTask(input: {slug: \"j\", name: \"J\", type: JOB, handler: \"h\"}) { task { slug } }",
        "saveWorkflow(input: {slug: \"jobs\", name: \"J\", startTasks: [\"j\"]}) { clientMutationId }",
        "startCase(input: {workflow: \"jobs\"}) { case { id } }",
        "startCase(input: {workflow: \"jobs\"}) { case { id } }",
        "claimJobs(input: {handlers: [\"h\"], worker: \"w\", limit: 2}) { token }",
      ] {
        let answer = await bench.ask("mutation { \(mutation) }")
        #expect(answer.outcome == .executed, "\(String(decoding: answer.body, as: UTF8.self))")
      }
      let rows = try await bench.database.query(
        "select id::text, lease_token::text from scheduled_work where kind = 'job'")
      try #require(rows.count == 2)
      let mutations = [
        "completeJob(input: {job: \"\(rows.text(0, 0))\", token: \"\(rows.text(0, 1))\"}) { workItem { status } }",
        "failJob(input: {job: \"\(rows.text(1, 0))\", token: \"\(rows.text(1, 1))\", message: \"no\", isFinal: true}) { clientMutationId }",
      ]
      try await bench.repeatAll(mutations)
      let ended = try await bench.count(
        "select count(*) from events where name in ('post_complete_work_item', 'post_fail_work_item')")
      #expect(ended == 2)
    }
  }

  @Test("a migration whose mapping is a chain moves each case once, and each item of a bulk mutation changes once")
  func chain() async throws {
    try await Self.with { bench in
      _ = await bench.ask("mutation { saveSimpleTask(input: {slug: \"b\", name: \"B\"}) { clientMutationId } }")
      _ = await bench.ask("mutation { saveSimpleTask(input: {slug: \"c\", name: \"C\"}) { clientMutationId } }")
      for _ in 0..<3 { _ = await bench.ask(Self.start) }
      let items = try await bench.database.query("select id::text from work_items order by id")
      let mutations = [
        "migrateCases(input: {workflow: \"w\", mapping: \"{\\\"a\\\": \\\"b\\\", \\\"b\\\": \\\"c\\\"}\"}) { report }",
        "bulkAssignWorkItems(input: {workItems: [\"\(items.text(0, 0))\", \"\(items.text(1, 0))\"], users: [\"bob\"], allOrNone: false}) { count }",
      ]
      try await bench.repeatAll(mutations)
      let tasks = try await bench.database.query("select string_agg(task, ' ') from work_items").text(0, 0)
      let events = try await bench.count(
        "select count(*) from events where name in ('post_advance_work_item', 'post_assign_work_item')")
      #expect(tasks == "b b b")
      #expect(events == 5)
    }
  }

  @Test("a query with a key is just a query")
  func query() async throws {
    try await Self.with { bench in
      let first = await bench.ask("{ allCases { totalCount } }", key: "k")
      _ = await bench.ask(Self.start)
      let second = await bench.ask("{ allCases { totalCount } }", key: "k")
      #expect(first.body != second.body && !second.isReplay)
    }
  }

  @Test("old keys are forgotten")
  func cleaning() async throws {
    try await Self.with { bench in
      _ = await bench.ask(Self.start, key: "old")
      try await bench.database.transaction { transaction in
        transaction.send("update idempotency_results set created_at = now() - interval '25 hours'")
        transaction.send("update idempotency_responses set created_at = now() - interval '25 hours'")
      }
      _ = await bench.ask(Self.start, key: "new")
      await bench.service.forgetRequests()
      let rows = try await bench.database.query(
        "select (select string_agg(key, ',') from idempotency_results), (select string_agg(key, ',') from idempotency_responses)"
      )
      #expect(rows.text(0, 0) == "new" && rows.text(0, 1) == "new")
    }
  }
}
