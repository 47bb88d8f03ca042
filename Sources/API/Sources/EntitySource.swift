import GraphQL
import Millrace
import Postgres

/// A source whose rows are rows of an entity.
class EntitySource: StepSource, @unchecked Sendable {  // immutable after initialisation
  let entity: Entity
  let types: [(value: String, type: TypeID)]

  init(
    _ entity: Entity, schema: Schema, name: String, shape: StepSource.Shape, parentProperties: [PropertyID] = []
  ) {
    self.entity = entity
    types = entity.types.compactMap { pair in schema.type(named: pair.type).map { (pair.value, $0) } }
    super.init(name: name, shape: shape, parentProperties: parentProperties)
  }

  /// `, column, …` for what the step asks for, behind the column of the parent's number.
  func selectList(_ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder) -> String {
    var text = ""
    for property in request.properties {
      let column = entity.columns[property.index]
      if case .localized = column.kind {
        let language = builder.bind(text: context.language)
        let fallback = builder.bind(text: context.defaultLanguage)
        text += ", coalesce(\(column.sql) ->> \(language), \(column.sql) ->> \(fallback), '')"
      } else if let other = column.forRestricted, !context.visibility.showsEverything {
        text += ", \(other(context, &builder))"
      } else {
        text += ", \(column.sql)"
      }
    }
    if request.connection.concreteType, let type = entity.typeColumn { text += ", \(entity.columns[type].sql)" }
    return text
  }

  /// The condition that leaves out rows the user may not see; nil when all may be seen.
  func visible(_ context: APIContext, _ builder: inout StatementBuilder) -> String? {
    entity.kind.flatMap { context.visibility.sql($0, alias: "t", &builder) }
  }

  func columns(_ request: StepRequest) -> [Column] {
    request.properties.map { entity.columns[$0.index] }
  }

  func context(_ request: StepRequest) -> APIContext {
    unsafeDowncast(request.context, to: APIContext.self)
  }

  /// The keys of the parents in the slot that the source asked for; rows without a key are left out.
  func bindKeys(
    _ request: StepRequest, _ type: Entity.KeyType, _ builder: inout StatementBuilder
  ) -> (placeholder: String, parents: [Int32])? {
    guard let parents = request.parents.map({ unsafeDowncast($0, to: KeyedBatch.self) }) else { return nil }
    let slot = request.parentSlots[0]
    var numbers: [Int32] = []
    switch type {
    case .uuid:
      var keys: [UUID128] = []
      for row in 0..<parents.rowCount {
        if let key = parents.uuidKey(row: row, slot: slot) {
          keys.append(key)
          numbers.append(Int32(row))
        }
      }
      return (builder.bind(uuids: keys) + "::uuid[]", numbers)
    case .text:
      var keys: [String] = []
      for row in 0..<parents.rowCount {
        if let key = parents.textKey(row: row, slot: slot) {
          keys.append(key)
          numbers.append(Int32(row))
        }
      }
      return (builder.bind(texts: keys) + "::text[]", numbers)
    }
  }

  /// Which rows belong to which parent, from the numbers in the first column, which ascend.
  static func ranges(
    _ rows: Rows, _ parents: [Int32], count: Int
  ) -> (starts: ContiguousArray<Int32>, ends: ContiguousArray<Int32>) {
    var starts = ContiguousArray<Int32>(repeating: 0, count: count)
    var ends = starts
    var row = 0
    for (number, parent) in parents.enumerated() {
      starts[Int(parent)] = Int32(row)
      while row < rows.count, rows.int64(row, 0) == Int64(number + 1) { row += 1 }
      ends[Int(parent)] = Int32(row)
    }
    return (starts, ends)
  }

  /// Sends a statement whose rows are the answer, whole and in their order.
  func send(_ builder: StatementBuilder, _ request: StepRequest, _ context: APIContext) -> StepResult {
    let pending = context.send(SQL(builder.text), builder.parameters)
    let columns = columns(request)
    return .pending(
      PendingEntities(context: context) { [types] in
        let rows = try await pending.rows()
        return EntityBatch(rows: rows, columns: columns, types: types)
      })
  }

  func empty(_ request: StepRequest) -> StepResult {
    let zeros = ContiguousArray<Int32>(repeating: 0, count: request.parentCount)
    let pages = ContiguousArray(
      repeating: PageSlice(offset: 0, hasNextPage: false, totalCount: 0), count: request.parentCount)
    return .ready(RowBatch(rowCount: 0, starts: zeros, ends: zeros, pages: pages))
  }
}

/// Statements on their way, and what their rows come to.
struct PendingEntities: PendingBatch {
  let context: APIContext
  let make: () async throws -> RowBatch

  func batch() async throws(GraphQLError) -> RowBatch {
    do {
      return try await make()
    } catch {
      throw context.masked(error)
    }
  }
}

/// Nothing: for what no row can have yet.
final class EmptySource: StepSource, @unchecked Sendable {  // immutable after initialisation
  init(_ name: String, _ shape: StepSource.Shape) {
    super.init(name: name, shape: shape, isSynchronous: true)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let zeros = ContiguousArray<Int32>(repeating: 0, count: request.parentCount)
    let pages = ContiguousArray(
      repeating: PageSlice(offset: 0, hasNextPage: false, totalCount: 0), count: request.parentCount)
    return .ready(RowBatch(rowCount: 0, starts: zeros, ends: zeros, pages: pages))
  }
}
