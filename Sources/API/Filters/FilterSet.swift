import GraphQL
import Millrace
import Postgres

/// The filters of an entity: each key of the input type with the condition it stands for.
///
/// Elements of the list and keys of an element all have to hold. A key without a value (null, an empty text or
/// list) restricts nothing. `invert` turns an element around. A setting has only the first key of an element apply.
struct FilterSet: Sendable {
  /// Answers the condition of a value, or nil when it restricts nothing.
  typealias Condition = @Sendable (Value, APIContext, inout StatementBuilder) throws(GraphQLError) -> String?

  let keys: [String: Condition]

  init(keys parts: [String: Condition]...) {
    var keys: [String: Condition] = [:]
    for part in parts { keys.merge(part) { first, _ in first } }
    self.keys = keys
  }

  func conditions(
    _ argument: Value?, _ context: APIContext, _ builder: inout StatementBuilder
  ) throws(GraphQLError) -> [String] {
    var result: [String] = []
    for element in argument?.list ?? [] {
      guard case .object(let object) = element else { continue }
      var parts: [String] = []
      // Coerced, the keys stand in the order of the schema.
      let given = object.fields.filter { $0.name != "invert" }
      for field in context.settings.filterKeys == .first ? given.prefix(1) : given[...] {
        guard !Self.isEmpty(field.value), let condition = keys[field.name] else { continue }
        if let part = try condition(field.value, context, &builder) { parts.append(part) }
      }
      guard !parts.isEmpty else { continue }
      let all = parts.joined(separator: " and ")
      // A comparison with null is neither true nor false; inverted it counts as not matching, so it is kept.
      result.append(element["invert"]?.boolean == true ? "(\(all)) is not true" : all)
    }
    return result
  }

  private static func isEmpty(_ value: Value) -> Bool {
    switch value {
    case .null, .string(""): true
    case .list(let items): items.isEmpty
    default: false
    }
  }

  // MARK: Conditions

  static func text(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in "\(column) = \(builder.bind(text: value.string ?? ""))" }
  }

  static func localized(_ column: String) -> Condition {
    { (value, context, builder) throws(GraphQLError) in
      let language = builder.bind(text: context.language)
      return "\(column) ->> \(language) = \(builder.bind(text: value.string ?? ""))"
    }
  }

  /// A slug, or the global id of an object with one.
  static func slug(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) = \(builder.bind(text: GlobalID.key(value.string ?? "")))"
    }
  }

  static func slugs(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) = any(\(builder.bind(texts: (value.list ?? []).compactMap(\.string))))"
    }
  }

  static func uuid(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) = \(builder.bind(uuid: try GlobalID.uuid(value.string ?? "")))"
    }
  }

  static func uuids(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      var ids: [UUID128] = []
      for item in value.list ?? [] { if let text = item.string { ids.append(try GlobalID.uuid(text)) } }
      return "\(column) = any(\(builder.bind(uuids: ids)))"
    }
  }

  static func boolean(_ column: String) -> Condition {
    { (value, _, _) throws(GraphQLError) in value.boolean == true ? column : "not \(column)" }
  }

  /// An enum value, stored in lower case.
  static func enumeration(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) = \(builder.bind(text: (value.string ?? "").lowercased()))"
    }
  }

  static func enumerations(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) = any(\(builder.bind(texts: (value.list ?? []).compactMap { $0.string?.lowercased() })))"
    }
  }

  static func time(_ column: String, _ comparison: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      guard let time = value.string.flatMap({ Timestamp($0) }) else {
        throw GraphQLError("Enter a valid date/time.", code: "INVALID_INPUT")
      }
      return "\(column) \(comparison) \(builder.bind(timestamp: time))"
    }
  }

  /// Whether the column has any of the texts.
  static func overlap(_ column: String) -> Condition {
    { (value, _, builder) throws(GraphQLError) in
      "\(column) && \(builder.bind(texts: (value.list ?? []).compactMap(\.string)))"
    }
  }

  /// Whether a row of another table exists for which the condition holds.
  static func exists(_ rows: String, _ condition: @escaping Condition) -> Condition {
    { (value, context, builder) throws(GraphQLError) in
      try condition(value, context, &builder).map { "exists (select 1 from \(rows) and \($0))" }
    }
  }

  /// As `condition`, but only where the user may see the row that the column points to: a filter must not tell what
  /// a hidden row has.
  static func seen(_ kind: StoredType, _ column: String, _ condition: @escaping Condition) -> Condition {
    { (value, context, builder) throws(GraphQLError) in
      guard let part = try condition(value, context, &builder) else { return nil }
      guard let seen = isSeen(kind, column, context, &builder) else { return part }
      return "(\(part) and \(seen))"
    }
  }

  /// Whether the user may see the row that the column points to; nil when all may be seen.
  static func isSeen(
    _ kind: StoredType, _ column: String, _ context: APIContext, _ builder: inout StatementBuilder
  ) -> String? {
    context.visibility.sql(kind, alias: "r", &builder).map {
      "exists (select 1 from \(kind.table) r where r.\(kind.key) = \(column) and \($0))"
    }
  }

  /// Whole words in the columns' texts, as the database's text search finds them.
  static func search(_ columns: [String]) -> Condition {
    { (value, context, builder) throws(GraphQLError) in
      let language = builder.bind(text: context.language)
      let texts = columns.map { column in
        column.hasPrefix("l:") ? "coalesce(\(column.dropFirst(2)) ->> \(language), '')" : "coalesce(\(column), '')"
      }
      let document = texts.joined(separator: " || ' ' || ")
      return "to_tsvector(\(document)) @@ plainto_tsquery(\(builder.bind(text: value.string ?? "")))"
    }
  }

  /// Looks into documents or answers.
  static func needsForms(_ key: String) -> (String, Condition) {
    (
      key,
      { (_, _, _) throws(GraphQLError) in
        throw GraphQLError(
          "The filter \(key) looks into documents, which this version does not have yet.", code: "FORMS_NOT_AVAILABLE")
      }
    )
  }

  static let audit: [String: Condition] = [
    "createdByUser": text("t.created_by_user"),
    "createdByGroup": text("t.created_by_group"),
    "modifiedByUser": text("t.modified_by_user"),
    "modifiedByGroup": text("t.modified_by_group"),
    "createdBefore": time("t.created_at", "<"),
    "createdAfter": time("t.created_at", ">="),
    "modifiedBefore": time("t.modified_at", "<"),
    "modifiedAfter": time("t.modified_at", ">="),
  ]

  static let meta: [String: Condition] = [
    "metaHasKey": { (value, _, builder) throws(GraphQLError) in
      "t.meta ? \(builder.bind(text: value.string ?? ""))"
    },
    "metaValue": MetaFilter.condition("t.meta"),
  ]
}
