import GraphQL

/// Which part of a list that is numbered by a column is asked for. Cursors hold the number.
struct KeysetPage {
  let after: Int?
  let before: Int?
  /// Rows at most.
  let limit: Int
  /// Whether the page is the end of what the cursors leave.
  let isFromEnd: Bool

  init(_ arguments: ValueObject, settings: APISettings) throws(GraphQLError) {
    func count(_ name: String) throws(GraphQLError) -> Int? {
      guard let value = arguments[name]?.int else { return nil }
      guard value >= 0 else { throw GraphQLError("`\(name)` must not be negative.", code: "INVALID_INPUT") }
      return min(Int(value), settings.maximumPageSize)
    }
    func cursor(_ name: String) throws(GraphQLError) -> Int? {
      guard let text = arguments[name]?.string, !text.isEmpty else { return nil }
      guard let cursor = Cursor(text) else {
        throw GraphQLError("`\(name)` is not a cursor.", code: "INVALID_INPUT")
      }
      return cursor.offset
    }
    let first = try count("first")
    let last = try count("last")
    guard first == nil || last == nil else {
      throw GraphQLError("Only one of `first` and `last` can be given.", code: "INVALID_INPUT")
    }
    after = try cursor("after")
    before = try cursor("before")
    limit = first ?? last ?? settings.defaultPageSize
    isFromEnd = last != nil
  }

  func conditions(_ column: String, _ builder: inout StatementBuilder) -> [String] {
    var result: [String] = []
    if let after { result.append("\(column) > \(builder.bind(integer: after))") }
    if let before { result.append("\(column) < \(builder.bind(integer: before))") }
    return result
  }

  /// - Parameter rowCount: of `limit + 1` rows that were asked for.
  func slice(rowCount: Int, total: Int?) -> PageSlice {
    let hasMore = rowCount > limit
    return PageSlice(
      offset: (isFromEnd ? hasMore : after != nil) ? 1 : 0, hasNextPage: isFromEnd ? before != nil : hasMore,
      totalCount: total)
  }

  /// The rows of the page among those.
  func shown(rowCount: Int) -> Range<Int> {
    let count = min(rowCount, limit)
    return isFromEnd ? rowCount - count..<rowCount : 0..<count
  }
}
