import Expressions
import Flows
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

/// A job that workers outside of the server do.
private struct OutsideFlow: Flow {
  let start = flow.start().next(this.charge)
  let charge = flow.job("outside.charge").retry(2, backOff: .seconds(0)).onError("DECLINED", this.refused).next(
    this.check)
  let check = flow.view().next(this.end)
  let refused = flow.view().next(this.end)
  let end = flow.end()
}

private enum OutsideModule: MillraceModule {
  static let name = "outside"
  static func extend(_ extensions: inout ExtensionRegistry) { extensions.flow(OutsideFlow.self) }
}

@Suite("Jobs over GraphQL")
struct JobAPITests {
  private static func with(_ body: @escaping @Sendable (ServiceFixture) async throws -> Void) async throws {
    try await ServiceFixture.with([OutsideModule.self]) { fixture in
      let extensions = try ModuleList(linked: [OutsideModule.self]).extensions(of: [OutsideModule.name])
      try await CaseService(database: fixture.database, extensions: extensions, logger: TestLog.logger).saveFlows()
      try await body(fixture)
    }
  }

  private static func start(_ fixture: ServiceFixture) async throws -> String {
    let data = try await fixture.ask("mutation { startCase(input: {workflow: \"outside-flow\"}) { case { id } } }")
    return data["startCase"]?["case"]?["id"]?.text ?? ""
  }

  private static func claim(_ fixture: ServiceFixture, lease: Int = 30) async throws -> (token: String, jobs: [String])
  {
    let data = try await fixture.ask(
      "mutation { claimJobs(input: {handlers: [\"outside.charge\"], worker: \"w1\", limit: 5, lease: "
        + "\(lease)}) { token jobs { id status worker attempts workItem { task { slug } } } } }"
    )
    let claimed = data["claimJobs"]
    guard case .array(let jobs)? = claimed?["jobs"] else { return ("", []) }
    for job in jobs {
      #expect(job["status"]?.text == "RUNNING" && job["worker"]?.text == "w1")
      #expect(job["workItem"]?["task"]?["slug"]?.text == "outside-flow-charge")
    }
    return (claimed?["token"]?.text ?? "", jobs.compactMap { $0["id"]?.text })
  }

  @Test("a worker outside claims a job, keeps its lease, and completes it with data; the case goes on")
  func complete() async throws {
    try await Self.with { fixture in
      _ = try await Self.start(fixture)
      let (token, jobs) = try await Self.claim(fixture)
      let job = try #require(jobs.first)
      let second = try await Self.claim(fixture)
      #expect(jobs.count == 1 && second.jobs.isEmpty)
      try await fixture.ask(
        "mutation { heartbeatJob(input: {job: \"\(job)\", token: \"\(token)\"}) { job { leaseUntil } } }")
      let wrong = await fixture.refusal(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(second.token)\"}) { clientMutationId } }")
      #expect(wrong.hasPrefix("CONFLICT"))
      let done = try await fixture.ask(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(token)\", data: \"{\\\"n\\\": "
          + "1}\"}) { workItem { task { slug } } } }"
      )
      #expect(done["completeJob"]?["workItem"]?["task"]?["slug"]?.text == "outside-flow-charge")
      let rows = try await fixture.database.query(
        "select (select data ->> 'n' from work_items where task = 'outside-flow-charge'), (select status from work_items where task = 'outside-flow-check'), (select count(*) from scheduled_work)::int"
      )
      #expect(rows.text(0, 0) == "1" && rows.text(0, 1) == "ready" && rows.int32(0, 2) == 0)
      let again = await fixture.refusal(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(token)\"}) { clientMutationId } }")
      #expect(again.hasPrefix("CONFLICT"))
    }
  }

  @Test("who is late finds that another worker has the job")
  func late() async throws {
    try await Self.with { fixture in
      _ = try await Self.start(fixture)
      let first = try await Self.claim(fixture)
      _ = try await fixture.database.transaction {
        try await $0.query("update scheduled_work set due_at = now() - interval '1 second'")
      }
      let second = try await Self.claim(fixture)
      let job = try #require(second.jobs.first)
      #expect(first.jobs == second.jobs)
      let late = await fixture.refusal(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(first.token)\"}) { clientMutationId } }")
      #expect(late.hasPrefix("CONFLICT"))
      try await fixture.ask(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(second.token)\"}) { clientMutationId } }")
    }
  }

  @Test("a job that fails is tried again, then it is an incident, and retrying it lets the case go on")
  func incident() async throws {
    try await Self.with { fixture in
      _ = try await Self.start(fixture)
      for _ in 0..<2 {
        let (token, jobs) = try await Self.claim(fixture)
        let job = try #require(jobs.first)
        try await fixture.ask(
          "mutation { failJob(input: {job: \"\(job)\", token: \"\(token)\", message: \"no\", code: "
            + "\"TIRED\"}) { job { status } } }"
        )
      }
      let list =
        "{ incidents { totalCount edges { node { id errorCode lastError workItem { id } } } } jobs(filter: [{status: "
          + "[DEAD]}]) { totalCount } }"
      let found = try await fixture.ask(list)
      #expect(found["incidents"]?["totalCount"]?.json == "1" && found["jobs"]?["totalCount"]?.json == "1")
      guard case .array(let edges)? = found["incidents"]?["edges"], let node = edges.first?["node"] else {
        Issue.record("There is no incident.")
        return
      }
      #expect(node["errorCode"]?.text == "TIRED" && node["lastError"]?.text == "no")
      let status = try await fixture.database.query("select status from work_items where task = 'outside-flow-charge'")
      #expect(status.text(0, 0) == "error")
      try await fixture.ask("mutation { retryJob(input: {job: \"\(node["id"]?.text ?? "")\"}) { job { status } } }")
      let (token, jobs) = try await Self.claim(fixture)
      let job = try #require(jobs.first)
      try await fixture.ask(
        "mutation { completeJob(input: {job: \"\(job)\", token: \"\(token)\"}) { clientMutationId } }")
      let left = try await fixture.ask("{ incidents { totalCount } }")
      #expect(left["incidents"]?["totalCount"]?.json == "0")
    }
  }

  @Test("an error with a boundary leads to the boundary")
  func boundary() async throws {
    try await Self.with { fixture in
      _ = try await Self.start(fixture)
      let (token, jobs) = try await Self.claim(fixture)
      let job = try #require(jobs.first)
      try await fixture.ask(
        "mutation { failJob(input: {job: \"\(job)\", token: \"\(token)\", message: \"no\", code: "
          + "\"DECLINED\", isFinal: true}) { clientMutationId } }"
      )
      let rows = try await fixture.database.query("select status from work_items where task = 'outside-flow-refused'")
      #expect(rows.count == 1 && rows.text(0, 0) == "ready")
    }
  }

  @Test("the dashboard counts what direct SQL counts, and who asks goes on with their own item first")
  func lists() async throws {
    try await Self.with { fixture in
      for slug in ["a", "b"] {
        try await fixture.ask(
          "mutation { saveSimpleTask(input: {slug: \"\(slug)\", name: \"\(slug)\"}) { clientMutationId } }")
      }
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"a\", \"b\"]}) { clientMutationId } }")
      let started = try await fixture.ask(
        "mutation { startCase(input: {workflow: \"w\"}) { case { id workItems { edges { node { id task { slug } } } } "
          + "} } }"
      )
      _ = try await Self.start(fixture)
      let id = started["startCase"]?["case"]?["id"]?.text ?? ""
      let before = fixture.database.statementsSent
      let data = try await fixture.ask(
        "{ workflowDashboard { totalCount edges { node { open unassigned assigned running failed task { slug } "
          + "workflow { slug } } } } }"
      )
      let statements = fixture.database.statementsSent - before
      #expect(statements == 4)
      #expect(data["workflowDashboard"]?["totalCount"]?.json == "3")
      guard case .array(let edges)? = data["workflowDashboard"]?["edges"] else { return }
      let counts = edges.compactMap { edge -> String? in
        guard let node = edge["node"] else { return nil }
        return
          "\(node["task"]?["slug"]?.text ?? "") \(node["open"]?.json ?? "") \(node["unassigned"]?.json ?? "") \(node["running"]?.json ?? "")"
      }
      #expect(Set(counts) == ["a 1 1 0", "b 1 1 0", "outside-flow-charge 1 0 1"])
      let next = "{ nextWorkItem(case: \"\(id)\") { id task { slug } } }"
      let first = try await fixture.ask(next)
      #expect(first["nextWorkItem"]?["task"]?["slug"]?.text == "a")
      guard case .array(let items)? = started["startCase"]?["case"]?["workItems"]?["edges"],
        let own = items.first(where: { $0["node"]?["task"]?["slug"]?.text == "b" })?["node"]?["id"]?.text
      else { return }
      try await fixture.ask(
        "mutation { saveWorkItem(input: {workItem: \"\(own)\", assignedUsers: [\"admin\"]}) { clientMutationId } }")
      let second = try await fixture.ask(next)
      #expect(second["nextWorkItem"]?["task"]?["slug"]?.text == "b")
      try await fixture.ask(
        "mutation { snoozeWorkItem(input: {id: \"\(own)\", until: "
          + "\"2999-01-01T00:00:00Z\"}) { workItem { snoozedUntil } } }"
      )
      let lists = try await fixture.ask("{ inbox { totalCount } snoozed { totalCount } }")
      #expect(lists["inbox"]?["totalCount"]?.json == "0" && lists["snoozed"]?["totalCount"]?.json == "1")
      try await fixture.ask("mutation { unsnoozeWorkItem(input: {id: \"\(own)\"}) { workItem { snoozedUntil } } }")
      let awake = try await fixture.ask("{ inbox { totalCount } snoozed { totalCount } }")
      #expect(awake["inbox"]?["totalCount"]?.json == "1" && awake["snoozed"]?["totalCount"]?.json == "0")
    }
  }
}
