import GraphQL
import Millrace

/// What rows are ordered by: an expression over the row, or something of another row, which counts as null where the
/// user may not see that row.
enum OrderKey: Sendable, ExpressibleByStringLiteral {
  case sql(String)
  /// A column that holds the key of another type's row.
  case reference(StoredType, String)
  /// - rows: `table alias where …`; column: the key of the related row in it; value: what is taken of it.
  case related(StoredType, rows: String, column: String, value: String)

  /// A number that counts hidden rows as well: nothing to order by for who may not see all.
  case count(String)

  init(stringLiteral value: String) { self = .sql(value) }

  func sql(_ context: APIContext, _ builder: inout StatementBuilder) -> String {
    switch self {
    case .sql(let text):
      return text
    case .count(let text):
      return context.visibility.showsEverything ? text : "null::bigint"
    case .reference(let kind, let column):
      guard let seen = FilterSet.isSeen(kind, column, context, &builder) else { return column }
      return "case when \(seen) then \(column) end"
    case .related(let kind, let rows, let column, let value):
      let seen = FilterSet.isSeen(kind, column, context, &builder).map { " and \($0)" } ?? ""
      return "(select \(value) from \(rows)\(seen))"
    }
  }
}
