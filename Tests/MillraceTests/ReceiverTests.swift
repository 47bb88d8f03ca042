import EventLoop
import Logging
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// What receivers noted, across threads.
final class Notes: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

/// A database with a workflow `order`: draft, then review and check together, then send.
struct OrderFixture {
  let service: CaseService
  let database: Database

  static func with(
    _ register: @escaping @Sendable (inout ReceiverRegistry) -> Void = { _ in },
    _ body: @escaping @Sendable (OrderFixture) async throws -> Void
  ) async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: TestMigrations.all).run()
      var registry = ReceiverRegistry()
      register(&registry)
      let service = CaseService(database: database, receivers: ReceiverTable(registry), logger: TestLog.logger)
      let fixture = OrderFixture(service: service, database: database)
      try await fixture.define()
      try await body(fixture)
    }
  }

  private func define() async throws {
    let editor = CaseService.Editor(caller: Caller(), language: "en")
    for slug in ["draft", "review", "check", "send"] {
      try await service.saveTask(DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug), by: editor)
    }
    try await service.saveWorkflow(
      DefinitionStore.WorkflowInput(slug: "order", name: "Order", startTasks: ["draft"]), by: editor)
    try await service.addFlow(
      CaseService.FlowInput(workflow: "order", tasks: ["draft"], next: "['review', 'check']|tasks", redoable: nil), by: editor)
    try await service.addFlow(
      CaseService.FlowInput(workflow: "order", tasks: ["review", "check"], next: "'send'|task", redoable: nil), by: editor)
  }

  func start() async throws -> EntityID {
    let outcome = try await service.run(
      CaseService.Request(command: .startCase(StartCase(workflow: "order")), sender: .startCase, caller: Caller(user: "ann")))
    return try #require(outcome.caseID)
  }

  func ready(_ task: String, of id: EntityID) async throws -> EntityID {
    var parameters = Parameters()
    parameters.append(id.uuid)
    parameters.append(task)
    let rows = try await database.query(
      "select id from work_items where case_id = $1 and task = $2 and status = 'ready'", parameters)
    try #require(rows.count == 1)
    return EntityID(rows.uuid(0, 0))
  }

  func complete(_ task: String, of id: EntityID) async throws {
    let item = try await ready(task, of: id)
    _ = try await service.run(CaseService.Request(command: .completeWorkItem(item), caller: Caller(user: "bob")))
  }

  func count(_ sql: SQL) async throws -> Int64 {
    try await database.query(sql).int64(0, 0)
  }
}

@Suite("Event receivers")
struct ReceiverTests {
  @Test("events come in order, with the mutation that caused them as sender")
  func sequence() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases) { event, _ in
        notes.add("\(event.name.rawValue) \(event.sender.rawValue) \(event.workItem?.task ?? "-") \(event.user ?? "-")")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
    }
    #expect(
      notes.all == [
        "pre_create_case startCase - ann", "pre_create_work_item startCase draft ann",
        "post_create_case startCase - ann", "post_create_work_item startCase draft ann",
        "pre_complete_work_item completeWorkItem draft bob", "post_complete_work_item completeWorkItem draft bob",
        "pre_create_work_item completeWorkItem review bob", "pre_create_work_item completeWorkItem check bob",
        "post_create_work_item completeWorkItem review bob", "post_create_work_item completeWorkItem check bob",
      ])
  }

  @Test("a filter decides which events a receiver gets, alone and composed; a field the event lacks does not match")
  func filters() async throws {
    let notes = Notes()
    let isReview = filterEvents("review") { $0.workItem?.task == "review" }
    let isCompletion = filterEvents("completion") { $0.name == .postCompleteWorkItem }
    try await OrderFixture.with { registry in
      registry.on(EventName.allCases, filter: isReview && isCompletion) { _, _ in notes.add("both") }
      registry.on(EventName.allCases, filter: isReview && !isCompletion) { event, _ in notes.add("other \(event.name.rawValue)") }
      registry.on(.postCompleteWorkItem, isReview { event, _ in notes.add("decorated") })
      registry.on(.postCompleteWorkItem, sender: .skipWorkItem) { _, _ in notes.add("skip") }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
    }
    #expect(
      notes.all == [
        "other pre_create_work_item", "other post_create_work_item", "other pre_complete_work_item", "both", "decorated",
      ])
  }

  @Test("a receiver that fails is undone, SQL errors included, and the mutation goes on")
  func ignoredFailure() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query("create table half_done (a int)")
        throw Broken()
      }
      registry.on(.postCompleteWorkItem) { _, context in try await context.query("select 1 / 0") }
      registry.on(.postCompleteWorkItem) { _, context in
        try await context.query("create table done as select count(*) as items from work_items where status = 'completed'")
        notes.add("last")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      let gone = try await fixture.database.query("select to_regclass('half_done') is null").bool(0, 0)
      #expect(gone)
      // The receiver saw what the mutation had written.
      let seen = try await fixture.count("select items from done")
      #expect(seen == 1)
      _ = try await fixture.ready("review", of: id)
    }
    #expect(notes.all == ["last"])
  }

  @Test("with raiseException all receivers still run, their errors are collected, and nothing remains")
  func raisedFailure() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "first") }
      registry.on(.postCompleteWorkItem) { _, _ in notes.add("between") }
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "second") }
    } _: { fixture in
      let id = try await fixture.start()
      let error = await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(error == MillraceError(.receiverFailed, "first, second"))
      _ = try await fixture.ready("draft", of: id)
      let events = try await fixture.count("select count(*) from events where name = 'pre_complete_work_item'")
      #expect(events == 0)
    }
    #expect(notes.all == ["between"])
  }

  @Test("a receiver may run commands; their events are nested, have the client's mutation as sender, and go with it")
  func nested() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateWorkItem, filter: filterEvents { $0.workItem?.task == "check" }) { event, context in
        guard let item = event.workItem else { return }
        try await context.skipWorkItem(item.id)
      }
      registry.on(.postSkipWorkItem) { event, _ in notes.add("skipped by \(event.sender.rawValue)") }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
      _ = try await fixture.ready("send", of: id)
    }
    #expect(notes.all == ["skipped by completeWorkItem"])
  }

  @Test("receivers that cause each other without end are stopped")
  func endless() async throws {
    try await OrderFixture.with { registry in
      registry.on(.postSuspendWorkItem, raiseException: true) { event, context in
        if let item = event.workItem { try await context.resumeWorkItem(item.id) }
      }
      registry.on(.postResumeWorkItem, raiseException: true) { event, context in
        if let item = event.workItem { try await context.suspendWorkItem(item.id) }
      }
    } _: { fixture in
      let id = try await fixture.start()
      let item = try await fixture.ready("draft", of: id)
      let error = await #expect(throws: MillraceError.self) {
        try await fixture.service.run(CaseService.Request(command: .suspendWorkItem(item)))
      }
      #expect(error?.code == .receiverFailed)
      _ = try await fixture.ready("draft", of: id)
    }
  }

  @Test("a receiver that fails takes with it what the receivers of its commands wrote")
  func nestedFailure() async throws {
    struct Broken: Error {}
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateWorkItem, filter: filterEvents { $0.workItem?.task == "check" }) { event, context in
        guard let item = event.workItem else { return }
        try await context.skipWorkItem(item.id)
        notes.add("skipped")
        throw Broken()
      }
      registry.on(.postSkipWorkItem) { _, context in
        try await context.query("create table written as select count(*) as items from work_items")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("check", of: id)
      let gone = try await fixture.database.query("select to_regclass('written') is null").bool(0, 0)
      #expect(gone)
      let skips = try await fixture.count("select count(*) from events where name like '%skip%'")
      #expect(skips == 0)
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0)
    }
    #expect(notes.all == ["skipped"])
  }

  @Test("a conflict that the database wants tried again is tried again, also when a receiver met it")
  func conflictInReceiver() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        notes.add("called")
        context.onCommit { notes.add("committed") }
        guard notes.all.count == 1 else { return }
        try await context.query("do $$ begin raise sqlstate '40P01'; end $$")
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      _ = try await fixture.ready("review", of: id)
    }
    #expect(notes.all == ["called", "called", "committed"])
  }

  @Test("a receiver cannot use the mutation's transaction once the mutation is over")
  func lateUse() async throws {
    let kept = Mutex<ReceiverContext?>(nil)
    try await OrderFixture.with { registry in
      registry.on(.postCreateCase) { _, context in kept.withLock { $0 = context } }
    } _: { fixture in
      let id = try await fixture.start()
      let context = try #require(kept.withLock { $0 })
      let late = await #expect(throws: MillraceError.self) { try await context.query("select 1") }
      #expect(late?.code == .invalidState)
      await #expect(throws: MillraceError.self) { try await context.cancelCase(id) }
      kept.withLock { $0 = nil }
      _ = try await fixture.ready("draft", of: id)
    }
  }

  @Test("a mutation leaves nothing of itself in memory")
  func memory() async throws {
    final class Probe: Sendable {}
    struct Watch: Sendable { weak let probe: Probe? }
    let watched = Mutex<[Watch]>([])
    try await OrderFixture.with { registry in
      registry.on(.postCompleteWorkItem) { _, context in
        let probe = Probe()
        watched.withLock { $0.append(Watch(probe: probe)) }
        context.onCommit { withExtendedLifetime(probe) {} }
      }
    } _: { fixture in
      let id = try await fixture.start()
      try await fixture.complete("draft", of: id)
      try await fixture.complete("review", of: id)
      try await fixture.complete("check", of: id)
    }
    #expect(watched.withLock { $0.count } == 3)
    #expect(watched.withLock { $0.allSatisfy { $0.probe == nil } })
  }

  @Test("what is left for after the commit is done once it happened, and never otherwise")
  func onCommit() async throws {
    let notes = Notes()
    try await OrderFixture.with { registry in
      registry.on(.postCreateCase) { _, context in context.onCommit { notes.add("committed") } }
      registry.on(.postCompleteWorkItem) { _, context in context.onCommit { notes.add("never") } }
      registry.on(.postCompleteWorkItem, raiseException: true) { _, _ in throw MillraceError(.invalidState, "no") }
    } _: { fixture in
      let id = try await fixture.start()
      await #expect(throws: MillraceError.self) { try await fixture.complete("draft", of: id) }
      #expect(notes.all == ["committed"])
    }
  }

  @Test("the event log has no gaps and tells who did what")
  func eventLog() async throws {
    try await OrderFixture.with { fixture in
      let id = try await fixture.start()
      for task in ["draft", "review", "check", "send"] { try await fixture.complete(task, of: id) }
      let gaps = try await fixture.count("select max(seq) - count(*) from events")
      #expect(gaps == 0)
      let counter = try await fixture.count("select max(e.seq) - max(c.event_seq) from events e join cases c on c.id = e.family")
      #expect(counter == 0)
      let completions = try await fixture.count("select count(*) from events where name = 'post_complete_work_item' and actor_user = 'bob'")
      #expect(completions == 4)
      let status = try await fixture.database.query("select status from cases").text(0, 0)
      #expect(status == "completed")
    }
  }
}

@Suite("Modules")
struct ModuleTests {
  private enum First: MillraceModule {
    static let name = "first"
    static func register(_ events: inout ReceiverRegistry) { events.on(.postCreateCase) { _, _ in } }
  }

  private enum Second: MillraceModule {
    static let name = "second"
    static func register(_ events: inout ReceiverRegistry) { events.on(.postCreateCase) { _, _ in } }
  }

  @Test("modules are taken in the order in which they are named")
  func order() throws {
    let registry = try ModuleList(linked: [First.self, Second.self]).receivers(of: ["second", "first"])
    #expect(registry.registrations.map(\.module) == ["second", "first"])
  }

  @Test("an unknown and a doubled name stop the start")
  func failures() {
    let unknown = #expect(throws: ModuleList.Failure.self) {
      try ModuleList(linked: [First.self]).receivers(of: ["third"])
    }
    #expect(unknown?.description == "There is no module third. This server has: first.")
    #expect(throws: ModuleList.Failure.self) { try ModuleList(linked: [First.self]).receivers(of: ["first", "first"]) }
    #expect(throws: ModuleList.Failure.self) { try ModuleList(linked: [First.self, First.self]).receivers(of: []) }
  }

  @Test("names come as a JSON list or with commas", arguments: ["[\"a\", \"b.so\"]", "a, b.so", " a,b.so "])
  func names(setting: String) throws {
    #expect(try ModuleList.names(in: setting) == ["a", "b.so"])
  }
}

@Suite("Joins")
struct JoinRaceTests {
  @Test("two siblings completed at once through two loops open the join exactly once, 100 rounds")
  func race() async throws {
    try await OrderFixture.with { fixture in
      let other = try EventLoopGroup(count: 1)
      other.start()
      let loop = other.loops[0]
      let configuration = fixture.database.configuration
      let second = try await loop.run {
        let database = Database(loop: loop, configuration: configuration, logger: TestLog.logger)
        try await database.start()
        return CaseService(database: database, logger: TestLog.logger)
      }
      for _ in 0..<100 {
        let id = try await fixture.start()
        try await fixture.complete("draft", of: id)
        let review = try await fixture.ready("review", of: id)
        let check = try await fixture.ready("check", of: id)
        async let one = loop.run { try await second.run(CaseService.Request(command: .completeWorkItem(check))).workItemID }
        let two = try await fixture.service.run(CaseService.Request(command: .completeWorkItem(review))).workItemID
        _ = try await (one, two)
        _ = try await fixture.ready("send", of: id)
      }
      let successors = try await fixture.count("select count(*) from work_items where task = 'send'")
      #expect(successors == 100)
      try await loop.run { second.closeDatabase() }
      other.stop()
      other.join()
    }
  }
}
