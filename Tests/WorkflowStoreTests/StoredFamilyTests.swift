import EventLoop
import Foundation
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

/// `next` is a list of slugs with spaces between them; groups likewise.
private struct PlainEvaluator: ExpressionEvaluator {
  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    expression.split(separator: " ").map(String.init)
  }

  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]? {
    expression.split(separator: " ").map(String.init)
  }
}

@Suite("Stored families")
struct StoredFamilyTests {
  private static let migrations: [Migration] = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let folder = root.appendingPathComponent("migrations").path
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    return names.compactMap { name in
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map { Migration(name: name, sql: $0) }
    }
  }()

  private static let definitions: Definitions = {
    var definitions = Definitions()
    for slug in ["draft", "send", "review"] {
      definitions.insert(
        TaskDefinition(
          slug: slug, type: .simple, name: "{\"en\": \"\(slug)\"}", description: "{}",
          leadTime: slug == "draft" ? 60 : nil, isMultipleInstance: slug == "review", continueAsync: false,
          addressGroups: slug == "review" ? "north south" : nil, controlGroups: "office"))
    }
    let flows = [
      FlowDefinition(id: EntityID(high: 0, low: 1), next: "review", tasks: ["draft"]),
      FlowDefinition(id: EntityID(high: 0, low: 2), next: "send", tasks: ["review"]),
    ]
    definitions.insert(
      WorkflowDefinition(
        slug: "order", startTasks: ["draft"], flows: flows, redoable: ["review": "draft"], compatibility: .exact))
    return definitions
  }()

  private static func with(_ body: @escaping @Sendable (Database) async throws -> Void) async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: migrations).run()
      try await body(database)
    }
  }

  private struct Stored {
    var state = FamilyState()
    var lastEvent: Int64 = 0
    var id: EntityID?
    var events: [EventName] = []
  }

  /// Carries out a command and writes it, `writes` times in between.
  private static func run(
    _ command: Command, on family: Stored, in database: Database, writingEachStep: Bool = false
  ) async throws -> (Stored, case: EntityID?, workItem: EntityID?) {
    try await database.transaction { transaction in
      var after = family
      var unit = UnitOfWork(lastEvent: family.lastEvent)
      var execution = Execution(
        definitions: definitions, state: family.state, command: command,
        caller: Caller(user: "ann", group: "office"), context: "{\"a\": [1]}", now: Timestamp.now().microseconds,
        ids: family.id.map(FamilyIdentifiers.init(family:)) ?? FamilyIdentifiers(), evaluator: PlainEvaluator())
      while let step = try execution.next() {
        switch step {
        case .change(let change): unit.add(change)
        case .emit(let event):
          unit.add(event)
          after.events.append(event.name)
        case .call, .schedule, .unschedule, .listen, .broadcast: break
        }
        if writingEachStep { unit.write(execution.state, in: transaction) }
      }
      unit.write(execution.state, in: transaction)
      after.state = execution.state
      after.id = execution.state.family
      after.lastEvent += Int64(after.events.count - family.events.count)
      return (after, execution.caseID, execution.workItemID)
    }
  }

  private static func load(_ locator: FamilyStore.Locator, from database: Database) async throws -> FamilyStore.Loaded {
    try await database.transaction { try await FamilyStore.lock(locator, in: $0) }
  }

  @Test(
    "what the engine decided is what the next command reads, whatever was written together", arguments: [false, true])
  func roundTrip(writingEachStep: Bool) async throws {
    try await Self.with { database in
      var (family, caseID, _) = try await Self.run(
        .startCase(StartCase(workflow: "order", meta: "{\"priority\": 1}")), on: Stored(), in: database,
        writingEachStep: writingEachStep)
      let root = try #require(caseID)
      func item(_ task: String) throws -> EntityID {
        try #require(family.state.workItems.last { $0.task == task && $0.status == .ready }).id
      }
      func apply(_ command: Command) async throws {
        family = try await Self.run(command, on: family, in: database, writingEachStep: writingEachStep).0
        let loaded = try await Self.load(.ofCase(root), from: database)
        #expect(loaded.state == family.state)
        #expect(loaded.family == root)
        #expect(loaded.lastEvent == family.lastEvent)
        let log = try await database.transaction { try await EventLog.read(root, in: $0) }
        #expect(log.count == family.events.count)
        #expect(FamilyState(folding: log) == loaded.state)
      }
      let draft = try item("draft")
      try await apply(.saveWorkItem(SaveWorkItem(id: draft, assignedUsers: ["bob", "é, \"x\""], meta: "{\"a\": null}")))
      try await apply(.startCase(StartCase(workflow: "order", parentWorkItem: draft)))
      try await apply(.suspendWorkItem(draft))
      try await apply(.resumeWorkItem(draft))
      try await apply(.skipWorkItem(draft))
      try await apply(.completeWorkItem(item("review")))
      try await apply(.completeWorkItem(item("review")))
      try await apply(.suspendCase(root))
      try await apply(.resumeCase(root))
      try await apply(.completeWorkItem(item("send")))
      let status = family.state.case(root)?.status
      #expect(status == .completed)
      let send = try #require(family.state.workItems.last { $0.task == "send" }).id
      try await apply(.reopenCase(root, workItems: [send]))
      try await apply(.cancelCase(root))

      // The log is what was emitted, in that order.
      let rows = try await database.query(
        "select seq, name, actor_user, context #>> '{a,0}' from events order by family, seq")
      let names = (0..<rows.count).map { rows.text($0, 1) }
      #expect(names == family.events.map(\.rawValue))
      let numbers = (0..<rows.count).map { rows.int64($0, 0) }
      #expect(numbers == Array(1...Int64(rows.count)))
      #expect((0..<rows.count).allSatisfy { rows.text($0, 2) == "ann" && rows.text($0, 3) == "1" })
    }
  }

  @Test("a family is found by each of its cases and work items, and by nothing else")
  func locators() async throws {
    try await Self.with { database in
      var (family, caseID, _) = try await Self.run(.startCase(StartCase(workflow: "order")), on: Stored(), in: database)
      let root = try #require(caseID)
      let draft = try #require(family.state.workItems.first).id
      family = try await Self.run(
        .startCase(StartCase(workflow: "order", parentWorkItem: draft)), on: family, in: database
      ).0
      _ = try await Self.run(.startCase(StartCase(workflow: "order")), on: Stored(), in: database)
      for found in family.state.cases {
        let loaded = try await Self.load(.ofCase(found.id), from: database)
        #expect(loaded.state == family.state && loaded.family == root)
      }
      for found in family.state.workItems {
        let loaded = try await Self.load(.ofWorkItem(found.id), from: database)
        #expect(loaded.state == family.state && loaded.family == root)
      }
      let nothing = try await Self.load(.ofWorkItem(root), from: database)
      #expect(nothing.family == nil && nothing.state == FamilyState() && nothing.lastEvent == 0)
    }
  }

  @Test("two holders of one family wait for each other, and the second sees what the first has written")
  func lock() async throws {
    try await Self.with { database in
      let (family, caseID, _) = try await Self.run(.startCase(StartCase(workflow: "order")), on: Stored(), in: database)
      let root = try #require(caseID)
      let draft = try #require(family.state.workItems.first).id
      async let completions = withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask {
            try await database.loop.run {
              try await database.transaction { transaction in
                let loaded = try await FamilyStore.lock(.ofWorkItem(draft), in: transaction)
                var unit = UnitOfWork(lastEvent: loaded.lastEvent)
                var execution = Execution(
                  definitions: Self.definitions, state: loaded.state, command: .completeWorkItem(draft),
                  now: Timestamp.now().microseconds, ids: FamilyIdentifiers(family: root), evaluator: PlainEvaluator())
                do {
                  while let step = try execution.next() {
                    switch step {
                    case .change(let change): unit.add(change)
                    case .emit(let event): unit.add(event)
                    case .call, .schedule, .unschedule, .listen, .broadcast: break
                    }
                  }
                } catch is EngineError {
                  return false
                }
                unit.write(execution.state, in: transaction)
                return true
              }
            }
          }
        }
        var won = 0
        for try await hasWon in group where hasWon { won += 1 }
        return won
      }
      #expect(try await completions == 1)
      let reviews = try await database.query("select count(*) from work_items where task = 'review'").int64(0, 0)
      #expect(reviews == 2)
    }
  }
}
