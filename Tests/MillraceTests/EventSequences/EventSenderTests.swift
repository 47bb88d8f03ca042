import Millrace
import Postgres
import Testing
import WorkflowEngine
import WorkflowStore

/// The senders of what the server does by itself, and of mutations that do something else than their name says.
@Suite("Senders of events")
struct EventSenderTests {
  /// Starts a case of the workflow and answers what was told of after `body`.
  private static func told(
    _ workflow: String, _ body: @escaping @Sendable (SequenceWalk) async throws -> Void
  ) async throws -> [String] {
    let notes = Notes()
    try await OrderFixture.with(extensions: SequenceWorkflows.extensions()) { registry in
      registry.on(EventName.allCases) { event, _ in
        let subject = event.workItem?.task ?? event.case?.workflow ?? "-"
        notes.add("\(event.sender.rawValue): \(event.name.rawValue) \(subject)")
      }
    } _: { fixture in
      try await SequenceWorkflows.define(fixture.service)
      let start = try await fixture.service.run(CaseService.Request(command: .startCase(StartCase(workflow: workflow))))
      try await body(SequenceWalk(fixture: fixture, id: try #require(start.caseID)))
    }
    return notes.all.filter { !$0.hasPrefix("startCase: ") || $0.contains("alarm") }
  }

  private static let rest: SQL = "select not exists (select 1 from scheduled_work where state = 'pending')"
  private static let hasFile: SQL = "select exists (select 1 from work_items where task = 'file')"

  @Test("a job worker of the server sends `startJob`, and `finishJob` or `failJob`")
  func worker() async throws {
    let told = try await Self.told("sorting") { walk in
      try await walk.fixture.withJobWorker(["sort": { _ in }]) { _ in try await walk.fixture.wait(Self.hasFile) }
    }
    #expect(told == [
      "startJob: post_advance_work_item sort", "finishJob: pre_complete_work_item sort",
      "finishJob: post_complete_work_item sort", "finishJob: pre_create_work_item file",
      "finishJob: post_create_work_item file",
    ])
    let failed = try await Self.told("charging") { walk in
      let handler: JobHandler = { _ in throw JobFailure("NO", "Never.", isFinal: true) }
      try await walk.fixture.withJobWorker(["charge": handler]) { _ in
        try await walk.fixture.wait("select exists (select 1 from work_items where task = 'remind')")
      }
    }
    #expect(failed.first == "startJob: post_advance_work_item charge")
    #expect(failed.dropFirst().allSatisfy { $0.hasPrefix("failJob: ") } && failed.count == 5)
  }

  @Test("`claimJobs`, `completeJob`, `failJob` and `retryJob` send what a worker of the server sends")
  func outsideWorker() async throws {
    let told = try await Self.told("sorting") { walk in
      let service = walk.fixture.service
      func claim() async throws -> (job: EntityID, token: String) {
        let token = try await service.claimJobs(["sort"], worker: "outside", limit: 1, lease: 60_000)
        let rows = try await walk.fixture.database.query("select id from scheduled_work where kind = 'job'")
        try #require(rows.count == 1)
        return (EntityID(rows.uuid(0, 0)), token.description)
      }
      let first = try await claim()
      try await service.failJob(first.job, token: first.token, JobFailure("NO", "Never.", isFinal: true))
      try await service.retryJob(first.job)
      let second = try await claim()
      _ = try await service.completeJob(second.job, token: second.token, result: HandlerResult())
    }
    #expect(told == [
      "startJob: post_advance_work_item sort", "failJob: pre_fail_work_item sort", "failJob: post_fail_work_item sort",
      "retryWorkItem: pre_retry_work_item sort", "retryWorkItem: post_retry_work_item sort",
      "retryWorkItem: post_advance_work_item sort", "startJob: post_advance_work_item sort",
      "finishJob: pre_complete_work_item sort", "finishJob: post_complete_work_item sort",
      "finishJob: pre_create_work_item file", "finishJob: post_create_work_item file",
    ])
  }

  @Test("the server sends `fireTimer` when a timer is due")
  func timer() async throws {
    let told = try await Self.told("waiting") { walk in
      try await walk.fixture.hurry()
      try await walk.fixture.withJobWorker { _ in try await walk.fixture.wait(Self.hasFile) }
    }
    #expect(told.count == 4 && told.allSatisfy { $0.hasPrefix("fireTimer: ") })
  }

  @Test("the server sends `escalateWorkItem` for a deadline and `unsnoozeWorkItem` for the end of a snooze")
  func moments() async throws {
    let told = try await Self.told("family") { walk in
      let now = Timestamp.now().microseconds
      try await walk.run(.saveWorkItem(SaveWorkItem(id: try await walk.item("w1"), deadline: now + 300_000)))
      try await walk.fixture.withJobWorker { _ in try await walk.fixture.wait(Self.rest) }
      try await walk.run(.snoozeWorkItem(try await walk.item("w2"), until: Timestamp.now().microseconds + 300_000))
      try await walk.fixture.withJobWorker { _ in try await walk.fixture.wait(Self.rest) }
    }
    #expect(told == [
      "saveWorkItem: post_save_work_item w1", "escalateWorkItem: post_overdue_work_item w1",
      "snoozeWorkItem: pre_snooze_work_item w2", "snoozeWorkItem: post_snooze_work_item w2",
      "unsnoozeWorkItem: pre_unsnooze_work_item w2", "unsnoozeWorkItem: post_unsnooze_work_item w2",
    ])
  }

  @Test("a signal is told as `deliver` where it is waited for, and as `startCase` where a workflow starts with it")
  func signal() async throws {
    let told = try await Self.told("noise") { walk in
      let service = walk.fixture.service
      try await walk.fixture.withJobWorker { _ in
        try await walk.fixture.wait("select exists (select 1 from signal_catches where workflow = 'alarm')")
        let met = try await service.broadcastSignal(CaseService.SignalInput(name: "noise"))
        #expect(met == 2)
        try await walk.fixture.wait("select not exists (select 1 from scheduled_work where handler = 'signal')")
      }
    }
    #expect(told.filter { $0.hasPrefix("deliver: ") } == [
      "deliver: pre_complete_work_item listen", "deliver: post_complete_work_item listen",
      "deliver: pre_create_work_item file", "deliver: post_create_work_item file",
    ])
    #expect(told.contains("startCase: pre_create_case alarm"))
  }
}

extension OrderFixture {
  /// All that is scheduled is due.
  fileprivate func hurry() async throws {
    try await database.transaction { _ = try await $0.query("update scheduled_work set due_at = now()") }
  }
}
