/// Where a directive may stand (spec section 3.13).
public enum DirectiveLocation: UInt8, Sendable, CaseIterable {
  case query, mutation, subscription, field, fragmentDefinition, fragmentSpread, inlineFragment, variableDefinition
  case fragmentVariableDefinition, schema, scalar, object, fieldDefinition, argumentDefinition, interface, union,
    `enum`, enumValue
  case inputObject, inputFieldDefinition, directiveDefinition

  /// The name in the grammar.
  public var name: String { Self.names[Int(rawValue)] }

  private static let names = [
    "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION", "FRAGMENT_VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION", "INTERFACE", "UNION",
    "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION", "DIRECTIVE_DEFINITION",
  ]

  /// The location of that name, or nil.
  public init?(name: String) {
    guard let index = Self.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: UInt8(index))
  }
}
