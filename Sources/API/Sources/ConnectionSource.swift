import GraphQL
import Millrace
import Postgres

/// A connection over an entity's rows: all of them, or those of each parent.
final class ConnectionSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  private let filters: FilterSet
  private let orders: OrderSet
  /// What else has to hold of a row.
  private let condition: String?
  /// What has to hold of a row for this caller.
  private let scope: Scope?
  /// The column that holds the parent's key; nil at the root.
  private let parentColumn: String?
  private let parentKeyType: Entity.KeyType

  typealias Scope = @Sendable (APIContext, inout StatementBuilder) -> String

  init(
    _ entity: Entity, schema: Schema, name: String, filters: FilterSet, orders: OrderSet,
    condition: String? = nil, scope: Scope? = nil,
    parent: (property: PropertyID, column: String, keyType: Entity.KeyType)? = nil
  ) {
    self.filters = filters
    self.orders = orders
    self.condition = condition
    self.scope = scope
    parentColumn = parent?.column
    parentKeyType = parent?.keyType ?? .uuid
    super.init(
      entity, schema: schema, name: name, shape: .connection, parentProperties: parent.map { [$0.property] } ?? [])
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
    let page = try Page(request.arguments, settings: context.settings)
    let wantsRows = request.connection.rows || request.connection.pageInfo
    let wantsTotal = request.connection.totalCount || page.needsTotal
    var parents: [Int32] = [0]
    var rowsSent: PendingRows?
    var totalsSent: PendingRows?
    if wantsRows {
      var builder = StatementBuilder()
      guard let statement = try rowsStatement(request, page, context, &builder, &parents) else {
        return empty(request)
      }
      rowsSent = context.send(SQL(statement), builder.parameters)
    }
    if wantsTotal {
      var builder = StatementBuilder()
      guard let statement = try totalsStatement(request, context, &builder, &parents) else { return empty(request) }
      totalsSent = context.send(SQL(statement), builder.parameters)
    }
    let (pendingRows, pendingTotals, owners) = (rowsSent, totalsSent, parents)
    let columns = columns(request)
    let count = request.parentCount
    return .pending(
      PendingEntities(context: context) { [self] in
        let rows = try await pendingRows?.rows()
        let totals = try await pendingTotals?.rows()
        return assemble(rows, totals, page, owners, count, columns)
      })
  }

  // MARK: Statements

  private func conditions(
    _ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder
  ) throws(GraphQLError) -> [String] {
    let shown = [condition, scope?(context, &builder), visible(context, &builder)].compactMap(\.self)
    return shown + (try filters.conditions(request.arguments["filter"], context, &builder))
  }

  private func rowsStatement(
    _ request: StepRequest, _ page: Page, _ context: APIContext, _ builder: inout StatementBuilder,
    _ parents: inout [Int32]
  ) throws(GraphQLError) -> String? {
    // One row more than the page tells whether there is a next one.
    let limit = page.last.map { min($0, page.limit) } ?? page.limit + 1
    let order = try orders.sql(request.arguments["order"], entity, context, &builder)
    let table = entity.rows(context, &builder)
    guard let parentColumn else {
      let list = selectList(request, context, &builder)
      let conditions = try conditions(request, context, &builder)
      let whereClause = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
      let offset = offset(page, "select count(*) from \(table) t\(whereClause)", &builder)
      return
        "select 1::bigint\(list) from \(table) t\(whereClause) order by \(order) limit \(limit)\(offset)"
    }
    guard let (keys, owners) = bindKeys(request, parentKeyType, &builder), !owners.isEmpty else { return nil }
    parents = owners
    let list = selectList(request, context, &builder)
    let conditions = ["\(parentColumn) = p.key"] + (try conditions(request, context, &builder))
    let whereClause = conditions.joined(separator: " and ")
    let offset = offset(page, "select count(*) from \(table) t where \(whereClause)", &builder)
    return """
      select p.ord\(list) from unnest(\(keys)) with ordinality p (key, ord) cross join lateral \
      (select t.* from \(table) t where \(whereClause) order by \(order) limit \(limit)\(offset)) t \
      order by p.ord, \(order)
      """
  }

  private func offset(_ page: Page, _ count: String, _ builder: inout StatementBuilder) -> String {
    if let last = page.last {
      let end = min(page.before ?? .max, page.start &+ page.limit)
      return
        " offset greatest(\(page.start), "
          + "greatest(least((\(count)), \(builder.bind(integer: end))), \(page.start)) - \(last))"
    }
    return page.start == 0 ? "" : " offset \(builder.bind(integer: page.start))"
  }

  private func totalsStatement(
    _ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder, _ parents: inout [Int32]
  ) throws(GraphQLError) -> String? {
    let table = entity.rows(context, &builder)
    guard let parentColumn else {
      let conditions = try conditions(request, context, &builder)
      let whereClause = conditions.isEmpty ? "" : " where " + conditions.joined(separator: " and ")
      return "select count(*) from \(table) t\(whereClause)"
    }
    guard let (keys, owners) = bindKeys(request, parentKeyType, &builder), !owners.isEmpty else { return nil }
    parents = owners
    let conditions = ["\(parentColumn) = p.key"] + (try conditions(request, context, &builder))
    return """
      select (select count(*) from \(table) t where \(conditions.joined(separator: " and "))) \
      from unnest(\(keys)) with ordinality p (key, ord) order by p.ord
      """
  }

  // MARK: Rows

  private func assemble(
    _ rows: Rows?, _ totals: Rows?, _ page: Page, _ parents: [Int32], _ count: Int, _ columns: [Column]
  ) -> RowBatch {
    var starts = ContiguousArray<Int32>(repeating: 0, count: count)
    var ends = starts
    if let rows { (starts, ends) = Self.ranges(rows, parents, count: count) }
    var pages = ContiguousArray(
      repeating: PageSlice(offset: page.start, hasNextPage: false, totalCount: totals == nil ? nil : 0), count: count)
    for (number, parent) in parents.enumerated() {
      let place = Int(parent)
      let total = totals.map { Int($0.int64(number, 0)) }
      pages[place].totalCount = total
      if page.last != nil, let total {
        pages[place].offset = page.offset(total: total)
        pages[place].hasNextPage = page.end(total: total) < total
      } else if Int(ends[place] - starts[place]) > page.limit {
        pages[place].hasNextPage = true
        ends[place] = starts[place] + Int32(page.limit)
      }
    }
    guard let rows else { return RowBatch(rowCount: 0, starts: starts, ends: ends, pages: pages) }
    return EntityBatch(rows: rows, columns: columns, types: types, starts: starts, ends: ends, pages: pages)
  }
}
