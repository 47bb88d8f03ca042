/// The answer to the full introspection query (spec section 4), deprecated definitions included.
public func introspectionFromSchema(_ schema: Schema) -> Value {
  Introspection(schema: schema).schemaValue()
}

private struct Introspection {
  let schema: Schema

  private func object(_ fields: KeyValuePairs<String, Value>) -> Value {
    .object(ValueObject(fields.map { .init(name: $0.key, value: $0.value) }))
  }

  private func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

  private func name(_ id: NameID) -> Value { .string(schema.names.string(id)) }

  func schemaValue() -> Value {
    object([
      "__schema": object([
        "description": text(schema.description),
        "queryType": root(schema.queryType),
        "mutationType": root(schema.mutationType),
        "subscriptionType": root(schema.subscriptionType),
        "types": .list(schema.typeOrder.map { type($0) }),
        "directives": .list(schema.directives.map { directive($0) }),
      ])
    ])
  }

  private func root(_ id: TypeID?) -> Value {
    guard let id else { return .null }
    return object(["name": .string(schema.name(id)), "kind": .string(schema.kind(id).name)])
  }

  private func type(_ id: TypeID) -> Value {
    let type = schema[id]
    let hasFields = type.kind == .object || type.kind == .interface
    return object([
      "kind": .string(type.kind.name),
      "name": .string(schema.name(id)),
      "description": text(type.description),
      "specifiedByURL": text(type.specifiedByURL),
      "isOneOf": type.kind == .inputObject ? .boolean(type.isOneOf) : .null,
      "fields": hasFields ? .list(schema.fields[type.fields].map { field($0) }) : .null,
      "inputFields": type.kind == .inputObject
        ? .list(schema.inputValues[type.inputFields].map { inputValue($0) }) : .null,
      "interfaces": hasFields ? .list(type.interfaces.map { reference(TypeReference($0)) }) : .null,
      "enumValues": type.kind == .enum ? .list(schema.enumValues[type.enumValues].map { enumValue($0) }) : .null,
      "possibleTypes": type.kind.isAbstract ? .list(type.possibleTypes.map { reference(TypeReference($0)) }) : .null,
    ])
  }

  private func field(_ field: FieldDefinition) -> Value {
    object([
      "name": name(field.name),
      "description": text(field.description),
      "args": .list(schema.inputValues[field.arguments].map { inputValue($0) }),
      "type": reference(field.type),
      "isDeprecated": .boolean(field.deprecationReason != nil),
      "deprecationReason": text(field.deprecationReason),
    ])
  }

  private func inputValue(_ value: InputValueDefinition) -> Value {
    object([
      "name": name(value.name),
      "description": text(value.description),
      "type": reference(value.type),
      "defaultValue": value.defaultLiteral.isNone
        ? .null : .string(Printer.print(schema.document(of: value), value.defaultLiteral)),
      "isDeprecated": .boolean(value.deprecationReason != nil),
      "deprecationReason": text(value.deprecationReason),
    ])
  }

  private func enumValue(_ value: EnumValueDefinition) -> Value {
    object([
      "name": name(value.name),
      "description": text(value.description),
      "isDeprecated": .boolean(value.deprecationReason != nil),
      "deprecationReason": text(value.deprecationReason),
    ])
  }

  private func directive(_ directive: DirectiveDefinition) -> Value {
    object([
      "name": name(directive.name),
      "description": text(directive.description),
      "isRepeatable": .boolean(directive.isRepeatable),
      "isDeprecated": .boolean(directive.deprecationReason != nil),
      "deprecationReason": text(directive.deprecationReason),
      "locations": .list(directive.locations.map { .string($0.name) }),
      "args": .list(schema.inputValues[directive.arguments].map { inputValue($0) }),
    ])
  }

  /// The standard query asks for nine levels of `ofType`.
  private func reference(_ type: TypeReference, levels: Int = 9) -> Value {
    if type.isNonNull || type.isList {
      let kind = Value.string(type.isNonNull ? "NON_NULL" : "LIST")
      if levels == 0 { return object(["kind": kind, "name": .null]) }
      return object(["kind": kind, "name": .null, "ofType": reference(type.ofType, levels: levels - 1)])
    }
    let kind = Value.string(schema.kind(type.named).name)
    let name = Value.string(schema.name(type.named))
    return levels == 0 ? object(["kind": kind, "name": name]) : object(["kind": kind, "name": name, "ofType": .null])
  }
}
