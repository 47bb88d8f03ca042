import GraphQL
import Millrace
import Postgres

/// A log as a connection: entries in the order of their numbers, paged by those, so that every page takes the same
/// time however long the log is.
final class TimelineSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  typealias Conditions = @Sendable (ValueObject, APIContext, inout StatementBuilder) throws(GraphQLError) -> [String]

  private let conditions: Conditions
  private let secrecy: TimelineVisibility

  /// - Parameter conditions: which entries the arguments ask for.
  init(
    _ entity: Entity, schema: Schema, name: String, secrecy: TimelineVisibility, conditions: @escaping Conditions
  ) {
    self.conditions = conditions
    self.secrecy = secrecy
    super.init(entity, schema: schema, name: name, shape: .connection)
  }

  static func ofCase(_ schema: Schema) -> TimelineSource {
    TimelineSource(Entities.caseEvent, schema: schema, name: "caseTimeline", secrecy: .caseEvent) {
      (arguments, context, builder) throws(GraphQLError) in
      let id = builder.bind(uuid: try GlobalID.uuid(arguments["id"]?.string ?? ""))
      let seen = context.visibility.sql(.case, alias: "c", &builder).map { " and \($0)" } ?? ""
      let family = "t.family = (select c.family from cases c where c.id = \(id)\(seen))"
      return arguments["family"]?.boolean == true ? [family] : [family, "t.case_id = \(id)"]
    }
  }

  static func ofDefinitions(_ schema: Schema) -> TimelineSource {
    TimelineSource(
      Entities.definitionEvent, schema: schema, name: "definitionTimeline", secrecy: .definitionEvent
    ) { (arguments, context, builder) throws(GraphQLError) in
      var found = ["workflow", "task"].compactMap { name in
        arguments[name]?.string.map { "t.\(name) = \(builder.bind(text: GlobalID.key($0)))" }
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
      var list = selectList(request, context, &builder)
      var number = "t.seq"
      var table = "\(entity.table) t"
      var found = try conditions(request.arguments, context, &builder)
      if !secrecy.isFull(context) {
        table = secrecy.rows(entity.table, found + secrecy.conditions(context, &builder))
        list = secrecy.selectList(list, context)
        number = "t.number"
        found = []
      }
      found += page.conditions(number, &builder)
      // One row more than the page tells whether there are others.
      let rows = """
        select 1::bigint\(list), \(number) from (select t.* from \(table)\(Self.where(found)) \
        order by \(number)\(page.isFromEnd ? " desc" : "") limit \(page.limit + 1)) t order by \(number)
        """
      rowsSent = context.database.send(SQL(rows), builder.parameters, deadline: context.deadline)
    }
    var totalSent: PendingRows?
    if request.connection.totalCount {
      var builder = StatementBuilder()
      let found = try conditions(request.arguments, context, &builder) + secrecy.conditions(context, &builder)
      totalSent = context.database.send(
        SQL("select count(*) from \(entity.table) t\(Self.where(found))"), builder.parameters,
        deadline: context.deadline)
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
