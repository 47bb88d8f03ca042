import API
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

@testable import Server

/// Programs that link Millrace and use its operations without a server.
@Suite("Scripts")
struct ScriptTests {
  private enum Witness: MillraceModule {
    static let name = "witness"
    static func register(_ events: inout ReceiverRegistry) {
      events.on([.postCancelCase, .postCompleteWorkItem]) { event, context in
        try await context.query(SQL("insert into witnessed values ('\(event.name.rawValue)', '\(event.user ?? "")')"))
      }
    }
  }

  private static func run(
    _ conninfo: String, as user: User = User(name: "night"),
    _ body: @escaping @Sendable (WorkflowAPI) async throws -> Void
  ) throws {
    try MillraceScript.run(
      modules: [Witness.self], as: user, environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "witness"],
      body)
  }

  private static func define(_ workflows: WorkflowAPI) async throws {
    for slug in ["a", "b"] { try await workflows.saveTask(.init(slug: slug, type: .simple, name: slug)) }
    try await workflows.saveWorkflow(.init(slug: "w", name: "W", startTasks: ["a"]))
    try await workflows.addFlow(workflow: "w", tasks: ["a"], next: "'b'|task")
  }

  @Test("every operation is there, with its checks, events and receivers")
  func operations() async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await database.transaction { _ = try await $0.query("create table witnessed (event text, by text)") }
    }
    try Self.run(conninfo) { workflows in
      try await Self.define(workflows)
      let found = try await workflows.startCase(workflow: "w", meta: "{\"n\": 1}")
      func item(_ task: String) async throws -> EntityID {
        try await workflows.query(
          SQL("select id from work_items where task = '\(task)' order by created_at desc limit 1")
        ).entityID(0, 0)
      }
      let first = try await item("a")
      try await workflows.suspendWorkItem(first)
      try await workflows.resumeWorkItem(first)
      try await workflows.saveWorkItem(SaveWorkItem(id: first, meta: "{\"seen\": true}"))
      try await workflows.acting(as: User(name: "ann", groups: ["staff"])).completeWorkItem(first)
      try await workflows.saveCase(UpdateCase(id: found, workflow: "w", meta: "{\"n\": 2}"))
      try await workflows.suspendCase(found)
      try await workflows.resumeCase(found)
      try await workflows.cancelCase(found)
      try await workflows.reopenCase(found, workItems: [try await item("b")])
      try await workflows.skipWorkItem(try await item("b"))
      let row = try await workflows.query("select status, meta ->> 'n', created_by_user from cases")
      #expect(row.text(0, 0) == "completed" && row.text(0, 1) == "2" && row.text(0, 2) == "night")
      let closed = try await workflows.query("select closed_by_user, closed_by_group from work_items where task = 'a'")
      #expect(closed.text(0, 0) == "ann" && closed.text(0, 1) == "staff")
      let witnessed = try await workflows.query("select event, by from witnessed")
      #expect(witnessed.count == 2)
      #expect(witnessed.text(0, 0) == "post_complete_work_item" && witnessed.text(0, 1) == "ann")
      #expect(witnessed.text(1, 0) == "post_cancel_case" && witnessed.text(1, 1) == "night")
      do {
        try await workflows.completeWorkItem(first)
        Issue.record("A completed item was completed.")
      } catch let error as MillraceError {
        #expect(error.code == .invalidState)
      }
    }
  }

  @Test("the example of the extension guide cancels the cases that are older than a year")
  func guide() async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await database.transaction { _ = try await $0.query("create table witnessed (event text, by text)") }
    }
    try Self.run(conninfo) { workflows in
      try await Self.define(workflows)
      let old = try await workflows.startCase(workflow: "w")
      try await workflows.startCase(workflow: "w")
      try await withDatabase(at: conninfo) { database in
        try await database.transaction {
          _ = try await $0.query(SQL("update cases set created_at = now() - interval '2 years' where id = '\(old)'"))
        }
      }
      try await cancelOldCases(workflows)
      let left = try await workflows.query("select count(*), count(*) filter (where status = 'canceled') from cases")
      #expect(left.int64(0, 0) == 2 && left.int64(0, 1) == 1)
    }
  }

  @Test("a script that fails leaves nothing running and tells why")
  func failure() async throws {
    let conninfo = try await TestCluster.database()
    #expect(throws: (any Error).self) {
      try MillraceScript.run(
        modules: [], as: User(), environment: ["DATABASE_URL": conninfo]) { _ in }
    }
  }
}
