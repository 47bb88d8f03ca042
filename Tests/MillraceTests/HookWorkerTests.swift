import EventLoop
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import Webhooks
import WorkflowEngine
import WorkflowStore

/// Claims, their ends, and functions that take their time.
@Suite("Workers for hooks")
struct HookWorkerTests {
  @Test("the function of an after-hook that never comes back is given up; nothing it did or tries then remains")
  func timeLimit() async throws {
    var settings = HookSettings.test
    settings.functionTimeout = 300
    settings.functionConcurrency = 1
    let kept = Mutex<[CheckedContinuation<Void, Never>]>([])
    let refused = Notes()
    let endless: HookFunction = { call, context in
      try await HookTests.write(call, context)
      await withCheckedContinuation { waiter in kept.withLock { $0.append(waiter) } }
      do {
        try await HookTests.write(call, context)
      } catch let error as MillraceError {
        refused.add(error.code.rawValue)
      }
    }
    try await HookTests.with(settings: settings) {
      $0.hookFunction("endless", endless)
    } _: { fixture in
      try await fixture.service.saveHook(HookTests.input("a", .event(.postCreateCase), "endless"))
      try await fixture.service.saveHook(HookTests.input("b", .event(.postCreateCase)))
      try await fixture.withWorker { _ in
        _ = try await fixture.start()
        try await fixture.wait("select count(*) = 2 from hook_deliveries where finished_at is not null")
        let waiters = kept.withLock { $0 }
        #expect(waiters.count == 3)
        for waiter in waiters { waiter.resume() }
        for _ in 0..<500 {
          guard refused.all.count < 3 else { break }
          try await fixture.database.loop.sleep(milliseconds: 10)
        }
      }
      #expect(refused.all == Array(repeating: "INVALID_STATE", count: 3))
      let found = try await fixture.texts(
        """
        select h.name || ' ' || d.status || ' ' || coalesce(d.last_error, '-')
        from hook_deliveries d join hooks h on h.id = d.hook order by 1
        """)
      #expect(found == ["a dead The function took longer than 300 ms and was given up.", "b delivered -"])
      let effects = try await fixture.texts("select hook from effects")
      #expect(effects == ["b"])
    }
  }

  @Test("a function that is slow is called once for each delivery, however long they wait for their turn")
  func slow() async throws {
    var settings = HookSettings.test
    settings.functionConcurrency = 1
    // A claim lasts for four of ten functions, and there is no second attempt.
    settings.webhooks.timeout = 100
    settings.retries = RetrySchedule(milliseconds: [])
    try await HookTests.with(settings: settings) { registry in
      registry.hookFunction("slow") { call, context in
        try await context.query("select pg_sleep(0.27)")
        try await HookTests.write(call, context)
      }
    } _: { fixture in
      try await fixture.service.saveHook(HookTests.input("slow", .event(.postCreateCase), "slow"))
      for _ in 0..<10 { _ = try await fixture.start() }
      try await fixture.withWorker { _ in
        try await fixture.wait("select count(*) = 10 from hook_deliveries where finished_at is not null")
      }
      let found = try await fixture.texts("select distinct status || ' ' || attempts from hook_deliveries")
      #expect(found == ["delivered 1"])
    }
  }

  @Test("what waits behind a function that takes long is given back in time, as if it had not been claimed")
  func late() async throws {
    var settings = HookSettings.test
    settings.functionConcurrency = 1
    settings.webhooks.timeout = 100
    let kept = Mutex<[CheckedContinuation<Void, Never>]>([])
    try await HookTests.with(settings: settings) { registry in
      registry.hookFunction("long") { _, _ in
        await withCheckedContinuation { waiter in kept.withLock { $0.append(waiter) } }
      }
    } _: { fixture in
      try await fixture.service.saveHook(HookTests.input("long", .event(.postCreateCase), "long"))
      for _ in 0..<3 { _ = try await fixture.start() }
      try await fixture.withWorker { _ in
        // All of them were there when the worker began, so that it has claimed them together.
        try await fixture.wait(
          """
          select count(*) filter (where attempts = 1) = 1
          and count(*) filter (where attempts = 0 and lease_token is null) = 2 from hook_deliveries
          """)
        for _ in 0..<3 {
          for _ in 0..<3_000 where kept.withLock({ $0.isEmpty }) {
            try await fixture.database.loop.sleep(milliseconds: 10)
          }
          kept.withLock { $0.isEmpty ? nil : $0.removeFirst() }?.resume()
        }
        try await fixture.wait("select count(*) = 3 from hook_deliveries where status = 'delivered'")
      }
      let attempts = try await fixture.texts("select attempts::text from hook_deliveries")
      #expect(attempts == ["1", "1", "1"])
    }
  }

  @Test("whatever is older than the retention is forgotten, however much it is; what waits stays")
  func forgetting() async throws {
    try await HookTests.with { fixture in
      try await fixture.database.transaction { transaction in
        _ = try await transaction.query(
          """
          insert into hook_deliveries (id, hook, family, event, case_id, payload, is_ordered, depth, status, due_at,
          created_at, finished_at)
          select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'e', gen_random_uuid(), '{}', false, 1,
          case when n = 1 then 'pending' else 'delivered' end, now(), now() - interval '60 days',
          case when n > 1 then now() - case when n = 2 then interval '1 day' else interval '40 days' end end
          from generate_series(1, 12002) as n
          """)
      }
      try await fixture.withWorker { _ in
        try await fixture.wait("select count(*) = 2 from hook_deliveries")
      }
      let left = try await fixture.texts("select status from hook_deliveries order by 1")
      #expect(left == ["delivered", "pending"])
    }
  }

  @Test("whoever has lost its claim cannot finish the delivery, nor note a failure")
  func fencing() async throws {
    try await HookTests.with { fixture in
      let hook = try await fixture.service.saveHook(HookTests.input("hook", .event(.postCreateCase))).id
      _ = try await fixture.start()
      let backend = DatabaseHookBackend()
      let (first, second) = (EntityID(high: 0, low: 1), EntityID(high: 0, low: 2))
      func claim(_ token: EntityID) async throws -> [EntityID] {
        try await fixture.database.transaction {
          try await backend.claim([(hook, 10)], token: token, lease: 0, in: $0).map(\.id)
        }
      }
      let mine = try await claim(first)
      let theirs = try await claim(second)
      #expect(mine == theirs && mine.count == 1)
      let isHeld = try await fixture.database.transaction { transaction in
        let held = try await backend.hold(mine[0], token: first, in: transaction) != nil
        backend.fail(mine[0], token: first, HookFailure("late"), in: transaction)
        backend.finish(mine[0], token: first, responseStatus: nil, response: nil, in: transaction)
        backend.release(mine, token: first, in: transaction)
        return held
      }
      #expect(!isHeld)
      let state = try await fixture.texts("select status || ' ' || attempts from hook_deliveries")
      #expect(state == ["pending 2"])
    }
  }
}
