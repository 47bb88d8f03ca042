/// The introspection fields as sources over the schema itself.
///
/// Spec: 4.2 "Schema Introspection". Rows are small values that point into the schema; every source answers at
/// once.
enum IntrospectionBinding {
  static let rootResolvers: [String: FieldResolver] = [
    "__schema": .step(IntrospectionSource("__schema", .one) { _, _, _ in [.schema] }),
    "__type": .step(
      IntrospectionSource("__type", .one) { _, schema, arguments in
        guard let name = arguments["name"]?.string, let id = schema.type(named: name) else { return [] }
        return [.type(TypeReference(id))]
      }),
  ]

  static let resolvers: [String: FieldResolver] = {
    var table: [String: FieldResolver] = [:]
    for property in IntrospectionProperty.allCases {
      for type in property.types { table["\(type).\(property.name)"] = .property(PropertyID(property.rawValue)) }
    }
    for (coordinate, source) in sources { table[coordinate] = .step(source) }
    return table
  }()

  private static func visible<Element>(
    _ items: [Element], _ arguments: ValueObject, _ reason: (Element) -> String?
  ) -> [Element] {
    arguments["includeDeprecated"]?.boolean == true ? items : items.filter { reason($0) == nil }
  }

  private static let sources: [String: IntrospectionSource] = [
    "__Schema.types": IntrospectionSource("types", .list) { _, schema, _ in
      schema.typeOrder.map { .type(TypeReference($0)) }
    },
    "__Schema.queryType": root("queryType") { $0.queryType },
    "__Schema.mutationType": root("mutationType") { $0.mutationType },
    "__Schema.subscriptionType": root("subscriptionType") { $0.subscriptionType },
    "__Schema.directives": IntrospectionSource("directives", .list) { _, schema, arguments in
      visible(Array(schema.directives), arguments, \.deprecationReason).map { .directive($0) }
    },
    "__Type.fields": IntrospectionSource("fields", .list) { row, schema, arguments in
      guard case .type(let reference) = row, reference.isNamed else { return nil }
      let type = schema[reference.named]
      guard type.kind == .object || type.kind == .interface else { return nil }
      return visible(Array(schema.fields[type.fields]), arguments, \.deprecationReason).map { .field($0) }
    },
    "__Type.interfaces": IntrospectionSource("interfaces", .list) { row, schema, _ in
      guard case .type(let reference) = row, reference.isNamed else { return nil }
      let type = schema[reference.named]
      guard type.kind == .object || type.kind == .interface else { return nil }
      return type.interfaces.map { .type(TypeReference($0)) }
    },
    "__Type.possibleTypes": IntrospectionSource("possibleTypes", .list) { row, schema, _ in
      guard case .type(let reference) = row, reference.isNamed, schema.kind(reference.named).isAbstract
      else { return nil }
      return schema[reference.named].possibleTypes.map { .type(TypeReference($0)) }
    },
    "__Type.enumValues": IntrospectionSource("enumValues", .list) { row, schema, arguments in
      guard case .type(let reference) = row, reference.isNamed,
        schema.kind(reference.named) == .enum
      else { return nil }
      return visible(Array(schema.enumValues[schema[reference.named].enumValues]), arguments, \.deprecationReason).map {
        .enumValue($0)
      }
    },
    "__Type.inputFields": IntrospectionSource("inputFields", .list) { row, schema, arguments in
      guard case .type(let reference) = row, reference.isNamed,
        schema.kind(reference.named) == .inputObject
      else { return nil }
      return visible(Array(schema.inputValues[schema[reference.named].inputFields]), arguments, \.deprecationReason).map
      { .input($0) }
    },
    "__Type.ofType": IntrospectionSource("ofType", .one) { row, _, _ in
      guard case .type(let reference) = row, !reference.isNamed else { return nil }
      return [.type(reference.ofType)]
    },
    "__Field.args": IntrospectionSource("args", .list) { row, schema, arguments in
      guard case .field(let field) = row else { return nil }
      return visible(Array(schema.inputValues[field.arguments]), arguments, \.deprecationReason).map { .input($0) }
    },
    "__Field.type": IntrospectionSource("type", .one) { row, _, _ in
      if case .field(let field) = row { [.type(field.type)] } else { nil }
    },
    "__InputValue.type": IntrospectionSource("type", .one) { row, _, _ in
      if case .input(let input) = row { [.type(input.type)] } else { nil }
    },
    "__Directive.args": IntrospectionSource("args", .list) { row, schema, arguments in
      guard case .directive(let directive) = row else { return nil }
      return visible(Array(schema.inputValues[directive.arguments]), arguments, \.deprecationReason).map { .input($0) }
    },
  ]

  private static func root(
    _ name: String, _ type: @escaping @Sendable (Schema) -> TypeID?
  ) -> IntrospectionSource {
    IntrospectionSource(name, .one) { _, schema, _ in
      type(schema).map { [.type(TypeReference($0))] }
    }
  }
}
