import Flows
import Millrace
import Postgres
import Testing
import WorkflowEngine

/// Waits for a message once more after each.
private struct InboxFlow: Flow {
  let start = flow.start().next(this.prepare)
  let prepare = flow.view().next(this.letter)
  let letter = flow.message("letter").correlated(by: "data.order").next(this.read)
  let read = flow.view().next(this.end)
  let end = flow.end()
}

/// The pattern that cannot be shown without the database, which keeps what nobody waits for yet.
@Suite("Workflow control-flow patterns, in the database")
struct PatternTriggerTests {
  @Test("24 persistent trigger: a message before its waiter is kept, and consumed once by the first one that fits")
  func persistentTrigger() async throws {
    var registry = ExtensionRegistry()
    registry.flow(InboxFlow.self)
    let extensions = try ExtensionTable(registry, modules: [])
    try await OrderFixture.with(extensions: extensions) { fixture in
      try await fixture.service.saveFlows()
      func start(_ order: String) async throws -> EntityID {
        let command = InboxFlow.start.start(["order": .string(order)])
        return try #require(try await fixture.service.run(CaseService.Request(command: command)).caseID)
      }
      func send(_ order: String, _ payload: String, id: String, timeToLive: Int64 = 3_600) async throws -> Bool {
        try await fixture.service.sendMessage(
          CaseService.SignalInput(
            name: "letter", correlation: order, payload: payload, messageID: id, timeToLive: timeToLive))
      }
      func read() async throws -> [String] {
        try await fixture.texts(
          "select c.data ->> 'order' || ' ' || w.data::text from work_items w join cases c on c.id = w.case_id where w.task = 'inbox-flow-letter' and w.status = 'completed' order by w.created_at, w.id"
        )
      }
      let other = try await start("b")
      let first = try await start("a")
      let second = try await start("a")
      // Nobody waits yet: the message is kept, the same one once, and one whose time is up is as if never sent.
      let sent = try await send("a", "1", id: "m1")
      let again = try await send("a", "2", id: "m1")
      let late = try await send("b", "3", id: "m2", timeToLive: 0)
      #expect(!sent && again && !late)
      try await fixture.withJobWorker { _ in
        // One with another key does not fit, the first one that fits takes it, the next one waits.
        for id in [other, first, second] { try await fixture.complete("inbox-flow-prepare", of: id) }
        try await fixture.wait("select exists (select 1 from work_items where task = 'inbox-flow-read')")
      }
      let taken = try await read()
      let waiting = try await fixture.count(
        "select count(*) from work_items where task = 'inbox-flow-letter' and status = 'waiting'")
      #expect(taken == ["a 1"] && waiting == 2)
      _ = try await fixture.ready("inbox-flow-read", of: first)
      // Another message goes to who waits.
      try await fixture.withJobWorker { _ in
        let delivered = try await send("a", "4", id: "m3")
        #expect(delivered)
        try await fixture.wait(
          "select count(*) = 2 from work_items where task = 'inbox-flow-letter' and status = 'completed'")
      }
      let both = try await read()
      #expect(both == ["a 1", "a 4"])
    }
  }
}
