import API
import Foundation
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowStore

@testable import Server

@Suite("The doctor")
struct DoctorTests {
  private static func configuration(_ environment: [String: String]) -> [Finding] {
    ConfigurationCheckup(
      flags: [:], environment: environment, modules: ModuleList(linked: []), processors: 2
    ).run().findings
  }

  @Test("every setting that is wrong is named, not only the first; secrets are not shown")
  func settings() {
    let findings = Self.configuration([
      "MILLRACE_PORT": "x", "MILLRACE_BEARER_TOKEN": "short", "MILLRACE_LOG_LEVEL": "loud", "PATH": "/bin",
    ])
    #expect(findings.allSatisfy { $0.level == .error })
    #expect(
      Set(findings.map(\.message)) == [
        "MILLRACE_PORT: \"x\" is not a number from 0 to 65535.",
        "MILLRACE_BEARER_TOKEN: \"…\" is not a text of at least 16 characters.",
        "MILLRACE_LOG_LEVEL: \"loud\" is not trace, debug, info, notice, warning, error or critical.",
      ])
  }

  @Test("variables that mean nothing are warned of, with what may be meant")
  func variables() {
    let findings = Self.configuration(["MILLRACE_PROT": "1", "OIDC_AUDIANCE": "x", "MILLRACE_PG_BIN": "/x"])
    #expect(
      findings.map(\.message) == [
        "There is no setting MILLRACE_PROT. Did you mean \"MILLRACE_PORT\"?",
        "There is no setting OIDC_AUDIANCE. Did you mean \"OIDC_AUDIENCE\"?",
      ])
    #expect(findings.allSatisfy { $0.level == .warning })
  }

  @Test("what is dangerous where others can connect is warned of; unknown modules are errors")
  func risks() {
    let open = Self.configuration(["MILLRACE_HOST": "0.0.0.0"])
    #expect(open.map(\.code) == ["OPEN"])
    let provider = Self.configuration([
      "MILLRACE_HOST": "0.0.0.0", "OIDC_ISSUER": "http://login.example", "OIDC_AUDIENCE": "*",
      "OIDC_VERIFY_SSL": "false"
    ])
    #expect(provider.map(\.code) == ["PROVIDER", "PROVIDER", "PROVIDER"])
    #expect(Self.configuration(["OIDC_ISSUER": "https://login.example"]).map(\.level) == [.error])
    #expect(Self.configuration(["EVENT_RECEIVER_MODULES": "gone"]).map(\.code) == ["MODULES"])
    #expect(
      Self.configuration([:]) == [
        Finding(level: .ok, area: "configuration", code: "SETTING", message: "Every setting can be used.")
      ])
  }

  // MARK: What is stored

  private static func diagnose(_ database: Database) async -> [Finding] {
    await DatabaseCheckup(database: database, configuration: ServerConfiguration(), comparesLogs: true).run()
  }

  /// A database with a case that has had its first item completed, as the engine leaves it.
  private static func withCase(_ body: @escaping @Sendable (Database) async throws -> Void) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let file = """
        {"millrace": "definitions", "version": 1,
        "tasks": [{"slug": "a", "type": "simple", "name": {"en": "A"}}, {"slug": "b", "type": "simple", "name": {"en": "B"}}],
        "workflows": [{"slug": "w", "name": {"en": "W"}, "startTasks": ["a"], "flows": [{"tasks": ["a"], "next": "'b'|task"}]}]}
        """
      _ = try await DefinitionLoad.run(try DefinitionFile(file), database: database)
      let service = CaseService(database: database, logger: TestLog.logger)
      let outcome = try await service.run(CaseService.Request(command: .startCase(.init(workflow: "w"))))
      let item = try await database.query("select id from work_items")
      _ = try await service.run(CaseService.Request(command: .completeWorkItem(.init(item.uuid(0, 0)))))
      #expect(outcome.caseID != nil)
      try await body(database)
    }
  }

  private static func change(_ statement: String, in database: Database) async throws {
    try await database.transaction { transaction in _ = transaction.send(SQL(statement)) }
  }

  private static func errors(of database: Database) async -> [Finding] {
    await diagnose(database).filter { $0.level == .error }
  }

  @Test("what the engine leaves is sound")
  func sound() async throws {
    try await Self.withCase { database in
      let findings = await Self.diagnose(database)
      #expect(findings.filter { $0.area != "database" }.allSatisfy { $0.level == .ok }, "\(findings)")
      #expect(findings.contains { $0.message == "The event logs of 1 families tell what their rows are." })
    }
  }

  @Test(
    "each kind of broken row is found, and named",
    arguments: [
      ("update cases set status = 'done'", "CASE_STATUS"),
      ("update work_items set status = 'open'", "WORK_ITEM_STATUS"),
      ("update work_items set status = 'completed', closed_at = now()", "STUCK_CASE"),
      ("update cases set status = 'completed', closed_at = now()", "OPEN_ITEM_OF_CLOSED_CASE"),
      ("update cases set closed_at = now()", "CASE_CLOSING"),
      ("update work_items set closed_at = now() where task = 'b'", "WORK_ITEM_CLOSING"),
      ("update work_items set version = 0", "VERSION"),
      ("update work_items set family = gen_random_uuid() where task = 'b'", "FAMILY"),
      ("update work_items set child_case = gen_random_uuid() where task = 'b'", "CHILD_CASE"),
      ("update work_items set previous_work_item = gen_random_uuid() where task = 'b'", "PREVIOUS_WORK_ITEM"),
      ("update work_items set task = 'gone' where task = 'b'", "DEFINITION"),
      ("delete from events where seq = 2", "EVENT_LOG"),
      ("delete from definition_events where seq = 2", "DEFINITION_LOG"),
      ("delete from definition_revision", "REVISION"),
      ("update work_items set assigned_users = '{eve}' where task = 'b'", "EVENT_FOLD"),
      ("delete from work_items where task = 'b'", "EVENT_FOLD"),
      ("update flows set next = '''b|task'", "DEFINITIONS"),
      ("insert into schema_migrations (name, checksum) values ('9999_later.sql', 'x')", "MIGRATIONS"),
    ])
  func broken(statement: String, code: String) async throws {
    try await Self.withCase { database in
      try await Self.change(statement, in: database)
      let found = await Self.errors(of: database)
      let finding = found.first { $0.code == code }
      #expect(finding != nil, "\(found)")
      if finding?.area == "cases" { #expect(finding?.count != 0 && finding?.subjects.isEmpty == false) }
    }
  }
}
