import GraphQL
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

@testable import API

/// The statements of lists over many rows, as the database plans them.
@Suite("Plans of lists over many rows")
struct QueryPlanTests {
  private static let rows = 40_000

  /// Cases with two work items each; of the values that filters ask for some are frequent and some rare.
  private static let fill: [String] = [
    """
    insert into cases (id, family, workflow, status, meta, created_at, modified_at, created_by_user, created_by_group,
    modified_by_user, modified_by_group)
    select md5('c' || n)::uuid, md5('c' || n)::uuid, 'w' || n % 10,
    (array['running', 'completed', 'canceled', 'suspended'])[1 + n % 4], jsonb_build_object('n', n, 'k' || n % 1000, 'v'),
    timestamptz '2020-01-01Z' + n * interval '1 minute', timestamptz '2021-01-01Z' + n * interval '1 minute',
    'u' || n % 500, 'g' || n % 300, 'u' || n % 500, 'g' || n % 300
    from generate_series(1, \(rows / 2)) n
    """,
    """
    insert into work_items (id, family, case_id, task, name, status, meta, addressed_groups, controlling_groups,
    assigned_users, deadline, closed_at, created_at, modified_at, created_by_user, created_by_group,
    modified_by_user, modified_by_group)
    select md5('i' || n)::uuid, md5('c' || (1 + n / 2))::uuid, md5('c' || (1 + n / 2))::uuid, 't' || n % 20, '{"en": "N"}',
    case when n % 100 = 0 then 'ready' else (array['completed', 'skipped', 'canceled', 'suspended', 'redo'])[1 + n % 5] end,
    jsonb_build_object('n', n, 'k' || n % 1000, 'v'), array['g' || n % 300], array['c' || n % 300],
    array['u' || n % 500], case when n % 3 = 0 then timestamptz '2022-01-01Z' + n * interval '1 minute' end,
    case when n % 100 > 0 then timestamptz '2021-06-01Z' + n * interval '1 minute' end,
    timestamptz '2020-01-01Z' + n * interval '1 minute', timestamptz '2021-01-01Z' + n * interval '1 minute',
    'u' || n % 500, 'g' || n % 300, 'u' || n % 500, 'g' || n % 300
    from generate_series(1, \(rows)) n
    """,
    // As the database does from time to time.
    "select gin_clean_pending_list(indexrelid) from pg_index join pg_class c on c.oid = indexrelid join pg_am a on a.oid = c.relam where amname = 'gin'",
    "analyze cases", "analyze work_items",
  ]

  private static func id(_ text: String, _ database: Database) async throws -> String {
    try await database.query(SQL("select md5('\(text)')::uuid::text")).text(0, 0)
  }

  @Test("every filter and every order of work items and cases reads through an index, twenty rows at a time")
  func indexes() async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      for sql in Self.fill { try await database.transaction { _ = try await $0.query(SQL(sql)) } }
      let schema = try APISchema()
      let (caseID, item) = (try await Self.id("c77", database), try await Self.id("i77", database))
      let time = FilterTests.time("01-20")
      let common = [
        "createdByUser: \"u7\"", "createdByGroup: \"g7\"", "modifiedByUser: \"u7\"", "modifiedByGroup: \"g7\"",
        "createdBefore: \(time)", "createdAfter: \(time)", "modifiedBefore: \(time)", "modifiedAfter: \(time)",
        "metaHasKey: \"k77\"", "metaValue: [{key: \"n\", value: 77}]",
        "metaValue: [{key: \"n\", value: [77, 78], lookup: IN}]",
      ]
      let items = common + [
        "status: READY", "task: \"t7\"", "tasks: [\"t7\", \"t8\"]", "case: \"\(caseID)\"", "caseFamily: \"\(caseID)\"",
        "id: \"\(item)\"", "createdAt: \(time)", "closedAt: \(time)", "modifiedAt: \(time)", "deadline: \(time)",
        "deadlineBefore: \(time)", "deadlineAfter: \(time)", "hasDeadline: true", "addressedGroups: [\"g7\"]",
        "controllingGroups: [\"c7\"]", "assignedUsers: [\"u7\"]", "caseMetaValue: [{key: \"n\", value: 77}]",
        "rootCaseMetaValue: [{key: \"n\", value: 77}]", "workflow: \"w7\"", "workflows: [\"w7\", \"w8\"]", "statuses: [READY, ERROR]",
      ]
      let cases = common + [
          "workflow: \"w7\"", "ids: [\"\(caseID)\"]", "rootCase: \"\(caseID)\"", "status: [RUNNING]",
          "excludeChildCases: true",
      ]
      let lists = [
        ("allWorkItems", "work_items", WorkflowFilters.workItem, items),
        ("allCases", "cases", WorkflowFilters.case, cases),
      ]
      for (field, table, set, filters) in lists {
        for filter in filters {
          let plan = try await Self.plan(database, schema, field, set, filter, "CREATED_AT")
          #expect(!plan.contains("Seq Scan on \(table) "), "\(filter): \(plan)")
        }
      }
      for order in ["CREATED_AT", "MODIFIED_AT", "CLOSED_AT", "DEADLINE", "STATUS", "SLUG"] {
        for direction in ["ASC", "DESC"] {
          let plan = try await Self.plan(
            database, schema, "allWorkItems", WorkflowFilters.workItem, "", "\(order), direction: \(direction)")
          #expect(plan.contains("Index") && !plan.contains("Sort"), "\(order) \(direction): \(plan)")
        }
      }
      for order in ["CREATED_AT", "MODIFIED_AT", "STATUS"] {
        let plan = try await Self.plan(database, schema, "allCases", WorkflowFilters.case, "", order)
        #expect(plan.contains("Index") && !plan.contains("Sort"), "\(order): \(plan)")
      }
      // The list of a frontend: nothing is sorted, and no other row is read.
      for direction in ["ASC", "DESC"] {
        let plan = try await Self.plan(
          database, schema, "allWorkItems", WorkflowFilters.workItem, "status: READY",
          "CREATED_AT, direction: \(direction)")
        #expect(
          plan.contains("using work_items_status") && !plan.contains("Sort") && !plan.contains("Filter"), "\(plan)")
      }
    }
  }

  /// The database's plan of the statement that a list sends.
  private static func plan(
    _ database: Database, _ schema: APISchema, _ field: String, _ set: FilterSet, _ filter: String, _ order: String
  ) async throws -> String {
    let explanation = try RequestExplanation(
      "{ \(field)(first: 20, filter: [{\(filter)}], order: [{attribute: \(order)}]) { edges { node { id status } } } }",
      operationName: nil, variables: ValueObject(), schema: schema, settings: APISettings(), loop: database.loop,
      logger: TestLog.logger)
    let text = try #require(explanation.steps.first?.statements.first)
    // Its parameters are those of the filter.
    var builder = StatementBuilder()
    let context = APIContext(
      database: database,
      service: CaseService(database: database, receivers: ReceiverTable(), logger: TestLog.logger), user: User(),
      language: "en", settings: APISettings(),
      deadline: .max, logger: TestLog.logger)
    _ = try set.conditions(try JSONDocument("[{\(json(filter))}]").root.value, context, &builder)
    let rows = try await database.query(SQL("explain " + text), builder.parameters)
    return (0..<rows.count).map { rows.text($0, 0) }.joined(separator: "\n")
  }

  /// The fields of an input object as JSON: names and enum values get quotes.
  private static func json(_ fields: String) -> String {
    fields.split(separator: "\"", omittingEmptySubsequences: false).enumerated().map { number, part in
      number % 2 == 1
        ? "\"\(part)\""
        : part.replacing(#/[A-Za-z_]\w*/#) {
          ["true", "false"].contains($0.output) ? String($0.output) : "\"\($0.output)\""
        }
    }.joined()
  }
}
