extension Schema {
  /// Builds a schema from a text of the schema language.
  /// - Parameters:
  ///   - scalars: coercions of custom scalars by name; a custom scalar without one accepts any value.
  ///   - assumeValid: skips all rules; only for texts that have passed them before.
  /// - Throws: `SchemaErrors` with everything that is wrong with the document or the type system.
  public static func build(
    _ source: String, scalars: [String: ScalarCoercion] = [:], assumeValid: Bool = false
  ) throws(SchemaErrors) -> Schema {
    let document: Document
    do throws(GraphQLError) {
      document = try Parser.parse(source, limits: .trusted)
    } catch {
      throw SchemaErrors(errors: [error])
    }
    return try build(document, scalars: scalars, assumeValid: assumeValid)
  }

  /// Builds a schema from a document of the schema language.
  public static func build(
    _ document: Document, scalars: [String: ScalarCoercion] = [:], assumeValid: Bool = false
  ) throws(SchemaErrors) -> Schema {
    if !assumeValid {
      let errors = validateSDL(document)
      if !errors.isEmpty { throw SchemaErrors(errors: errors) }
    }
    let schema = try unchecked(document, scalars: scalars)
    if !assumeValid {
      let errors = validateSchema(schema)
      if !errors.isEmpty { throw SchemaErrors(errors: errors) }
    }
    return schema
  }

  /// Builds without any rule.
  static func unchecked(
    _ document: Document, scalars: [String: ScalarCoercion] = [:]
  ) throws(SchemaErrors) -> Schema {
    var builder = SchemaBuilder(document: document)
    do throws(GraphQLError) {
      try builder.build(scalars: scalars)
    } catch {
      throw SchemaErrors(errors: [error])
    }
    let none = ContiguousArray<Value?>(repeating: nil, count: builder.inputValues.count)
    // Defaults may rest on the defaults of input objects' fields, so they settle one level of nesting per round.
    var schema = Schema(builder: builder, defaultValues: none)
    for _ in 0..<Limits().maxJSONDepth {
      let defaults = ContiguousArray(
        schema.inputValues.map { value in
          value.defaultLiteral.isNone || !schema.kind(value.type.named).isInput
            ? nil : schema.valueFromAST(schema.document(of: value), value.defaultLiteral, value.type)
        })
      if defaults == schema.defaultValues { break }
      schema = Schema(builder: builder, defaultValues: defaults)
    }
    return schema
  }
}

/// Everything that is wrong with a schema document.
public struct SchemaErrors: Error, Sendable, Equatable {
  public let errors: [GraphQLError]

  public init(errors: [GraphQLError]) { self.errors = errors }
}
