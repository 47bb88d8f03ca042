import API
import Foundation
import Postgres
import TestSupport
import Testing
import WorkflowEngine

@Suite("Dumping and loading definitions")
struct DefinitionLoadTests {
  private static func with(_ body: @escaping @Sendable (Database) async throws -> Void) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await body(database)
    }
  }

  private static let file = """
    {
      "millrace": "definitions",
      "version": 1,
      "tasks": [
        {
          "slug": "check",
          "type": "simple",
          "name": {
            "de": "Prüfen",
            "en": "Check"
          },
          "addressGroups": "['a', 'b']|groups",
          "leadTime": 3600,
          "isMultipleInstance": true
        },
        {
          "slug": "draft",
          "type": "simple",
          "name": {
            "en": "Draft"
          },
          "description": {
            "en": "One\\n\\"two\\""
          },
          "meta": {
            "a": [1, 12345678901234567890.1234567890, null, "x"],
            "b": {
              "deep": [
                {
                  "z": true
                },
                []
              ]
            }
          }
        },
        {
          "slug": "send",
          "type": "simple",
          "name": {
            "en": "Send"
          },
          "isArchived": true
        }
      ],
      "workflows": [
        {
          "slug": "order",
          "name": {
            "en": "Order"
          },
          "isPublished": true,
          "compatibility": "caluma",
          "startTasks": ["draft"],
          "flows": [
            {
              "tasks": ["check"],
              "next": "'send'|task",
              "redoable": "'draft'|task"
            },
            {
              "tasks": ["draft"],
              "next": "'check'|task"
            }
          ]
        }
      ]
    }

    """

  private static func revision(_ database: Database) async throws -> Int64 {
    try await database.query("select revision from definition_revision").int64(0, 0)
  }

  @Test("a file that is loaded is dumped as it was, byte for byte, also from the database it was loaded into")
  func roundTrip() async throws {
    try await Self.with { database in
      let report = try await DefinitionLoad.run(
        try DefinitionFile(Self.file), caller: Caller(user: "ann"), database: database)
      #expect(
        report.entries.map { "\($0.outcome) \($0.slug)" } == [
          "created check", "created draft", "created send", "created order",
        ])
      #expect(report.absent.isEmpty)
      let dumped = try await DefinitionDump.text(from: database)
      #expect(dumped == Self.file)
      let rows = try await database.query("select created_by_user from workflows where slug = 'order'")
      #expect(rows.text(0, 0) == "ann")
      try await Self.with { other in
        _ = try await DefinitionLoad.run(try DefinitionFile(dumped), database: other)
        let again = try await DefinitionDump.text(from: other)
        #expect(again == dumped)
      }
    }
  }

  @Test("loading again changes nothing: no row, no flow's id, no revision, no entry of the history")
  func idempotent() async throws {
    try await Self.with { database in
      let file = try DefinitionFile(Self.file)
      _ = try await DefinitionLoad.run(file, database: database)
      let before = try await Self.revision(database)
      let flows: SQL =
        "select string_agg(id::text, ' ' order by id), (select count(*) from definition_events) from flows"
      let rows = try await database.query(flows)
      let report = try await DefinitionLoad.run(file, database: database)
      #expect(report.count(.unchanged) == 4 && report.entries.count == 4)
      let after = try await database.query(flows)
      #expect(after.text(0, 0) == rows.text(0, 0))
      #expect(after.int64(0, 1) == rows.int64(0, 1))
      let revision = try await Self.revision(database)
      #expect(revision == before)
    }
  }

  @Test("what differs is changed, down to a removed flow; what the file does not name stays and is told of")
  func changes() async throws {
    try await Self.with { database in
      _ = try await DefinitionLoad.run(try DefinitionFile(Self.file), database: database)
      let before = try await Self.revision(database)
      let kept = try await database.query("select id::text from flows where next like '%send%'").text(0, 0)
      let start = try #require(Self.file.range(of: ",\n        {\n          \"tasks\": [\"draft\"]"))
      let end = try #require(Self.file.range(of: "\n      ]\n    }\n  ]\n}"))
      let changed = String(Self.file[..<start.lowerBound] + Self.file[end.lowerBound...])
        .replacing("\"Draft\"", with: "\"A draft\"").replacing("\"a\": [1, ", with: "\"a\": [1e0, ")
      let report = try await DefinitionLoad.run(try DefinitionFile(changed), database: database)
      #expect(
        report.entries.map { "\($0.outcome) \($0.slug)" } == [
          "unchanged check", "changed draft", "unchanged send", "changed order",
        ])
      let flows = try await database.query("select id::text from flows")
      #expect(flows.count == 1 && flows.text(0, 0) == kept)
      let revision = try await Self.revision(database)
      #expect(revision == before + 1)

      let little = """
        {"millrace": "definitions", "version": 1, "workflows": [
          {"slug": "small", "name": {"en": "Small"}, "startTasks": ["send"]}]}
        """
      let other = try await DefinitionLoad.run(try DefinitionFile(little), database: database)
      #expect(other.entries.map(\.slug) == ["small"])
      #expect(
        other.absent.map { "\($0.kind) \($0.slug)" } == ["task check", "task draft", "task send", "workflow order"])
    }
  }

  @Test("a dry run tells the same and leaves everything as it is")
  func dryRun() async throws {
    try await Self.with { database in
      let file = try DefinitionFile(Self.file)
      let dry = try await DefinitionLoad.run(file, isDry: true, database: database)
      let none = try await database.query("select count(*) from tasks").int64(0, 0)
      #expect(none == 0)
      let real = try await DefinitionLoad.run(file, database: database)
      #expect(dry == real)
    }
  }

  @Test("a task that nobody has is refused with its place, and nothing is written")
  func unknownTask() async throws {
    try await Self.with { database in
      let text = Self.file.replacing("'send'|task", with: "'gone'|task")
      let error = await #expect(throws: DefinitionFile.Failure.self) {
        try await DefinitionLoad.run(try DefinitionFile(text), database: database)
      }
      #expect(error?.description == "58:19: There is no task gone, neither in the file nor in the database.")
      let none = try await database.query("select count(*) from tasks").int64(0, 0)
      #expect(none == 0)
    }
  }

  @Test("every column of a definition is in the file, or left out on purpose")
  func complete() async throws {
    try await Self.with { database in
      let rows = try await database.query(
        """
        select table_name::text, column_name::text from information_schema.columns
        where table_schema = current_schema and table_name in ('tasks', 'workflows')
        """)
      let members: [String: Set<String>] = [
        "tasks": [
          "slug", "type", "name", "description", "meta", "address_groups", "control_groups", "form", "lead_time",
          "is_multiple_instance", "continue_async", "is_archived", "node",
        ],
        "workflows": [
          "slug", "name", "description", "meta", "is_published", "is_archived", "allow_all_forms", "compatibility",
          "versioning",
        ]
      ]
      let leftOut: Set<String> = [
        "created_at", "modified_at", "created_by_user", "created_by_group", "modified_by_user", "modified_by_group",
      ]
      for row in 0..<rows.count where !leftOut.contains(rows.text(row, 1)) {
        #expect(
          members[rows.text(row, 0)]?.contains(rows.text(row, 1)) == true, "\(rows.text(row, 0)).\(rows.text(row, 1))")
      }
    }
  }
}
