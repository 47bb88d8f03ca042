import GraphQL

/// Makes values the `input` of a mutation.
struct MutationCoercion: Sendable {
  private let schema: Schema
  private let type: TypeReference?

  /// - Parameter mutation: a field of the schema's mutation type.
  init(_ mutation: String, _ schema: Schema) {
    self.schema = schema
    let root = schema.rootType(.mutation)
    let field = schema.names.find(mutation).flatMap { name in root.flatMap { schema.field($0, name) } }
    let arguments = field.map { schema.fields[$0.index].arguments }
    type = schema.names.find("input").flatMap { name in arguments.flatMap { schema.argument($0, name) } }
      .map { schema.inputValues[$0.index].type }
  }

  /// The value as the mutation's input; nil when it is none.
  func callAsFunction(_ value: Value) -> Value? {
    type.flatMap { schema.coerceInputValue(value, $0) }
  }
}
