import EventLoop
import Millrace
import Postgres
import Synchronization
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Joins")
struct JoinRaceTests {
  @Test("two siblings completed at once through two loops open the join exactly once, 100 rounds")
  func race() async throws {
    try await OrderFixture.with { fixture in
      try await fixture.withSecondService { second in
        for _ in 0..<100 {
          let id = try await fixture.start()
          try await fixture.complete("draft", of: id)
          let review = try await fixture.ready("review", of: id)
          let check = try await fixture.ready("check", of: id)
          async let one = second.run(CaseService.Request(command: .completeWorkItem(check)))
          let two = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(review))).workItemID
          _ = try await (one, two)
          _ = try await fixture.ready("send", of: id)
        }
      }
      let successors = try await fixture.count("select count(*) from work_items where task = 'send'")
      #expect(successors == 100)
    }
  }

  /// Until another transaction of this database waits for a lock.
  @Sendable
  private static func waitForWaiter(_ context: ReceiverContext) async throws {
    let waits: SQL =
      "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"
    while !(try await context.query(waits).bool(0, 0)) { try await context.query("select pg_sleep(0.002)") }
  }

  @Test("VF-75 VF-81 a command waits for the commit of the one before it, and then sees what that one did")
  func waits() async throws {
    let (begun, begin) = AsyncStream<Void>.makeStream()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true) { _, context in
        begin.yield()
        try await Self.waitForWaiter(context)
      }
    } _: { fixture in
      let id = try await fixture.start()
      let draft = try await fixture.ready("draft", of: id)
      try await fixture.withSecondService { second in
        async let other: MillraceError? = {
          for await _ in begun { break }
          do {
            try await second.run(CaseService.Request(command: .completeWorkItem(draft)))
            return nil
          } catch {
            return error as? MillraceError
          }
        }()
        _ = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(draft)))
        let refusal = await other
        #expect(refusal?.code == .invalidState && refusal?.message == "Only ready work items can be completed.")
      }
      _ = try await fixture.ready("review", of: id)
    }
  }

  @Test("VF-80 a command that gets no lock within its time is refused, and changes nothing")
  func givesUp() async throws {
    let (begun, begin) = AsyncStream<Void>.makeStream()
    let (freed, free) = AsyncStream<Void>.makeStream()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true) { _, context in
        begin.yield()
        try await Self.waitForWaiter(context)
        for await _ in freed { break }
      }
    } _: { fixture in
      let id = try await fixture.start()
      let draft = try await fixture.ready("draft", of: id)
      try await fixture.withSecondService { second in
        async let other: MillraceError? = {
          for await _ in begun { break }
          defer { free.yield() }
          do {
            try await second.loop.run {
              var request = CaseService.Request(command: .cancelCase(id))
              request.deadline = second.loop.now + 300
              _ = try await second.service.run(request)
            }
            return nil
          } catch {
            return error as? MillraceError
          }
        }()
        _ = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(draft)))
        let refusal = await other
        #expect(refusal?.code == .deadlineExceeded)
      }
      let canceled = try await fixture.count("select count(*) from cases where status <> 'running'")
      #expect(canceled == 0)
      _ = try await fixture.ready("review", of: id)
    }
  }

  @Test("two families whose receivers lock each other's rows both get through: the loser of the deadlock begins again")
  func deadlock() async throws {
    let attempts = Mutex<[EntityID]>([])
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true, filter: filterEvents { $0.workItem?.task == "draft" }) {
        event, context in
        guard let own = event.case?.id else { return }
        attempts.withLock { $0.append(own) }
        // Until both hold their own family's lock.
        while Set(attempts.withLock { $0 }).count < 2 { try await context.query("select pg_sleep(0.002)") }
        var parameters = Parameters()
        parameters.append(own.uuid)
        try await context.query("select 1 from cases where id <> $1 for no key update", parameters)
      }
    } _: { fixture in
      let one = try await fixture.ready("draft", of: try await fixture.start())
      let two = try await fixture.ready("draft", of: try await fixture.start())
      try await fixture.withSecondService(withReceivers: true) { second in
        async let other = second.run(CaseService.Request(command: .completeWorkItem(two)))
        let own = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(one))).workItemID
        let both = try await (own, other)
        #expect(both == (one, two))
      }
      #expect(attempts.withLock { $0.count } == 3)
      let reviews = try await fixture.count("select count(*) from work_items where task = 'review'")
      #expect(reviews == 2)
    }
  }
}
