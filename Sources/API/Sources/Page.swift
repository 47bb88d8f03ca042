import GraphQL

/// Which part of a list is asked for.
///
/// Spec: Relay's cursor connections, with `offset` as an addition: it is added to what `after` skips.
struct Page: Equatable {
  /// Rows to skip.
  let start: Int
  /// Rows from `start` at most, but for `last`.
  let limit: Int
  /// Number of the row that ends the page; nil for the end of the list.
  let before: Int?
  let last: Int?

  init(_ arguments: ValueObject, settings: APISettings) throws(GraphQLError) {
    func count(_ name: String) throws(GraphQLError) -> Int? {
      guard let value = arguments[name]?.int.map({ Int($0) }) else { return nil }
      guard value >= 0 else {
        throw GraphQLError("`\(name)` must not be negative.", code: "INVALID_INPUT")
      }
      return value
    }
    func cursor(_ name: String) throws(GraphQLError) -> Int? {
      guard let text = arguments[name]?.string, !text.isEmpty else { return nil }
      guard let cursor = Cursor(text) else {
        throw GraphQLError("`\(name)` is not a cursor.", code: "INVALID_INPUT")
      }
      return cursor.offset
    }
    let offset = try count("offset") ?? 0
    before = try cursor("before")
    if before != nil, offset > 0 {
      throw GraphQLError(
        "You can't provide a `before` value at the same time as an `offset` value.", code: "INVALID_INPUT")
    }
    start = min((try cursor("after")).map { $0 + 1 } ?? 0, 1 << 40) + offset
    last = try count("last").map { min($0, settings.maximumPageSize) }
    var limit = try count("first").map { min($0, settings.maximumPageSize) }
    if limit == nil { limit = last != nil || before != nil ? settings.maximumPageSize : settings.defaultPageSize }
    if let before { limit = min(limit ?? before, max(before - start, 0)) }
    self.limit = limit ?? settings.defaultPageSize
  }

  /// `last` counts from the end, so the length has to be known.
  var needsTotal: Bool { last != nil }

  /// The first row of the page in a list of this length.
  func offset(total: Int) -> Int {
    guard let last else { return start }
    return max(start, end(total: total) - last)
  }

  /// The row behind the page, with `last`.
  func end(total: Int) -> Int {
    max(min(total, before ?? total, start + limit), start)
  }
}
