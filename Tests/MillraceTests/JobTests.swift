import EventLoop
import Expressions
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Jobs")
struct JobTests {
  private static let isEmpty: SQL = "select not exists (select 1 from scheduled_work)"

  @Test("a job runs once, with its payload, and leaves nothing behind")
  func once() async throws {
    try await OrderFixture.with { fixture in
      let notes = Notes()
      let handler: JobHandler = { job in
        notes.add("\(job.name) \(job.attempt) \(job.payload["n"]?.json ?? "-")")
      }
      try await fixture.withJobWorker(["greet": handler]) { _ in
        let id = try await fixture.service.enqueue(JobInput("greet", payload: JSON(json: #"{"n": 7}"#) ?? .null))
        #expect(id != nil)
        try await fixture.wait(Self.isEmpty)
      }
      #expect(notes.all == ["greet 1 7"])
    }
  }

  @Test("without work there is no next moment: a worker with nothing to do does not ask all the time")
  func rests() async throws {
    try await OrderFixture.with { fixture in
      let next = try await fixture.database.transaction { transaction in
        try await WorkQueue.nextDue([WorkQueue.Topic(.job, "none")], in: transaction)
      }
      #expect(next == nil)
    }
  }

  @Test("a job whose handler no server has waits, and one with a key is there once")
  func waits() async throws {
    try await OrderFixture.with { fixture in
      try await fixture.withJobWorker { _ in
        let first = try await fixture.service.enqueue(JobInput("elsewhere", key: "k"))
        let second = try await fixture.service.enqueue(JobInput("elsewhere", key: "k"))
        #expect(first != nil && second == nil)
        try await fixture.database.loop.sleep(milliseconds: 120)
        let waiting = try await fixture.count(
          "select count(*) from scheduled_work where attempts = 0 and state = 'pending'")
        #expect(waiting == 1)
      }
    }
  }

  @Test("a job is tried again after pauses, and then it is an incident that can be tried again")
  func fails() async throws {
    try await OrderFixture.with { fixture in
      let works = Mutex(false)
      let notes = Notes()
      let handler: JobHandler = { job in
        notes.add("\(job.id) \(job.attempt)")
        if !works.withLock({ $0 }) { throw JobFailure("NO_LUCK", "not today") }
      }
      try await fixture.withJobWorker(["try": handler]) { worker in
        let id = try #require(try await fixture.service.enqueue(JobInput("try", maxAttempts: 3)))
        try await fixture.wait(
          "select exists (select 1 from scheduled_work where state = 'dead' and error_code = 'NO_LUCK' and last_error = 'not today')"
        )
        #expect(notes.all == (1...3).map { "\(id) \($0)" })
        works.withLock { $0 = true }
        try await fixture.service.retryJob(id)
        try await fixture.wait(Self.isEmpty)
        #expect(notes.all.count == 4)
      }
    }
  }

  @Test("a failure that is final is not tried again")
  func final() async throws {
    try await OrderFixture.with { fixture in
      try await fixture.withJobWorker(["try": { _ in throw JobFailure("NEVER", "no", isFinal: true) }]) { _ in
        try await fixture.service.enqueue(JobInput("try"))
        try await fixture.wait("select exists (select 1 from scheduled_work where state = 'dead' and attempts = 1)")
      }
    }
  }

  @Test("a job that is added in a transaction that is rolled back never runs")
  func rolledBack() async throws {
    try await OrderFixture.with { fixture in
      let notes = Notes()
      struct Undo: Error {}
      try await fixture.withJobWorker(["note": { notes.add("\($0.payload.json)") }]) { worker in
        await #expect(throws: Undo.self) {
          try await fixture.database.transaction { transaction in
            var identifiers = FamilyIdentifiers()
            WorkQueue.add(
              [QueuedWork(id: identifiers.next(), kind: .job, handler: "note", payload: "1", maxAttempts: 1)],
              in: transaction)
            _ = try await transaction.query("select count(*) from scheduled_work")
            // The worker looks meanwhile.
            try await fixture.database.loop.sleep(milliseconds: 150)
            throw Undo()
          }
        }
        try await fixture.service.enqueue(JobInput("note", payload: .int(2)))
        try await fixture.wait(Self.isEmpty)
      }
      #expect(notes.all == ["2"])
    }
  }

  @Test("what a job leaves for its end is stored once, though two workers have had it")
  func lostClaim() async throws {
    try await OrderFixture.with { fixture in
      _ = try await fixture.database.transaction { try await $0.query("create table effects (attempt integer)") }
      let runs = Mutex(0)
      let handler: JobHandler = { job in
        let run = runs.withLock { $0 += 1; return $0 }
        job.atEnd { end in
          var parameters = Parameters()
          parameters.append(Int32(job.attempt))
          try await end.query("insert into effects values ($1)", parameters)
        }
        // The first one loses its lease while it works, and ends after the second one.
        guard run == 1 else { return }
        try await job.execute("update scheduled_work set due_at = now() - interval '1 second'")
        for _ in 0..<500 where runs.withLock({ $0 }) < 2 { _ = try await job.query("select pg_sleep(0.01)") }
        for _ in 0..<500 where try await !job.query("select exists (select 1 from effects)").bool(0, 0) {
          _ = try await job.query("select pg_sleep(0.01)")
        }
      }
      var settings = WorkSettings.test
      settings.lease = 60_000
      try await fixture.withJobWorker(["work": handler], settings: settings) { _ in
        try await fixture.service.enqueue(JobInput("work"))
        try await fixture.wait("select exists (select 1 from effects) and not exists (select 1 from scheduled_work)")
      }
      let attempts = try await fixture.texts("select attempt::text from effects")
      #expect(attempts == ["2"])
      #expect(runs.withLock { $0 } == 2)
      let failures = try await fixture.count("select count(*) from scheduled_work where last_error is not null")
      #expect(failures == 0)
    }
  }

  @Test("urgent jobs come first")
  func priorities() async throws {
    try await OrderFixture.with { fixture in
      let notes = Notes()
      for (name, priority) in [("low", QueuedWork.Priority.low), ("normal", .normal), ("high", .high)] {
        try await fixture.service.enqueue(JobInput("note", payload: .string(name), priority: priority))
      }
      var settings = WorkSettings.test
      settings.concurrency = 1
      try await fixture.withJobWorker(["note": { notes.add($0.payload.text ?? "") }], settings: settings) { _ in
        try await fixture.wait(Self.isEmpty)
      }
      #expect(notes.all == ["high", "normal", "low"])
    }
  }

  @Test("a worker that stops gives back what it has not begun, and the attempt does not count")
  func givesBack() async throws {
    try await OrderFixture.with { fixture in
      for _ in 0..<20 { try await fixture.service.enqueue(JobInput("slow")) }
      var settings = WorkSettings.test
      settings.concurrency = 2
      let begun = Mutex(0)
      let handler: JobHandler = { job in
        begun.withLock { $0 += 1 }
        _ = try await job.query("select pg_sleep(0.2)")
      }
      try await fixture.withJobWorker(["slow": handler], settings: settings) { _ in
        for _ in 0..<500 where begun.withLock({ $0 }) == 0 { try await fixture.database.loop.sleep(milliseconds: 10) }
      }
      let ran = Int64(begun.withLock { $0 })
      let left = try await fixture.count(
        "select count(*) from scheduled_work where worker is null and attempts = 0 and due_at <= now()")
      #expect(ran < 20 && left == 20 - ran)
    }
  }
}
