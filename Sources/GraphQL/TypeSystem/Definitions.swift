/// A named type of a schema.
public struct TypeDefinition: Sendable {
  public var name: NameID
  public var kind: TypeKind
  public var description: String?
  /// Fields of an object or interface: a range of `Schema.fields`.
  public var fields: Range<Int> = 0..<0
  /// Fields of an input object: a range of `Schema.inputValues`.
  public var inputFields: Range<Int> = 0..<0
  /// Values of an enum: a range of `Schema.enumValues`.
  public var enumValues: Range<Int> = 0..<0
  /// Interfaces of an object or interface, as declared.
  public var interfaces: [TypeID] = []
  /// Members of a union, as declared.
  public var members: [TypeID] = []
  /// Object types a union or interface can stand for; the type itself for an object.
  public var possibleTypes: [TypeID] = []
  /// Address of a custom scalar's specification.
  public var specifiedByURL: String?
  /// Whether an input object takes exactly one field (`@oneOf`).
  public var isOneOf = false
  /// How a scalar coerces.
  public var scalar: ScalarKind = .custom
  /// Whether it is part of the specification: an introspection type or built-in scalar.
  public var isBuiltIn = false
  /// The definition in the schema's document, if not built in.
  public var node: NodeID = .none
  /// Its extensions.
  public var extensionNodes: [NodeID] = []
}

/// A field of an object or interface type.
public struct FieldDefinition: Sendable {
  public var name: NameID
  /// The type that declares it.
  public var parent: TypeID
  public var type: TypeReference
  public var description: String?
  /// A range of `Schema.inputValues`.
  public var arguments: Range<Int> = 0..<0
  /// Why it is deprecated, or nil if it is not.
  public var deprecationReason: String?
  public var node: NodeID = .none
}

/// An argument of a field or directive, or a field of an input object.
public struct InputValueDefinition: Sendable {
  public var name: NameID
  public var type: TypeReference
  public var description: String?
  /// Literal of the default value in the document that declares it, or none.
  public var defaultLiteral: NodeID = .none
  /// Why it is deprecated, or nil if it is not.
  public var deprecationReason: String?
  /// Whether it is declared among the built-in types.
  public var isBuiltIn = false
  public var node: NodeID = .none

  /// Whether a value must be given.
  public var isRequired: Bool { type.isNonNull && defaultLiteral.isNone }
}

/// A value of an enum.
public struct EnumValueDefinition: Sendable {
  public var name: NameID
  public var description: String?
  /// Why it is deprecated, or nil if it is not.
  public var deprecationReason: String?
  public var node: NodeID = .none
}

/// A directive definition.
public struct DirectiveDefinition: Sendable {
  public var name: NameID
  public var description: String?
  public var locations: [DirectiveLocation]
  /// A range of `Schema.inputValues`.
  public var arguments: Range<Int> = 0..<0
  public var isRepeatable: Bool
  /// Why it is deprecated, or nil if it is not.
  public var deprecationReason: String?
  /// Whether it is one of the specification's and not redefined.
  public var isBuiltIn = false
  public var node: NodeID = .none
}
