import CoreMetrics
import EventLoop
import Logging
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine

/// What a receiver cannot do to the mutation it is part of.
@Suite("Isolation of receivers")
struct ReceiverIsolationTests {
  @Test("a command that fails after a part of it was written is undone, and the receiver may go on")
  func failedCommand() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateWorkItem, filter: filterEvents { $0.workItem?.task == "review" }) { event, context in
        guard let item = event.workItem else { return }
        do {
          try await context.skipWorkItem(item.id)
        } catch let error as MillraceError {
          notes.add(error.message)
        }
        // The transaction is as good as new.
        let rows = try await context.query("select status from work_items where task = 'review'")
        notes.add("\(rows.count) \(rows.text(0, 0))")
        try await context.query("create table went_on (a int)")
      }
      // Has the half-done command written, and then makes it fail.
      registry.on(.postSkipWorkItem, raiseException: true) { _, context in
        let rows = try await context.query("select count(*) from work_items where status = 'skipped'")
        notes.add("skipped \(rows.int64(0, 0))")
        throw MillraceError(.invalidState, "not now")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("review", of: id)
      let wentOn = try await fixture.database.query("select to_regclass('went_on') is not null").bool(0, 0)
      #expect(wentOn)
      let skips = try await fixture.count("select count(*) from events where name like '%skip%'")
      #expect(skips == 0)
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0)
    }
    #expect(notes.all == ["skipped 1", "not now", "1 ready"])
  }

  @Test("a receiver that never comes back is given up, and what it does afterwards is refused")
  func endless() async throws {
    let notes = Notes()
    let kept = Mutex<CheckedContinuation<Void, Never>?>(nil)
    try await OrderFixture.with(receiverTimeout: 3_000) { registry in
      registry.on(.postCompleteWorkItem, name: "endless") { _, context in
        try await context.query("create table half_done (a int)")
        await withCheckedContinuation { waiter in kept.withLock { $0 = waiter } }
        do {
          try await context.query("select 1")
        } catch let error as MillraceError {
          notes.add(error.code.rawValue)
        }
      }
      registry.on(.postCompleteWorkItem) { _, context in
        notes.add("next")
        try await context.query("create table done (a int)")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("review", of: id)
      let tables = try await fixture.database.query(
        "select to_regclass('half_done') is null, to_regclass('done') is not null")
      #expect(tables.bool(0, 0) && tables.bool(0, 1))
      kept.withLock { waiter in
        waiter?.resume()
        waiter = nil
      }
      try await fixture.complete("review", of: id)
      kept.withLock { waiter in
        waiter?.resume()
        waiter = nil
      }
    }
    #expect(notes.all.filter { $0 == "next" }.count == 2)
    #expect(notes.all.contains("INVALID_STATE"))
  }

  @Test("a receiver's time is up: with raiseException the client reads which limit it was")
  func raisedTimeout() async throws {
    try await OrderFixture.with(receiverTimeout: 30) { registry in
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in try await Task.sleep(for: .seconds(60)) }
    } _: { fixture in
      let id = try await fixture.start()
      let error = await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(error == MillraceError(.receiverFailed, "The receiver took longer than 30 ms and was given up."))
      _ = try await fixture.ready("draft", of: id)
    }
  }

  @Test("a receiver's statement ends with the receiver's time, and the mutation goes on with its own limits")
  func statementTimeout() async throws {
    let notes = Notes()
    try await OrderFixture.with(receiverTimeout: 3_000) { registry in
      registry.on(.postCompleteWorkItem) { _, context in try await context.query("select pg_sleep(60)") }
      registry.on(.postCompleteWorkItem) { _, context in
        let rows = try await context.query("select setting::int from pg_settings where name = 'statement_timeout'")
        notes.add(rows.int32(0, 0) <= 3_000 ? "limited" : "not limited")
      }
      registry.on(.postCreateWorkItem) { _, context in context.onCommit { notes.add("committed") } }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("review", of: id)
      let limit = try await fixture.database.transaction { transaction in
        try await transaction.query("show statement_timeout").text(0, 0)
      }
      #expect(limit == "30s")
    }
    #expect(notes.all == ["committed", "limited", "committed", "committed"])
  }

  @Test("a receiver that keeps a database error to itself has failed all the same")
  func swallowedError() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query("create table half_done (a int)")
        _ = try? await context.query("select 1 / 0")
      }
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query("select 1")
        notes.add("next")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      let gone = try await fixture.database.query("select to_regclass('half_done') is null").bool(0, 0)
      #expect(gone)
      _ = try await fixture.ready("review", of: id)
    }
    #expect(notes.all == ["next"])
  }

  @Test("a failure is logged with event, receiver, module, family and cause, and counted")
  func noted() async throws {
    let lines = Notes()
    let logger = Logger(label: "test") { _ in NotingLogHandler(lines) }
    CountedFailures.bootstrap()
    try await OrderFixture.with(logger: logger) { registry in
      registry.on(.postCompleteWorkItem, name: "counted receiver") { _, context in
        try await context.query("select 1 / 0")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      #expect(
        lines.all == [
          "Error in event receiver. cause=division by zero (22012) event=post_complete_work_item family=\(id) module= raised=false receiver=counted receiver"
        ])
    }
    #expect(CountedFailures.count(of: "counted receiver") == 1)
  }

  @Test("receivers registered for after the commit get the event then, and cannot harm the mutation")
  func afterCommit() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.onCommit([.preCompleteWorkItem, .postCompleteWorkItem], filter: filterEvents { $0.user == "bob" }) {
        event in
        notes.add("\(event.name.rawValue) \(event.workItem?.status.rawValue ?? "-")")
        throw Broken()
      }
      registry.on(.postCompleteWorkItem) { _, _ in notes.add("in the transaction") }
      registry.on(.postCompleteWorkItem, raiseException: true, filter: filterEvents { $0.workItem?.task == "review" }) {
        _, _ in
        throw MillraceError(.invalidState, "no")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      await #expect(throws: MillraceError.self) { try await fixture.complete("review", of: id) }
    }
    #expect(
      notes.all == [
        "in the transaction", "pre_complete_work_item ready", "post_complete_work_item completed", "in the transaction",
      ])
  }
}

/// Notes what is logged, its metadata in the order of their keys.
private struct NotingLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.error
  private let lines: Notes

  init(_ lines: Notes) {
    self.lines = lines
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    lines.add("\(event.message) \(fields.joined(separator: " "))")
  }
}

/// Counts receivers' failures by the receivers' names, for this test process.
private final class CountedFailures: MetricsFactory {
  private static let counts = Mutex<[String: Int64]>([:])
  private static let once: Void = MetricsSystem.bootstrap(CountedFailures())

  static func bootstrap() { _ = once }
  static func count(of receiver: String) -> Int64 { counts.withLock { $0[receiver] ?? 0 } }

  private final class Handler: CounterHandler {
    let receiver: String
    init(_ receiver: String) { self.receiver = receiver }
    func increment(by amount: Int64) { CountedFailures.counts.withLock { $0[receiver, default: 0] += amount } }
    func reset() {}
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    Handler(label == "millrace_receiver_failures" ? dimensions.first { $0.0 == "receiver" }?.1 ?? "" : "")
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    NOOPMetricsHandler.instance
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
