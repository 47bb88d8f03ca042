import GraphQL

/// Turns what a resolver returned into the value of a scalar or an enum in the response (spec sections 3.5 and 3.9).
struct ResultCoercion {
  let schema: Schema

  /// - Throws: what is wrong with the value.
  func coerce(_ value: Value, _ type: TypeID) throws(GraphQLError) -> Value {
    if schema.kind(type) == .enum {
      guard let name = value.string, let known = schema.names.find(name), schema.enumValue(type, known) != nil else {
        throw GraphQLError("Enum \"\(schema.name(type))\" cannot represent value: \(value.json)")
      }
      return .enumValue(name)
    }
    switch schema[type].scalar {
    case .int: return try integer(value)
    case .float: return try float(value)
    case .string: return try string(value)
    case .boolean: return try boolean(value)
    case .id: return try id(value)
    case .custom: return value
    }
  }

  private func integer(_ value: Value) throws(GraphQLError) -> Value {
    let number: Int64? =
      switch value {
      case .boolean(let flag): flag ? 1 : 0
      case .string(let text): Int64(text)
      default: value.int
      }
    guard let number else { throw GraphQLError("Int cannot represent non-integer value: \(value.json)") }
    guard Int32(exactly: number) != nil else {
      throw GraphQLError("Int cannot represent non 32-bit signed integer value: \(value.json)")
    }
    return .int(number)
  }

  private func float(_ value: Value) throws(GraphQLError) -> Value {
    let number: Double? =
      switch value {
      case .boolean(let flag): flag ? 1 : 0
      case .string(let text): Double(text)
      default: value.float
      }
    guard let number, number.isFinite else {
      throw GraphQLError("Float cannot represent non numeric value: \(value.json)")
    }
    if case .int(let exact) = value, Int64(exactly: number) != exact {
      throw GraphQLError("Float cannot represent non numeric value: \(exact) (value would lose precision)")
    }
    return .float(number)
  }

  private func string(_ value: Value) throws(GraphQLError) -> Value {
    switch value {
    case .string: return value
    case .boolean(let flag): return .string(flag ? "true" : "false")
    case .int(let number): return .string(String(number))
    case .float(let number) where number.isFinite: return .string(String(number))
    default: throw GraphQLError("String cannot represent value: \(value.json)")
    }
  }

  private func boolean(_ value: Value) throws(GraphQLError) -> Value {
    switch value {
    case .boolean: return value
    case .int(let number): return .boolean(number != 0)
    case .float(let number) where number.isFinite: return .boolean(number != 0)
    default: throw GraphQLError("Boolean cannot represent a non boolean value: \(value.json)")
    }
  }

  private func id(_ value: Value) throws(GraphQLError) -> Value {
    switch value {
    case .string: return value
    case .int, .float:
      if let number = value.int { return .string(String(number)) }
      fallthrough
    default: throw GraphQLError("ID cannot represent value: \(value.json)")
    }
  }
}
