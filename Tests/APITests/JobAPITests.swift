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

  @Test("whatever has failed in the background is an incident until it is retried or closed, a job or not")
  func everyIncident() async throws {
    try await Self.with { fixture in
      for task in [
        "slug: \"work\", name: \"Work\", type: JOB, handler: \"outside.charge\", edges: [{target: \"next\", condition: \"data.go\"}]",
        "slug: \"next\", name: \"Next\", type: HANDLER, handler: \"missing\", edges: [{target: \"end\"}]", "slug: \"end\", name: \"End\", type: END",
      ] { try await fixture.ask("mutation { saveNodeTask(input: {\(task)}) { clientMutationId } }") }
      try await fixture.ask("mutation { saveWorkflow(input: {slug: \"way\", name: \"Way\", startTasks: [\"work\"]}) { clientMutationId } }")
      let started = try await fixture.ask("mutation { startCase(input: {workflow: \"way\"}) { case { id } } }")["startCase"]
      let root = started?["case"]?["id"]?.text ?? ""
      let key = try await fixture.database.query("select id::text from cases").text(0, 0)
      func incidents() async throws -> [JSON] {
        let list = "{ incidents { edges { node { id handler status errorCode lastError attempts workItem { status task { slug } } } } } }"
        guard case .array(let edges)? = try await fixture.ask(list)["incidents"]?["edges"] else { return [] }
        return edges.compactMap { $0["node"] }
      }
      let claim = try await fixture.ask("mutation { claimJobs(input: {handlers: [\"outside.charge\"], worker: \"w\"}) { token jobs { id } } }")["claimJobs"]
      guard case .array(let jobs)? = claim?["jobs"], let job = jobs.first?["id"]?.text else {
        Issue.record("There is no job.")
        return
      }
      try await fixture.ask("mutation { completeJob(input: {job: \"\(job)\", token: \"\(claim?["token"]?.text ?? "")\"}) { clientMutationId } }")
      var found = try await incidents()
      #expect(found.count == 1 && found.first?["id"]?.text == job && found.first?["handler"]?.text == "outside.charge")
      #expect(found.first?["lastError"]?.text?.contains("No edge leads on") == true)
      #expect(found.first?["workItem"]?["status"]?.text == "ERROR" && found.first?["workItem"]?["task"]?["slug"]?.text == "work")
      // Who retries it waits for the answer; behind a job nobody does.
      let refused = await fixture.refusal("mutation { retryJob(input: {job: \"\(job)\"}) { clientMutationId } }")
      #expect(refused.contains("No edge leads on"))
      try await fixture.ask("mutation { saveCase(input: {id: \"\(key)\", workflow: \"way\", data: \"{\\\"go\\\": true}\"}) { clientMutationId } }")
      let second = await fixture.refusal("mutation { retryJob(input: {job: \"\(job)\"}) { clientMutationId } }")
      #expect(second.contains("missing"))
      found = try await incidents()
      #expect(found.count == 1)
      let other = try await fixture.ask("mutation { startCase(input: {workflow: \"way\", data: \"{\\\"go\\\": true}\"}) { case { id } } }")["startCase"]
      let next = try await fixture.ask("mutation { claimJobs(input: {handlers: [\"outside.charge\"], worker: \"w\"}) { token jobs { id } } }")["claimJobs"]
      guard case .array(let more)? = next?["jobs"], let last = more.first?["id"]?.text else {
        Issue.record("There is no second job.")
        return
      }
      try await fixture.ask("mutation { completeJob(input: {job: \"\(last)\", token: \"\(next?["token"]?.text ?? "")\"}) { clientMutationId } }")
      found = try await incidents().filter { $0["handler"]?.text == "next" }
      #expect(found.count == 1 && found.first?["errorCode"]?.text == "UNKNOWN_HANDLER" && found.first?["workItem"]?["task"]?["slug"]?.text == "next")
      let failed = try await fixture.ask("{ allWorkItems(filter: [{statuses: [ERROR], workflow: \"way\"}]) { totalCount } }")
      #expect(failed["allWorkItems"]?["totalCount"]?.json == "2")
      for id in [root, other?["case"]?["id"]?.text ?? ""] {
        try await fixture.ask("mutation { cancelCase(input: {id: \"\(id)\"}) { clientMutationId } }")
      }
      let rows = try await fixture.database.query("select count(*)::int from scheduled_work")
      #expect(rows.int32(0, 0) == 0)
    }
  }

  @Test("canceling the item of a job that has failed for good takes the incident away")
  func canceledIncident() async throws {
    try await Self.with { fixture in
      _ = try await Self.start(fixture)
      let (token, jobs) = try await Self.claim(fixture)
      try await fixture.ask("mutation { failJob(input: {job: \"\(try #require(jobs.first))\", token: \"\(token)\", message: \"no\", isFinal: true}) { clientMutationId } }")
      let rows = try await fixture.database.query("select work_item::text, count(*) over ()::int from scheduled_work where state = 'dead'")
      #expect(rows.count == 1 && rows.int32(0, 1) == 1)
      try await fixture.ask("mutation { cancelWorkItem(input: {id: \"\(rows.text(0, 0))\"}) { clientMutationId } }")
      let left = try await fixture.database.query("select count(*)::int from scheduled_work")
      #expect(left.int32(0, 0) == 0)
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
