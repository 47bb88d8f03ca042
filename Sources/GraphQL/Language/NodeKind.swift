/// What a node of a document is (spec appendix C).
public enum NodeKind: UInt8, Sendable, BitwiseCopyable {
  case document
  case operationDefinition, fragmentDefinition, variableDefinition
  case selectionSet, field, fragmentSpread, inlineFragment
  case argument, directive
  case variable, intValue, floatValue, stringValue, booleanValue, nullValue, enumValue, listValue, objectValue,
    objectField
  case namedType, listType, nonNullType
  case schemaDefinition, operationTypeDefinition
  case scalarTypeDefinition, objectTypeDefinition, interfaceTypeDefinition, unionTypeDefinition
  case enumTypeDefinition, inputObjectTypeDefinition
  case fieldDefinition, inputValueDefinition, enumValueDefinition
  case directiveDefinition, directiveLocation
  case schemaExtension
  case scalarTypeExtension, objectTypeExtension, interfaceTypeExtension, unionTypeExtension
  case enumTypeExtension, inputObjectTypeExtension
  case directiveExtension

  /// Whether the node is a definition of a type.
  public var isTypeDefinition: Bool {
    rawValue >= NodeKind.scalarTypeDefinition.rawValue && rawValue <= NodeKind.inputObjectTypeDefinition.rawValue
  }

  /// Whether the node is an extension of a type.
  public var isTypeExtension: Bool {
    rawValue >= NodeKind.scalarTypeExtension.rawValue && rawValue <= NodeKind.inputObjectTypeExtension.rawValue
  }

  /// Whether the node is an operation or a fragment.
  public var isExecutable: Bool { self == .operationDefinition || self == .fragmentDefinition }
}
