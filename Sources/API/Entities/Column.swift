/// One value of an entity's row: what it is in SQL and how it is written in a response.
struct Column: Sendable {
  enum Kind: Sendable {
    /// `text`, written as a string.
    case text
    /// A lower-case word, written as the enum value in upper case.
    case enumeration
    case boolean
    case integer
    /// `timestamptz`, written in ISO 8601 with an offset.
    case timestamp
    /// `jsonb`, written as it is.
    case json
    /// JSON object from language to text: the caller's language, else the default one, else "".
    case localized
    case textArray
    /// `uuid`, written as a global id of this type.
    case globalID(type: String)
    /// Text `Type:key`, written in base64.
    case encodedID
    /// `uuid` as a key for other steps; written canonically.
    case uuid
  }

  /// The field's name in the schema, or a name of its own for keys that no field shows.
  let name: String
  /// The expression, with `t` for the entity's table.
  let sql: String
  let kind: Kind
  /// For a column that tells of more rows than its own: what stands in for it, for users who may not see everything.
  var forRestricted: (@Sendable (APIContext, inout StatementBuilder) -> String)?

  /// Nothing.
  @Sendable
  static func withheld(_ context: APIContext, _ builder: inout StatementBuilder) -> String { "null" }
}
