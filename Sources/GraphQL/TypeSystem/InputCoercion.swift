/// Fits values to input types.
///
/// Spec: section 3, "Input Coercion" of each type. Works on values, wherever they came from: literals keep enum
/// values apart from text, JSON does not.
struct InputCoercion {
  let types: [TypeDefinition]
  /// JSON writes enum values as text.
  var enumsAreText = false

  struct Failure: Error {
    var message: String
    /// Where within the value, as `.field[0]`.
    var path: String = ""

    func under(_ segment: String) -> Failure {
      Failure(message: message, path: segment + path)
    }
  }

  func coerce(_ value: Value, to type: TypeReference) throws(Failure) -> Value {
    if type.isNonNull {
      if value.isNull { throw Failure(message: "Expected non-nullable type \"\(text(type))\" not to be null.") }
      return try coerce(value, to: type.nullable)
    }
    if value.isNull { return .null }
    if let item = type.item {
      guard case .list(let items) = value else { return .list([try coerce(value, to: item)]) }
      var coerced: [Value] = []
      coerced.reserveCapacity(items.count)
      for (index, element) in items.enumerated() {
        do throws(Failure) {
          coerced.append(try coerce(element, to: item))
        } catch {
          throw error.under("[\(index)]")
        }
      }
      return .list(coerced)
    }
    let named = types[type.named.index]
    switch named.kind {
    case .scalar:
      do throws(ScalarCoercion.Failure) {
        return try (named.scalar ?? .any).parse(value)
      } catch {
        throw Failure(message: error.message)
      }
    case .enumeration:
      return try coerceEnum(value, named)
    default:
      return try coerceObject(value, named)
    }
  }

  private func coerceEnum(_ value: Value, _ type: TypeDefinition) throws(Failure) -> Value {
    let name: String
    switch value {
    case .enumeration(let text): name = text
    case .string(let text) where enumsAreText: name = text
    default:
      throw Failure(message: "Enum \"\(type.name)\" cannot represent non-enum value: \(value.json).")
    }
    guard type.enumValues.contains(where: { $0.name == name }) else {
      throw Failure(message: "Value \"\(name)\" does not exist in \"\(type.name)\" enum.")
    }
    return .enumeration(name)
  }

  private func coerceObject(_ value: Value, _ type: TypeDefinition) throws(Failure) -> Value {
    guard case .object(let given) = value else {
      throw Failure(message: "Expected type \"\(type.name)\" to be an object.")
    }
    for field in given where !type.inputFields.contains(where: { $0.name == field.name }) {
      throw Failure(message: "Field \"\(field.name)\" is not defined by type \"\(type.name)\".")
    }
    var coerced: [Value.Field] = []
    for definition in type.inputFields {
      if let field = given.first(where: { $0.name == definition.name }) {
        do throws(Failure) {
          coerced.append(Value.Field(definition.name, try coerce(field.value, to: definition.type)))
        } catch {
          throw error.under(".\(definition.name)")
        }
      } else if let fallback = definition.defaultValue {
        coerced.append(Value.Field(definition.name, try coerce(fallback, to: definition.type)))
      } else if definition.type.isNonNull {
        throw Failure(
          message: "Field \"\(definition.name)\" of required type \"\(text(definition.type))\" was not provided.")
      }
    }
    if type.isOneOf, coerced.count != 1 || coerced[0].value.isNull {
      throw Failure(message: "Exactly one key must be specified for OneOf type \"\(type.name)\".")
    }
    return .object(coerced)
  }

  func text(_ reference: TypeReference) -> String {
    var text = types[reference.named.index].name
    for wrapper in reference.wrappers.reversed() { text = wrapper == .list ? "[\(text)]" : text + "!" }
    return text
  }
}
