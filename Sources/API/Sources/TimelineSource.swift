import GraphQL
import Postgres

/// A log as a connection: entries in the order of their numbers, paged by those, so that every page takes the same
/// time however long the log is.
final class TimelineSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  typealias Conditions = @Sendable (ValueObject, inout StatementBuilder) throws(GraphQLError) -> [String]

  private let conditions: Conditions

  /// - Parameter conditions: which entries the arguments ask for.
  init(_ entity: Entity, schema: Schema, name: String, conditions: @escaping Conditions) {
    self.conditions = conditions
    super.init(entity, schema: schema, name: name, shape: .connection)
  }

  static func ofCase(_ schema: Schema) -> TimelineSource {
    TimelineSource(Entities.caseEvent, schema: schema, name: "caseTimeline") { (arguments, builder) throws(GraphQLError) in
      let id = builder.bind(uuid: try GlobalID.uuid(arguments["id"]?.string ?? ""))
      let family = "t.family = (select c.family from cases c where c.id = \(id))"
      return arguments["family"]?.boolean == true ? [family] : [family, "t.case_id = \(id)"]
    }
  }

  static func ofDefinitions(_ schema: Schema) -> TimelineSource {
    TimelineSource(Entities.definitionEvent, schema: schema, name: "definitionTimeline") { (arguments, builder) throws(GraphQLError) in
      ["workflow", "task"].compactMap { name in
        arguments[name]?.string.map { "t.\(name) = \(builder.bind(text: GlobalID.key($0)))" }
      }
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
      let found = try conditions(request, context, &builder) + page.conditions("t.seq", &builder)
      // One row more than the page tells whether there are others.
      let rows = """
        select 1::bigint\(list), t.seq from (select t.* from \(entity.table) t\(Self.where(found)) \
        order by t.seq\(page.isFromEnd ? " desc" : "") limit \(page.limit + 1)) t order by t.seq
        """
      rowsSent = context.database.send(SQL(rows), builder.parameters, deadline: context.deadline)
    }
    var totalSent: PendingRows?
    if request.connection.totalCount {
      var builder = StatementBuilder()
      let found = try conditions(request, context, &builder)
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

  private func conditions(
    _ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder
  ) throws(GraphQLError) -> [String] {
    let asked = try conditions(request.arguments, &builder)
    return entity === Entities.caseEvent ? asked + EventVisibility.conditions(context, &builder) : asked
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
