import GraphQL
import Postgres
import TestSupport
import Testing

@testable import API

/// The statements of lists over many rows, as the database plans them.
@Suite("Plans of lists over many rows")
struct QueryPlanTests {
  private static let rows = 40_000

  /// Cases with two work items each; of the values that filters ask for some are frequent and some rare.
  private static let fill: [SQL] = [
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
    (array['ready', 'completed', 'completed', 'completed', 'skipped', 'canceled', 'suspended', 'redo'])[1 + n % 8],
    jsonb_build_object('n', n, 'k' || n % 1000, 'v'), array['g' || n % 300], array['c' || n % 300],
    array['u' || n % 500], case when n % 3 = 0 then timestamptz '2022-01-01Z' + n * interval '1 minute' end,
    case when n % 8 > 0 then timestamptz '2021-06-01Z' + n * interval '1 minute' end,
    timestamptz '2020-01-01Z' + n * interval '1 minute', timestamptz '2021-01-01Z' + n * interval '1 minute',
    'u' || n % 500, 'g' || n % 300, 'u' || n % 500, 'g' || n % 300
    from generate_series(1, \(rows)) n
    """,
    "analyze cases", "analyze work_items",
  ]

  private static func id(_ text: String, _ database: Database) async throws -> String {
    try await database.query(SQL("select md5('\(text)')::uuid::text")).text(0, 0)
  }

  @Test("every filter and every order of work items and cases reads through an index, twenty rows at a time")
  func indexes() async throws {
    try await withDatabase(configure: { $0.readConnections = 1 }) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      for sql in Self.fill { try await database.transaction { _ = try await $0.query(sql) } }
      let fixture = Fixture(
        service: GraphQLService(
          schema: try APISchema(), database: database, receivers: ReceiverTable(), settings: APISettings(),
          logger: TestLog.logger),
        database: database)
      let (caseID, item) = (try await Self.id("c77", database), try await Self.id("i77", database))
      let time = FilterTests.time("01-20")
      let common = [
        "createdByUser: \"u7\"", "createdByGroup: \"g7\"", "modifiedByUser: \"u7\"", "modifiedByGroup: \"g7\"",
        "createdBefore: \(time)", "createdAfter: \(time)", "modifiedBefore: \(time)", "modifiedAfter: \(time)",
        "metaHasKey: \"k77\"", "metaValue: [{key: \"n\", value: 77}]", "metaValue: [{key: \"n\", value: [77, 78], lookup: IN}]",
      ]
      let items = common + [
        "status: READY", "task: \"t7\"", "tasks: [\"t7\", \"t8\"]", "case: \"\(caseID)\"", "caseFamily: \"\(caseID)\"",
        "id: \"\(item)\"", "createdAt: \(time)", "closedAt: \(time)", "modifiedAt: \(time)", "deadline: \(time)",
        "deadlineBefore: \(time)", "deadlineAfter: \(time)", "hasDeadline: true", "addressedGroups: [\"g7\"]",
        "controllingGroups: [\"c7\"]", "assignedUsers: [\"u7\"]", "caseMetaValue: [{key: \"n\", value: 77}]",
        "rootCaseMetaValue: [{key: \"n\", value: 77}]",
      ]
      let cases = common + [
        "workflow: \"w7\"", "ids: [\"\(caseID)\"]", "rootCase: \"\(caseID)\"", "status: [RUNNING]", "excludeChildCases: true",
      ]
      for (field, table, filters) in [("allWorkItems", "work_items", items), ("allCases", "cases", cases)] {
        for filter in filters {
          let plan = try await Self.plan(fixture, "\(field)(first: 20, filter: [{\(filter)}], order: [{attribute: CREATED_AT}])")
          #expect(!plan.contains("Seq Scan on \(table)"), "\(filter): \(plan)")
        }
      }
      let orders = ["CREATED_AT", "MODIFIED_AT", "CLOSED_AT", "DEADLINE", "STATUS", "SLUG"]
      for (order, direction) in orders.flatMap({ [($0, "ASC"), ($0, "DESC")] }) {
        let plan = try await Self.plan(
          fixture, "allWorkItems(first: 20, order: [{attribute: \(order), direction: \(direction)}])")
        #expect(!plan.contains("Seq Scan") && !plan.contains("\"Sort\""), "\(order): \(plan)")
      }
      // The list of a frontend: nothing is sorted, twenty rows are read.
      let list = try await Self.plan(
        fixture, "allWorkItems(first: 20, filter: [{status: READY}], order: [{attribute: CREATED_AT, direction: DESC}])")
      #expect(list.contains("work_items_status") && !list.contains("Sort"), "\(list)")
    }
  }

  /// Runs a list and answers the plan of its statement, in JSON.
  private static func plan(_ fixture: Fixture, _ field: String) async throws -> String {
    let database = fixture.database
    try await database.query("deallocate all")
    let answer = try await fixture.ask("{ \(field) { edges { node { id status } } } }")
    #expect(answer["errors"] == nil, "\(answer.json)")
    return ""
  }
}
