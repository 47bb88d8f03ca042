import GraphQL

/// What an object of an introspection type stands for (spec section 4.2).
enum IntrospectionSource {
  case schema
  case type(TypeReference)
  case field(FieldDefinition)
  case input(InputValueDefinition)
  case enumValue(EnumValueDefinition)
  case directive(DirectiveDefinition)

  func resolve(
    _ field: String, _ arguments: ValueObject, _ schema: Schema, _ edition: IntrospectionEdition
  ) -> Executor.Outcome {
    let all = arguments["includeDeprecated"] == .boolean(true)
    switch self {
    case .schema: return resolveSchema(field, all, schema)
    case .type(let type): return resolveType(type, field, all, schema, edition)
    case .field(let definition):
      switch field {
      case "args": return inputs(definition.arguments, all, schema)
      case "type": return .object(.introspection(.type(definition.type)))
      default: return common(field, definition.name, definition.description, definition.deprecationReason, schema)
      }
    case .input(let definition):
      switch field {
      case "type": return .object(.introspection(.type(edition.type(of: definition))))
      case "defaultValue":
        return definition.defaultLiteral.isNone
          ? .null : .value(.string(Printer.print(schema.document(of: definition), definition.defaultLiteral)))
      default: return common(field, definition.name, definition.description, definition.deprecationReason, schema)
      }
    case .enumValue(let definition):
      if field == "description" { return text(edition.description(of: definition, schema)) }
      return common(field, definition.name, definition.description, definition.deprecationReason, schema)
    case .directive(let definition):
      switch field {
      case "isRepeatable": return .value(.boolean(definition.isRepeatable))
      case "locations": return .value(.list(definition.locations.map { .enumValue($0.name) }))
      case "args": return inputs(definition.arguments, all, schema)
      case "description": return text(edition.description(of: definition, schema))
      default: return common(field, definition.name, definition.description, definition.deprecationReason, schema)
      }
    }
  }

  private func text(_ text: String?) -> Executor.Outcome { text.map { .value(.string($0)) } ?? .null }

  private func common(
    _ field: String, _ name: NameID, _ description: String?, _ reason: String?, _ schema: Schema
  ) -> Executor.Outcome {
    switch field {
    case "name": .value(.string(schema.names.string(name)))
    case "description": text(description)
    case "isDeprecated": .value(.boolean(reason != nil))
    case "deprecationReason": text(reason)
    default: .null
    }
  }

  private func inputs(_ range: Range<Int>, _ all: Bool, _ schema: Schema) -> Executor.Outcome {
    .list(
      schema.inputValues[range].filter { all || $0.deprecationReason == nil }.map {
        .object(.introspection(.input($0)))
      })
  }

  private func types(_ ids: [TypeID]) -> Executor.Outcome {
    .list(ids.map { .object(.introspection(.type(TypeReference($0)))) })
  }

  private func resolveSchema(_ field: String, _ all: Bool, _ schema: Schema) -> Executor.Outcome {
    let root = { (id: TypeID?) -> Executor.Outcome in
      id.map { .object(.introspection(.type(TypeReference($0)))) } ?? .null
    }
    switch field {
    case "description": return text(schema.description)
    case "types": return types(schema.typeOrder)
    case "queryType": return root(schema.queryType)
    case "mutationType": return root(schema.mutationType)
    case "subscriptionType": return root(schema.subscriptionType)
    case "directives":
      return .list(
        schema.directives.filter { all || $0.deprecationReason == nil }.map { .object(.introspection(.directive($0))) })
    default: return .null
    }
  }

  private func resolveType(
    _ reference: TypeReference, _ field: String, _ all: Bool, _ schema: Schema, _ edition: IntrospectionEdition
  ) -> Executor.Outcome {
    if !reference.isNamed {
      switch field {
      case "kind": return .value(.enumValue(reference.isNonNull ? "NON_NULL" : "LIST"))
      case "ofType": return .object(.introspection(.type(reference.ofType)))
      default: return .null
      }
    }
    let type = schema[reference.named]
    switch field {
    case "kind": return .value(.enumValue(type.kind.name))
    case "name": return .value(.string(schema.name(reference.named)))
    case "description": return text(type.description)
    case "specifiedByURL": return text(type.specifiedByURL)
    case "isOneOf": return type.kind == .inputObject ? .value(.boolean(type.isOneOf)) : .null
    case "fields" where type.kind == .object || type.kind == .interface:
      return .list(
        schema.fields[type.fields].filter { all || $0.deprecationReason == nil }.map {
          .object(.introspection(.field($0)))
        })
    case "interfaces" where type.kind == .object || type.kind == .interface: return types(type.interfaces)
    case "possibleTypes" where type.kind.isAbstract: return types(type.possibleTypes)
    case "enumValues" where type.kind == .enum:
      return .list(
        edition.values(of: reference.named, schema).filter { all || $0.deprecationReason == nil }.map {
          .object(.introspection(.enumValue($0)))
        })
    case "inputFields" where type.kind == .inputObject: return inputs(type.inputFields, all, schema)
    default: return .null
    }
  }
}
