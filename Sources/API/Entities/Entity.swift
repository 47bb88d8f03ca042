import GraphQL
import Millrace

/// A stored type: its table, and the columns its fields read.
///
/// Several object types may share an entity (the task types); a column's number is its `PropertyID`.
final class Entity: Sendable {
  /// For explanations and messages, as in the schema.
  let name: String
  let table: String
  /// Answers what stands in the table's place where the rows are elsewhere; nil for the table.
  let elsewhere: (@Sendable (APIContext, inout StatementBuilder) -> String?)?
  /// The primary key's column.
  let key: String
  /// How the key travels in parameters.
  let keyType: KeyType
  let columns: [Column]
  /// The column whose value tells the concrete type, for entities with several object types.
  let typeColumn: Int?
  /// Values of the type column and the object types they stand for.
  let types: [(value: String, type: String)]
  /// What makes an order total.
  let tieBreaker: String
  /// What visibilities call the type; nil for types without rules of their own.
  let kind: StoredType?

  enum KeyType: String, Sendable {
    case uuid
    case text
  }

  init(
    name: String, table: String, key: String, keyType: KeyType, columns: [Column],
    types: [(value: String, type: String)] = [],
    elsewhere: (@Sendable (APIContext, inout StatementBuilder) -> String?)? = nil
  ) {
    self.name = name
    self.table = table
    self.elsewhere = elsewhere
    self.key = key
    self.keyType = keyType
    self.columns = columns
    self.types = types
    self.typeColumn = types.isEmpty ? nil : columns.firstIndex { $0.name == "concreteType" }
    self.tieBreaker = "t.\(key)"
    self.kind = StoredType(rawValue: name)
  }

  /// What a statement selects the rows from.
  func rows(_ context: APIContext, _ builder: inout StatementBuilder) -> String {
    elsewhere?(context, &builder) ?? table
  }

  /// The property that a field or a step reads.
  func property(_ name: String) -> PropertyID? {
    columns.firstIndex { $0.name == name }.map(PropertyID.init)
  }

  /// As `property(_:)`, for names that are written in this module.
  func known(_ name: String) -> PropertyID {
    guard let property = property(name) else { preconditionFailure("\(self.name) has no column \(name)") }
    return property
  }
}
