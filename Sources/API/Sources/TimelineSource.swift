import GraphQL
import Millrace
import Postgres

/// A log as a connection: entries in the order of their numbers, paged by those, so that every page takes the same
/// time however long the log is.
final class TimelineSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  typealias Conditions =
    @Sendable (ValueObject, APIContext, inout StatementBuilder) throws(GraphQLError) -> [String]

  /// The log's columns without `data`.
  private let plainColumns: [String]
  /// What `data` may tell of: it is withheld from who may not see all of that.
  private let told: [StoredType]
  private let conditions: Conditions

  /// - Parameter conditions: which entries the arguments ask for, of those that the user may see.
  init(
    _ entity: Entity, schema: Schema, name: String, plainColumns: [String], told: [StoredType],
    conditions: @escaping Conditions
  ) {
    self.plainColumns = plainColumns
    self.told = told
    self.conditions = conditions
    super.init(entity, schema: schema, name: name, shape: .connection)
  }

  static func ofCase(_ schema: Schema) -> TimelineSource {
    TimelineSource(
      Entities.caseEvent, schema: schema, name: "caseTimeline",
      plainColumns: [
        "family", "seq", "name", "sender", "case_id", "work_item", "task", "actor_user", "actor_group", "created_at",
      ],
      told: [.case, .workItem, .task, .workflow]
    ) { (arguments, context, builder) throws(GraphQLError) in
      let id = builder.bind(uuid: try GlobalID.uuid(arguments["id"]?.string ?? ""))
      var found = ["t.family = (select c.family from cases c where c.id = \(id))"]
      if arguments["family"]?.boolean != true { found.append("t.case_id = \(id)") }
      if let shown = context.visibility.sql(.case, alias: "v", &builder) {
        found.append("exists (select 1 from cases v where v.id = t.case_id and \(shown))")
      }
      if let shown = context.visibility.sql(.workItem, alias: "v", &builder) {
        found.append(
          "(t.work_item is null or exists (select 1 from work_items v where v.id = t.work_item and \(shown)))")
      }
      return found
    }
  }

  static func ofDefinitions(_ schema: Schema) -> TimelineSource {
    TimelineSource(
      Entities.definitionEvent, schema: schema, name: "definitionTimeline",
      plainColumns: ["seq", "name", "workflow", "task", "actor_user", "actor_group", "created_at"],
      told: [.workflow, .task, .flow]
    ) { (arguments, context, builder) throws(GraphQLError) in
      var found: [String] = []
      for name in ["workflow", "task"] {
        guard let key = arguments[name]?.string else { continue }
        found.append("t.\(name) = \(builder.bind(text: GlobalID.key(key)))")
      }
      if let shown = context.visibility.sql(.workflow, alias: "v", &builder) {
        found.append("(t.workflow is null or exists (select 1 from workflows v where v.slug = t.workflow and \(shown)))")
      }
      if let shown = context.visibility.sql(.task, alias: "v", &builder) {
        found.append("(t.task is null or exists (select 1 from tasks v where v.slug = t.task and \(shown)))")
      }
      // A flow may be gone, and with it what would tell who may see it.
      if context.visibility.isRestricted(.flow) { found.append("t.name not in ('post_add_flow', 'post_remove_flow')") }
      return found
    }
  }

  override func begin(_ request: StepRequest) -> StepResult {
    do throws(GraphQLError) {
      return try start(request)
    } catch {
      return .failed(error)
    }
  }

  private func start(_ request: StepRequest) throws(GraphQLError) -> StepResult {
    let context = context(request)
    let page = try KeysetPage(request.arguments, settings: context.settings)
    var rowsSent: PendingRows?
    if request.connection.rows || request.connection.pageInfo {
      var builder = StatementBuilder()
      let list = selectList(request, context, &builder)
      let found = try conditions(request.arguments, context, &builder) + page.conditions("t.seq", &builder)
      let data = told.contains(where: context.visibility.isRestricted) ? "null::jsonb as data" : "t.data"
      let inner = plainColumns.map { "t.\($0), " }.joined() + data
      // One row more than the page tells whether there are others.
      let rows = """
        select 1::bigint\(list), t.seq from (select \(inner) from \(entity.table) t\(Self.where(found)) \
        order by t.seq\(page.isFromEnd ? " desc" : "") limit \(page.limit + 1)) t order by t.seq
        """
      rowsSent = context.send(SQL(rows), builder.parameters)
    }
    var totalSent: PendingRows?
    if request.connection.totalCount {
      var builder = StatementBuilder()
      let found = try conditions(request.arguments, context, &builder)
      totalSent = context.send(
        SQL("select count(*) from \(entity.table) t\(Self.where(found))"), builder.parameters)
    }
    let (pendingRows, pendingTotal) = (rowsSent, totalSent)
    let columns = columns(request)
    return .pending(
      PendingEntities(context: context) {
        let rows = try await pendingRows?.rows()
        let total = try await pendingTotal?.rows()
        let slice = page.slice(rowCount: rows?.count ?? 0, total: total.map { Int($0.int64(0, 0)) })
        guard let rows else { return RowBatch(rowCount: 0, starts: [0], ends: [0], pages: [slice]) }
        return TimelineBatch(rows, columns, page.shown(rowCount: rows.count), slice)
      })
  }

  private static func `where`(_ conditions: [String]) -> String {
    conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
  }
}

/// Rows whose last column is their number in the log.
private final class TimelineBatch: EntityBatch {
  private let number: Int

  init(_ rows: Rows, _ columns: [Column], _ shown: Range<Int>, _ page: PageSlice) {
    number = columns.count + 1
    super.init(
      rows: rows, columns: columns, types: [], starts: [Int32(shown.lowerBound)], ends: [Int32(shown.upperBound)],
      pages: [page])
  }

  override func position(ofRow row: Int) -> Int? { Int(rows.int64(row, number)) }
}
