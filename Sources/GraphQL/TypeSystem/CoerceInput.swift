/// Coerced variables of one request, by name. A variable that was not given and has no default is absent.
public struct VariableValues: Sendable, Equatable {
  /// The values in the order of their definitions.
  public var values: ValueObject
  /// For a plan's scopes of fragments with variables of their own: the values there.
  var fragmentScopes: [ValueObject] = []

  public init(_ values: ValueObject = ValueObject()) { self.values = values }

  /// The values in one of a plan's scopes; 0 is the operation's.
  func scope(_ number: Int) -> VariableValues {
    number == 0 || number > fragmentScopes.count ? self : VariableValues(fragmentScopes[number - 1])
  }

  /// The value of a variable, or nil if it has none.
  public subscript(name: String) -> Value? { values[name] }
}

/// Coercion of input values, as it happens after validation: a value or nothing. The texts for what is wrong come from
/// `InputValidation`, which runs only when coercion has failed.
extension Schema {
  /// Coerces an external value, such as one from JSON (spec section 3.10, 3.11, "Input Coercion"). Nil if it is not
  /// valid.
  public func coerceInputValue(_ value: Value?, _ type: TypeReference) -> Value? {
    if type.isNonNull {
      guard let value, !value.isNull else { return nil }
      return coerceInputValue(value, type.ofType)
    }
    guard let value, !value.isNull else { return .null }
    if type.isList {
      guard case .list(let items) = value else { return coerceInputValue(value, type.ofType).map { .list([$0]) } }
      var coerced: [Value] = []
      coerced.reserveCapacity(items.count)
      for item in items {
        guard let item = coerceInputValue(item, type.ofType) else { return nil }
        coerced.append(item)
      }
      return .list(coerced)
    }
    guard kind(type.named) == .inputObject else { return try? coerceLeaf(value, type.named, isLiteral: false) }
    guard case .object(let object) = value else { return nil }
    let definition = types[type.named.index]
    for field in object.fields {
      guard let name = names.find(field.name), inputField(type.named, name) != nil else { return nil }
    }
    var coerced = ValueObject()
    for index in definition.inputFields {
      let field = inputValues[index]
      let name = names.string(field.name)
      if let given = object[name] {
        guard let value = coerceInputValue(given, field.type) else { return nil }
        coerced.fields.append(.init(name: name, value: value))
      } else if field.isRequired {
        return nil
      } else if let value = defaultValues[index] {
        coerced.fields.append(.init(name: name, value: value))
      }
    }
    if definition.isOneOf {
      guard object.fields.count == 1, coerced.fields.count == 1, !coerced.fields[0].value.isNull else { return nil }
    }
    return .object(coerced)
  }

  /// Coerces a literal (spec section 5.6, 6.4.1). Nil if it is not valid. Without variables every variable counts as
  /// absent.
  public func valueFromAST(
    _ document: Document, _ node: NodeID, _ type: TypeReference, variables: VariableValues? = nil
  ) -> Value? {
    let kind = document[node].kind
    if kind == .variable {
      let value = variables?[document.name(node)]
      if value == nil || value == .null, type.isNonNull { return nil }
      return value
    }
    if type.isNonNull {
      return kind == .nullValue ? nil : valueFromAST(document, node, type.ofType, variables: variables)
    }
    if kind == .nullValue { return .null }
    if type.isList {
      let itemType = type.ofType
      guard kind == .listValue else {
        return valueFromAST(document, node, itemType, variables: variables).map { .list([$0]) }
      }
      var coerced: [Value] = []
      for item in document.list(document[node].children) {
        if let value = valueFromAST(document, item, itemType, variables: variables) {
          coerced.append(value)
        } else if document[item].kind == .variable && !itemType.isNonNull {
          // A variable without value within a list is null.
          coerced.append(.null)
        } else {
          return nil
        }
      }
      return .list(coerced)
    }
    guard self.kind(type.named) == .inputObject else {
      guard let value = untypedValue(document, node, variables: variables) else { return nil }
      let printed: String? = if kind == .intValue, case .float = value { document.text(node) } else { nil }
      return try? coerceLeaf(value, type.named, isLiteral: true, printed: printed)
    }
    guard kind == .objectValue else { return nil }
    return objectFromAST(document, node, type.named, variables: variables)
  }

  private func objectFromAST(
    _ document: Document, _ node: NodeID, _ type: TypeID, variables: VariableValues?
  ) -> Value? {
    var given: [(name: NameID, value: NodeID)] = []
    for field in document.list(document[node].children) {
      guard let name = document.names.withBytes(document[field].name, { names.find($0) }), inputField(type, name) != nil
      else { return nil }
      given.append((name, document[field].value))
    }
    var coerced = ValueObject()
    for index in types[type.index].inputFields {
      let field = inputValues[index]
      var literal = given.last { $0.name == field.name }?.value
      if let node = literal, document[node].kind == .variable, variables?[document.name(node)] == nil { literal = nil }
      if let literal {
        guard let value = valueFromAST(document, literal, field.type, variables: variables) else { return nil }
        coerced.fields.append(.init(name: names.string(field.name), value: value))
      } else if field.isRequired {
        return nil
      } else if let value = defaultValues[index] {
        coerced.fields.append(.init(name: names.string(field.name), value: value))
      }
    }
    if types[type.index].isOneOf {
      guard given.count == 1, coerced.fields.count == 1, !coerced.fields[0].value.isNull else { return nil }
    }
    return .object(coerced)
  }

  /// A literal as a value without any type: what a custom scalar gets. Nil for a variable without value.
  func untypedValue(_ document: Document, _ node: NodeID, variables: VariableValues?) -> Value? {
    switch document[node].kind {
    case .variable: return variables?[document.name(node)]
    case .intValue:
      let text = document.text(node)
      return Int64(text).map { .int($0) } ?? .float(Double(text) ?? .infinity)
    case .floatValue: return .float(Double(document.text(node)) ?? .infinity)
    case .stringValue: return .string(document.stringValue(node))
    case .booleanValue: return .boolean(document[node].boolean)
    case .enumValue: return .enumValue(document.name(node))
    case .listValue:
      return .list(
        document.list(document[node].children).map { untypedValue(document, $0, variables: variables) ?? .null })
    case .objectValue:
      var object = ValueObject()
      for field in document.list(document[node].children) {
        if let value = untypedValue(document, document[field].value, variables: variables) {
          object[document.name(field)] = value
        }
      }
      return .object(object)
    default: return .null
    }
  }

  /// Coerces a value of a scalar or enum (spec section 3.5, 3.9).
  /// - Throws: `GraphQLError` whose message says what is wrong, without locations.
  func coerceLeaf(
    _ value: Value, _ type: TypeID, isLiteral: Bool, printed: String? = nil, suggestions: Bool = true
  ) throws(GraphQLError) -> Value {
    let definition = types[type.index]
    func shown() -> String { printed ?? value.inspected }
    if definition.kind == .enum {
      if isLiteral {
        guard case .enumValue = value else {
          throw GraphQLError(
            "Enum \"\(name(type))\" cannot represent non-enum value: "
              + "\(shown()).\(enumSuggestion(shown(), type, suggestions))"
          )
        }
      } else if value.string == nil {
        throw GraphQLError(
          "Enum \"\(name(type))\" cannot represent non-string value: "
            + "\(shown()).\(enumSuggestion(shown(), type, suggestions))"
        )
      }
      let text = value.string ?? ""
      guard let name = names.find(text), enumValue(type, name) != nil else {
        throw GraphQLError(
          "Value \"\(text)\" does not exist in \"\(self.name(type))\" enum.\(enumSuggestion(text, type, suggestions))")
      }
      return .enumValue(text)
    }
    switch definition.scalar {
    case .int:
      let number: Int64?
      switch value {
      case .int(let int): number = int
      case .float(let float) where !isLiteral || printed?.contains(where: { ".eE".contains($0) }) == false:
        if float == float.rounded() && float.isFinite { number = Int64(exactly: float) ?? .max } else { number = nil }
      default: number = nil
      }
      guard let number else { throw GraphQLError("Int cannot represent non-integer value: \(shown())") }
      guard let int = Int32(exactly: number) else {
        throw GraphQLError("Int cannot represent non 32-bit signed integer value: \(shown())")
      }
      return .int(Int64(int))
    case .float:
      guard let float = value.float, float.isFinite else {
        throw GraphQLError("Float cannot represent non numeric value: \(shown())")
      }
      return .float(float)
    case .string:
      guard case .string = value else { throw GraphQLError("String cannot represent a non string value: \(shown())") }
      return value
    case .boolean:
      guard case .boolean = value else {
        throw GraphQLError("Boolean cannot represent a non boolean value: \(shown())")
      }
      return value
    case .id:
      switch value {
      case .string: return value
      case .int(let number): return .string(String(number))
      case .float(let number) where isLiteral && printed?.contains(where: { ".eE".contains($0) }) == false:
        // An integer literal beyond 64 bits keeps its digits.
        return .string(printed ?? JSONNumber.text(number))
      case .float(let number) where !isLiteral && number == number.rounded() && number.isFinite:
        return .string(JSONNumber.text(number))
      default:
        throw GraphQLError(
          isLiteral
            ? "ID cannot represent a non-string and non-integer value: \(shown())"
            : "ID cannot represent value: \(shown())")
      }
    case .custom:
      guard let coercion = scalarCoercions[definition.name] else { return value }
      return try coercion.coerce(value)
    }
  }

  private func enumSuggestion(_ text: String, _ type: TypeID, _ suggestions: Bool) -> String {
    guard suggestions else { return "" }
    let names = enumValues[types[type.index].enumValues].map { self.names.string($0.name) }
    return Suggestions.didYouMean(Suggestions.closest(text, names), subject: "the enum value")
  }
}
