import GraphQL
import Millrace
import Postgres

/// A plain list of an entity's rows for each parent.
final class ListSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  private let join: String
  private let order: String
  private let keyType: Entity.KeyType
  private let through: (type: StoredType, alias: String)?

  /// - Parameters:
  ///   - join: joins `t` to the parents' keys `p.key`.
  ///   - order: of the rows of one parent.
  ///   - through: a type whose rows lead to these, and its table's alias in `join`, where `{seen}` stands for the
  ///     condition that the user may see them.
  init(
    _ entity: Entity, schema: Schema, name: String, key: PropertyID, keyType: Entity.KeyType, join: String,
    order: String, through: (type: StoredType, alias: String)? = nil
  ) {
    self.join = join
    self.order = order
    self.keyType = keyType
    self.through = through
    super.init(entity, schema: schema, name: name, shape: .list, parentProperties: [key])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    var builder = StatementBuilder()
    guard let (keys, parents) = bindKeys(request, keyType, &builder), !parents.isEmpty else { return empty(request) }
    let context = context(request)
    let list = selectList(request, context, &builder)
    var join = join
    if let through {
      let seen = context.visibility.sql(through.type, alias: through.alias, &builder).map { " and \($0)" } ?? ""
      join = join.replacing("{seen}", with: seen)
    }
    let shown = visible(context, &builder).map { " where \($0)" } ?? ""
    builder.append(
      "select p.ord\(list) from unnest(\(keys)) with ordinality p (key, ord) \(join)\(shown) order by p.ord, \(order)")
    let pending = context.send(SQL(builder.text), builder.parameters)
    let columns = columns(request)
    let count = request.parentCount
    return .pending(
      PendingEntities(context: context) { [types] in
        let rows = try await pending.rows()
        let (starts, ends) = Self.ranges(rows, parents, count: count)
        return EntityBatch(rows: rows, columns: columns, types: types, starts: starts, ends: ends, pages: [])
      })
  }
}
