/// The variables of an operation, as its definition declares them.
struct VariableDefinitions: Sendable {
  struct Definition: Sendable {
    let name: String
    let type: TypeReference
    let defaultValue: Value?
    let start: UInt32
  }

  let definitions: [Definition]

  func number(of name: String) -> Int? {
    definitions.firstIndex { $0.name == name }
  }
}

/// The values of an operation's variables for one request.
public struct CoercedVariables: Sendable {
  let definitions: VariableDefinitions
  /// Nil where a variable was not provided and has no default.
  let values: [Value?]

  func value(named name: String) -> Value? {
    definitions.number(of: name).flatMap { values[$0] }
  }
}

/// Spec: 6.1.2 `CoerceVariableValues`. All errors are collected, one per variable.
func coerceVariableValues(
  schema: Schema, document: Document, definitions: VariableDefinitions, given: Value
) -> Result<CoercedVariables, SchemaErrors> {
  var coercion = InputCoercion(types: schema.types)
  coercion.enumsAreText = true
  var values: [Value?] = []
  var errors: [GraphQLError] = []
  for definition in definitions.definitions {
    func report(_ message: String) {
      errors.append(
        GraphQLError(message, locations: [document.location(definition.start)], code: "BAD_USER_INPUT"))
      values.append(nil)
    }
    guard let value = given[definition.name] else {
      if let fallback = definition.defaultValue {
        values.append(fallback)
      } else if definition.type.isNonNull {
        report(
          "Variable \"$\(definition.name)\" of required type \"\(schema.text(definition.type))\" was not provided.")
      } else {
        values.append(nil)
      }
      continue
    }
    if value.isNull, definition.type.isNonNull {
      report(
        "Variable \"$\(definition.name)\" of non-null type \"\(schema.text(definition.type))\" must not be null.")
      continue
    }
    do throws(InputCoercion.Failure) {
      values.append(try coercion.coerce(value, to: definition.type))
    } catch {
      let place = error.path.isEmpty ? "" : " at \"\(definition.name)\(error.path)\""
      report("Variable \"$\(definition.name)\" got invalid value \(value.json)\(place); \(error.message)")
    }
  }
  guard errors.isEmpty else { return .failure(SchemaErrors(errors: errors)) }
  return .success(CoercedVariables(definitions: definitions, values: values))
}

/// Spec: 6.4.1 `CoerceArgumentValues`.
func coerceArgumentValues(
  schema: Schema, definitions: [InputValueDefinition], node: FieldNode, document: Document,
  variables: CoercedVariables?
) throws(GraphQLError) -> ArgumentValues {
  let coercion = InputCoercion(types: schema.types)
  let reader = ValueReader(document: document)
  var values: [Value.Field] = []
  for definition in definitions {
    let argument = node.arguments.indices.first { document.text(document.arguments[$0].name) == definition.name }
    let literal = argument.map { document.values[Int(document.arguments[$0].value)] }
    guard let literal, let value = reader.value(literal, variables: variables) else {
      if let fallback = definition.defaultValue {
        values.append(Value.Field(definition.name, fallback))
      } else if definition.type.isNonNull {
        throw GraphQLError(
          "Argument \"\(definition.name)\" of required type \"\(schema.text(definition.type))\" was not provided.",
          locations: [document.location(node.start)], code: "BAD_USER_INPUT")
      }
      continue
    }
    if literal.kind == .variable {
      // Coerced already, to a type that validation found to fit.
      guard !(value.isNull && definition.type.isNonNull) else {
        throw GraphQLError(
          "Argument \"\(definition.name)\" of non-null type \"\(schema.text(definition.type))\" must not be null.",
          locations: [document.location(literal.start)], code: "BAD_USER_INPUT")
      }
      values.append(Value.Field(definition.name, definition.type.item != nil ? wrapped(value) : value))
      continue
    }
    do throws(InputCoercion.Failure) {
      values.append(Value.Field(definition.name, try coercion.coerce(value, to: definition.type)))
    } catch {
      throw GraphQLError(
        "Argument \"\(definition.name)\" has invalid value: \(error.message)",
        locations: [document.location(literal.start)], code: "BAD_USER_INPUT")
    }
  }
  return ArgumentValues(values)
}

/// A single value stands for a list of one.
private func wrapped(_ value: Value) -> Value {
  switch value {
  case .list, .null: value
  default: .list([value])
  }
}
