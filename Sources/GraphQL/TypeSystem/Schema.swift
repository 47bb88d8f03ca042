/// Number of a type in its schema.
public struct TypeID: Hashable, Sendable {
  let index: Int
}

/// Number of a field of an object or interface type in its schema.
public struct FieldID: Hashable, Sendable {
  let index: Int
}

/// A type as it is used: a named type within lists and non-null marks.
public struct TypeReference: Hashable, Sendable {
  enum Wrapper: UInt8, Sendable { case list, nonNull }

  let named: TypeID
  /// From the outside in.
  let wrappers: [Wrapper]

  var isNonNull: Bool { wrappers.first == .nonNull }

  var nullable: TypeReference {
    isNonNull ? TypeReference(named: named, wrappers: Array(wrappers.dropFirst())) : self
  }

  /// The type of an item when this is a list, non-null or not.
  var item: TypeReference? {
    let inner = nullable
    return inner.wrappers.first == .list ? TypeReference(named: named, wrappers: Array(inner.wrappers.dropFirst())) : nil
  }
}

public enum TypeKind: String, Sendable {
  case scalar = "SCALAR"
  case object = "OBJECT"
  case interface = "INTERFACE"
  case union = "UNION"
  case enumeration = "ENUM"
  case inputObject = "INPUT_OBJECT"
}

/// A type of the schema.
public struct TypeDefinition: Sendable {
  public var kind: TypeKind
  public var name: String
  public var description: String?
  var interfaces: [TypeID] = []
  var fields: [FieldID] = []
  /// Members of a union; for an interface the object types that implement it.
  var possibleTypes: [TypeID] = []
  var enumValues: [EnumValueDefinition] = []
  var inputFields: [InputValueDefinition] = []
  var specifiedByURL: String?
  var isOneOf = false
  var scalar: ScalarCoercion?
  /// Whether the type is part of every schema.
  var isBuiltIn = false

  var isAbstract: Bool { kind == .interface || kind == .union }
  var isComposite: Bool { kind == .object || isAbstract }
  var isLeaf: Bool { kind == .scalar || kind == .enumeration }
  var isInput: Bool { isLeaf || kind == .inputObject }
}

public struct FieldDefinition: Sendable {
  public let name: String
  let description: String?
  let arguments: [InputValueDefinition]
  let type: TypeReference
  let deprecationReason: String?
  let parent: TypeID
}

struct InputValueDefinition: Sendable {
  let name: String
  let description: String?
  let type: TypeReference
  /// The default, coerced.
  var defaultValue: Value?
  /// The default as it is written, for introspection.
  var defaultText: String?
  let deprecationReason: String?

  var isRequired: Bool { type.isNonNull && defaultValue == nil }
}

struct EnumValueDefinition: Sendable {
  let name: String
  let description: String?
  let deprecationReason: String?
}

struct DirectiveDefinition: Sendable {
  let name: String
  let description: String?
  let locations: [DirectiveLocation]
  let arguments: [InputValueDefinition]
  let isRepeatable: Bool
}

/// A built schema. Types and fields are numbers into flat arrays.
///
/// Spec: section 3.
public final class Schema: Sendable {
  let types: [TypeDefinition]
  let fields: [FieldDefinition]
  let directives: [DirectiveDefinition]
  public let queryType: TypeID
  public let mutationType: TypeID?
  public let subscriptionType: TypeID?
  let description: String?
  private let typesByName: [String: TypeID]
  private let fieldsByName: [FieldKey: FieldID]

  private struct FieldKey: Hashable {
    let type: TypeID
    let name: String
  }

  init(
    types: [TypeDefinition], fields: [FieldDefinition], directives: [DirectiveDefinition], queryType: TypeID,
    mutationType: TypeID?, subscriptionType: TypeID?, description: String?
  ) {
    self.types = types
    self.fields = fields
    self.directives = directives
    self.queryType = queryType
    self.mutationType = mutationType
    self.subscriptionType = subscriptionType
    self.description = description
    var typesByName: [String: TypeID] = [:]
    var fieldsByName: [FieldKey: FieldID] = [:]
    for (index, type) in types.enumerated() {
      let id = TypeID(index: index)
      typesByName[type.name] = id
      for field in type.fields {
        fieldsByName[FieldKey(type: id, name: fields[field.index].name)] = field
      }
    }
    self.typesByName = typesByName
    self.fieldsByName = fieldsByName
  }

  subscript(_ id: TypeID) -> TypeDefinition { types[id.index] }
  subscript(_ id: FieldID) -> FieldDefinition { fields[id.index] }

  public func type(named name: String) -> TypeID? { typesByName[name] }
  public func name(of type: TypeID) -> String { types[type.index].name }

  /// A field of an object or interface type, the introspection fields that every type has left out.
  public func field(named name: String, of type: TypeID) -> FieldID? {
    fieldsByName[FieldKey(type: type, name: name)]
  }

  func directive(named name: String) -> DirectiveDefinition? {
    directives.first { $0.name == name }
  }

  func rootType(of kind: OperationKind) -> TypeID? {
    switch kind {
    case .query: queryType
    case .mutation: mutationType
    case .subscription: subscriptionType
    }
  }

  /// The object types that a value of this type can be.
  func possibleTypes(_ type: TypeID) -> [TypeID] {
    types[type.index].isAbstract ? types[type.index].possibleTypes : [type]
  }

  func overlap(_ first: TypeID, _ second: TypeID) -> Bool {
    first == second || possibleTypes(first).contains { possibleTypes(second).contains($0) }
  }

  /// As in SDL: `[Task!]!`.
  func text(_ reference: TypeReference) -> String {
    var text = types[reference.named.index].name
    for wrapper in reference.wrappers.reversed() {
      text = wrapper == .list ? "[\(text)]" : text + "!"
    }
    return text
  }
}

extension Schema {
  /// The fields of an object type: what a binding by rule needs to know of them.
  public func fields(of type: String) -> [(name: String, isLeaf: Bool)] {
    guard let id = self.type(named: type) else { return [] }
    return types[id.index].fields.map { (self[$0].name, self[self[$0].type.named].isLeaf) }
  }

  /// The object types that implement an interface or are members of a union.
  public func possibleTypeNames(of type: String) -> [String] {
    self.type(named: type).map { possibleTypes($0).map(name(of:)) } ?? []
  }
}
