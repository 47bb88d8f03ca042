import API
import EventLoop
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine
import WorkflowStore

@testable import Server

/// The server's worker for after-hooks has all that the server's own commands have.
@Suite("The server's worker for hooks")
struct HookHostTests {
  private enum Courier: MillraceModule {
    static let name = "courier"

    static func register(_ events: inout ReceiverRegistry) {
      events.hookPostTransition("forward", workflow: "letters", destination: "open") { call, context in
        guard let item = call.workItem else { return }
        try await context.run(.completeWorkItem(item.id))
        _ = try await context.startCase(workflow: "copies")
      }
    }

    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.dynamicTask("where-to") { $0.previousWorkItem?.task == "open" ? ["answer"] : [] }
      extensions.dynamicGroup("who") { _ in ["sales", "stock"] }
    }
  }

  @Test("what the function of an after-hook completes and starts asks the modules for dynamic tasks and groups")
  func dynamicNames() async throws {
    let conninfo = try await TestCluster.database()
    let configuration = try Setting.configuration(
      flags: [:], environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "courier"], processors: 1)
    let modules = ModuleList(linked: [Courier.self])
    let receivers = ReceiverTable(try modules.receivers(of: ["courier"]))
    let extensions = try modules.extensions(of: ["courier"], selection: configuration.extensions)
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let host = HookHost(configuration, receivers: receivers, extensions: extensions, logger: TestLog.logger)
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: host.runtime, logger: TestLog.logger)
      try await Self.define(service)
      try await host.start(conninfo: conninfo, signals: EventSignals(), work: WorkRuntime())
      do {
        _ = try await service.run(CaseService.Request(command: .startCase(StartCase(workflow: "letters"))))
        try await Self.waitForDelivery(database)
      } catch {
        await host.stop(graceMilliseconds: 5_000)
        throw error
      }
      await host.stop(graceMilliseconds: 5_000)
      let ready = try await database.query(
        """
        select w.task, w.addressed_groups, c.workflow from work_items w join cases c on c.id = w.case_id
        where w.status = 'ready' order by w.task
        """)
      try #require(ready.count == 2)
      #expect(ready.text(0, 0) == "answer" && ready.text(0, 2) == "letters")
      #expect(ready.text(1, 0) == "copy" && ready.text(1, 2) == "copies")
      for row in 0..<2 { #expect(ready.textArray(row, 1) == ["sales", "stock"]) }
    }
  }

  private static func define(_ service: CaseService) async throws {
    let editor = CaseService.Editor(caller: Caller(), language: "en")
    for slug in ["open", "answer", "copy"] {
      var task = DefinitionStore.TaskInput(slug: slug, type: .simple, name: slug)
      if slug != "open" { task.addressGroups = .given("['who']|groups") }
      try await service.saveTask(task, by: editor)
    }
    for (slug, start) in [("letters", "open"), ("copies", "copy")] {
      try await service.saveWorkflow(
        DefinitionStore.WorkflowInput(slug: slug, name: slug, startTasks: [start]), by: editor)
    }
    try await service.addFlow(
      CaseService.FlowInput(workflow: "letters", tasks: ["open"], next: "'where-to'|task", redoable: nil), by: editor)
  }

  /// Until the only delivery is over, one way or the other.
  private static func waitForDelivery(_ database: Database) async throws {
    for _ in 0..<3_000 {
      let status = try await database.query("select status, coalesce(last_error, '') from hook_deliveries")
      if status.count == 1, status.text(0, 0) != "pending" || !status.text(0, 1).isEmpty {
        #expect(status.text(0, 0) == "delivered", "\(status.text(0, 1))")
        return
      }
      try await database.loop.sleep(milliseconds: 10)
    }
    Issue.record("The hook was not called.")
  }
}
