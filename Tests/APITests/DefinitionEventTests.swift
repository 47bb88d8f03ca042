import API
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@Suite("Model events of definitions that come as a whole")
struct DefinitionEventTests {
  private final class Notes: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    /// What was added since the last time.
    func take() -> [String] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }

  private static let editor = CaseService.Editor(caller: Caller(user: "ann"), language: "en")

  /// With receivers that note every event, and refuse a task that is called `bad`.
  private static func with(_ body: @escaping @Sendable (CaseService, Database, Notes) async throws -> Void) async throws
  {
    let notes = Notes()
    var registry = ReceiverRegistry()
    registry.on(ModelEvent.Name.allCases) { event, _ in
      let key = event.sender == .flow ? "-" : event.key
      notes.add(
        "\(event.name.rawValue) \(event.sender.rawValue) \(event.isCreated == true ? "new" : "old") \(key) \(event.user ?? "")"
      )
    }
    registry.on(.preSave, sender: .task, raiseException: true) { event, _ in
      if event.key == "bad" { throw MillraceError(.invalidInput, "There are no bad tasks.") }
    }
    let receivers = ReceiverTable(registry)
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await body(CaseService(database: database, receivers: receivers, logger: TestLog.logger), database, notes)
    }
  }

  private static func file(_ tasks: [String], next: String) throws -> DefinitionFile {
    let list = tasks.map { "{\"slug\": \"\($0)\", \"type\": \"simple\", \"name\": {\"en\": \"\($0)\"}}" }
    return try DefinitionFile(
      """
      {"millrace": "definitions", "version": 1, "tasks": [\(list.joined(separator: ", "))], "workflows": [
        {"slug": "order", "name": {"en": "Order"}, "startTasks": ["a"], "flows": [
          {"tasks": ["a"], "next": "'\(next)'|task"}]}]}
      """)
  }

  private static func pair(_ text: String, _ change: String = "save") -> [String] {
    ["pre_\(change) \(text) ann", "post_\(change) \(text) ann"]
  }

  @Test("a load tells of each row that it writes, in the order of the file, and of nothing else")
  func load() async throws {
    try await Self.with { service, _, notes in
      _ = try await DefinitionLoad.run(Self.file(["b", "a"], next: "b"), service: service, by: Self.editor)
      #expect(
        notes.take() == ["Task new b", "Task new a", "Workflow new order", "Flow new -"].flatMap { Self.pair($0) })
      _ = try await DefinitionLoad.run(Self.file(["b", "a"], next: "b"), service: service, by: Self.editor)
      #expect(notes.take() == [])
      _ = try await DefinitionLoad.run(Self.file(["b", "a", "c"], next: "c"), service: service, by: Self.editor)
      #expect(notes.take() == Self.pair("Task new c") + Self.pair("Flow old -", "delete") + Self.pair("Flow new -"))
    }
  }

  @Test("a receiver with raiseException keeps the whole file away; a dry run asks nobody")
  func refused() async throws {
    try await Self.with { service, database, notes in
      let file = try Self.file(["a", "b", "bad"], next: "b")
      let error = await #expect(throws: MillraceError.self) {
        try await DefinitionLoad.run(file, service: service, by: Self.editor)
      }
      #expect(error == MillraceError(.receiverFailed, "There are no bad tasks."))
      let tasks = try await database.query("select count(*) from tasks").int64(0, 0)
      #expect(tasks == 0)
      _ = notes.take()
      let report = try await DefinitionLoad.run(file, isDry: true, database: database)
      #expect(report.count(.created) == 4 && notes.take() == [])
    }
  }

  @Test("a load with an idempotency key is carried out once, and tells the same again")
  func once() async throws {
    try await Self.with { service, database, notes in
      var editor = Self.editor
      editor.mark = MutationMark(key: IdempotencyKey(caller: "ann", key: "k", fingerprint: "f"), field: 0)
      let first = try await DefinitionLoad.run(Self.file(["a", "b"], next: "b"), service: service, by: editor)
      // Somebody else goes on meanwhile.
      _ = try await DefinitionLoad.run(Self.file(["a", "b", "c"], next: "c"), service: service, by: Self.editor)
      _ = notes.take()
      let second = try await DefinitionLoad.run(Self.file(["a", "b"], next: "b"), service: service, by: editor)
      #expect(first == second && second.count(.created) == 3 && notes.take() == [])
      let next = try await database.query("select next from flows").text(0, 0)
      #expect(next == "'c'|task")
    }
  }

  @Test("a published version is told of when there is a new one")
  func publish() async throws {
    try await Self.with { service, _, notes in
      _ = try await DefinitionLoad.run(Self.file(["a", "b"], next: "b"), service: service, by: Self.editor)
      _ = notes.take()
      let first = try await service.publish(workflow: "order", by: Self.editor)
      #expect(first == 1 && notes.take() == Self.pair("WorkflowVersion new order/1"))
      let same = try await service.publish(workflow: "order", by: Self.editor)
      #expect(same == 1 && notes.take() == [])
      _ = try await DefinitionLoad.run(Self.file(["a", "b", "c"], next: "c"), service: service, by: Self.editor)
      _ = notes.take()
      let second = try await service.publish(workflow: "order", by: Self.editor)
      #expect(second == 2 && notes.take() == Self.pair("WorkflowVersion new order/2"))
    }
  }
}
