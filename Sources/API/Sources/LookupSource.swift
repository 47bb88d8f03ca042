import GraphQL
import Millrace
import Postgres

/// The one row of an entity that a parent points to. Parents that point to the same row share it.
final class LookupSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  /// The column that the parent's key is compared with.
  private let match: String
  private let keyType: Entity.KeyType
  /// `Type.field`, as `suppressVisibility` names it.
  private let coordinate: String?

  /// - Parameters:
  ///   - key: the parent's property that holds the key.
  ///   - match: the column of this entity, the primary key unless given.
  ///   - coordinate: the field, where modules may suppress its visibility.
  init(
    _ entity: Entity, schema: Schema, name: String, key: PropertyID, match: String? = nil,
    keyType: Entity.KeyType? = nil, coordinate: String? = nil
  ) {
    self.match = match ?? "t.\(entity.key)"
    self.keyType = keyType ?? entity.keyType
    self.coordinate = coordinate
    super.init(entity, schema: schema, name: name, shape: .one, parentProperties: [key])
  }

  override var beginsAhead: Bool { true }

  override func begin(_ request: StepRequest) -> StepResult {
    guard let batch = request.parents else { return empty(request) }
    let parents = unsafeDowncast(batch, to: KeyedBatch.self)
    var builder = StatementBuilder()
    let places: [Int32]
    // One key is compared as itself: Postgres keeps the plan then, while for a list it thinks anew about every length.
    let isSingle: Bool
    let key: String
    switch keyType {
    case .uuid:
      let (distinct, found) = Self.distinct(parents.rowCount) { parents.uuidKey(row: $0, slot: request.parentSlots[0]) }
      guard !distinct.isEmpty else { return empty(request) }
      isSingle = distinct.count == 1
      key = isSingle ? builder.bind(uuid: distinct[0]) : builder.bind(uuids: distinct) + "::uuid[]"
      places = found
    case .text:
      let (distinct, found) = Self.distinct(parents.rowCount) { parents.textKey(row: $0, slot: request.parentSlots[0]) }
      guard !distinct.isEmpty else { return empty(request) }
      isSingle = distinct.count == 1
      key = isSingle ? builder.bind(text: distinct[0]) : builder.bind(texts: distinct) + "::text[]"
      places = found
    }
    let context = context(request)
    let list = selectList(request, context, &builder)
    let table = entity.rows(context, &builder)
    if isSingle {
      builder.append("select 1::bigint\(list) from \(table) t where \(match) = \(key)")
    } else {
      builder.append(
        "select p.ord\(list) from unnest(\(key)) with ordinality p (key, ord) join \(table) t on \(match) = p.key "
          + "where true"
      )
    }
    if !(coordinate.map(context.visibility.isSuppressed) ?? false), let shown = visible(context, &builder) {
      builder.append(" and \(shown)")
    }
    let pending = context.send(SQL(builder.text), builder.parameters)
    let columns = columns(request)
    return .pending(
      PendingEntities(context: context) { [types] in
        let rows = try await pending.rows()
        var rowOf = [Int32](repeating: -1, count: places.count)
        for row in 0..<rows.count { rowOf[Int(rows.int64(row, 0)) - 1] = Int32(row) }
        var starts = ContiguousArray<Int32>()
        var ends = ContiguousArray<Int32>()
        for place in places {
          let row = place < 0 ? -1 : rowOf[Int(place)]
          starts.append(max(row, 0))
          ends.append(row < 0 ? 0 : row + 1)
        }
        return EntityBatch(rows: rows, columns: columns, types: types, starts: starts, ends: ends, pages: [])
      })
  }

  /// The different keys, and for each parent the place of its key, -1 without one.
  private static func distinct<Key: Hashable>(
    _ count: Int, _ key: (Int) -> Key?
  ) -> (keys: [Key], places: [Int32]) {
    var keys: [Key] = []
    var places: [Int32] = []
    var known: [Key: Int32] = [:]
    places.reserveCapacity(count)
    for row in 0..<count {
      guard let value = key(row) else {
        places.append(-1)
        continue
      }
      if let place = known[value] {
        places.append(place)
      } else {
        known[value] = Int32(keys.count)
        places.append(Int32(keys.count))
        keys.append(value)
      }
    }
    return (keys, places)
  }
}
