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
  let receivers: ReceiverTable

  static func with(
    backend: any HookBackend = DatabaseHookBackend(), settings: HookSettings = HookSettings(),
    receiverTimeout: UInt64 = 5_000, extensions: ExtensionTable = ExtensionTable(), logger: Logger = TestLog.logger,
    _ register: @escaping @Sendable (inout ReceiverRegistry) -> Void = { _ in },
    _ body: @escaping @Sendable (OrderFixture) async throws -> Void
  ) async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: TestMigrations.all).run()
      var registry = ReceiverRegistry()
      register(&registry)
      let receivers = ReceiverTable(registry)
      let hooks = HookRuntime(backend: backend, functions: receivers.hooks.functions, settings: settings)
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: hooks,
        receiverTimeout: receiverTimeout, logger: logger)
      let fixture = OrderFixture(service: service, database: database, receivers: receivers)
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
      CaseService.FlowInput(workflow: "order", tasks: ["draft"], next: "['review', 'check']|tasks", redoable: nil),
      by: editor)
    try await service.addFlow(
      CaseService.FlowInput(workflow: "order", tasks: ["review", "check"], next: "'send'|task", redoable: nil),
      by: editor)
  }

  func start() async throws -> EntityID {
    let outcome = try await service.run(
      CaseService.Request(command: .startCase(StartCase(workflow: "order")), caller: Caller(user: "ann")))
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

  /// Runs `body` with a service that has another loop and other connections, as in another server.
  ///
  /// - Parameter withReceivers: whether it has the receivers of this one.
  func withSecondService(withReceivers: Bool = false, _ body: (SecondService) async throws -> Void) async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    let configuration = database.configuration
    let hooks = service.hooks
    let receivers = withReceivers ? receivers : ReceiverTable()
    let service = try await loop.run {
      let database = Database(loop: loop, configuration: configuration, logger: TestLog.logger)
      try await database.start()
      return CaseService(database: database, receivers: receivers, hooks: hooks, logger: TestLog.logger)
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(SecondService(loop: loop, service: service)))
    } catch {
      result = .failure(error)
    }
    try await loop.run { service.closeDatabase() }
    group.stop()
    group.join()
    try result.get()
  }
}

/// A service on a loop of its own.
struct SecondService: Sendable {
  let loop: EventLoop
  let service: CaseService

  @discardableResult
  func run(_ request: CaseService.Request) async throws -> EntityID? {
    try await loop.run { try await service.run(request).workItemID }
  }
}
