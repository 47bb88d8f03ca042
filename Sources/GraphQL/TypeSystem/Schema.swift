/// A type system (spec section 3), built from a document of the schema language. Immutable and indexed by integers.
public final class Schema: Sendable {
  /// The document it was built from.
  public let document: Document
  /// Names of types, fields, arguments, enum values and directives.
  public let names: NameTable
  public let description: String?
  /// All types. Built-in scalars that nothing refers to are here, but not in `typeOrder`.
  public let types: ContiguousArray<TypeDefinition>
  /// The types of the schema in the order of their first mention, as introspection lists them.
  public let typeOrder: [TypeID]
  /// Fields of all objects and interfaces.
  public let fields: ContiguousArray<FieldDefinition>
  /// Arguments and input fields of all fields, directives and input objects.
  public let inputValues: ContiguousArray<InputValueDefinition>
  /// Values of all enums.
  public let enumValues: ContiguousArray<EnumValueDefinition>
  public let directives: ContiguousArray<DirectiveDefinition>
  public let queryType: TypeID?
  public let mutationType: TypeID?
  public let subscriptionType: TypeID?
  /// `schema` definition and extensions in the document.
  let schemaNode: NodeID
  let schemaExtensionNodes: [NodeID]
  /// Coerced default values by `InputValueID`; nil where there is none or it is not valid.
  let defaultValues: ContiguousArray<Value?>
  let scalarCoercions: [NameID: ScalarCoercion]
  /// The meta fields of the query root and `__typename` of every composite type (spec section 4.1, 4.2).
  public let schemaMetaField: FieldID
  public let typeMetaField: FieldID
  public let typenameMetaField: FieldID

  private let typeByName: ContiguousArray<TypeID>
  private let members: PairTable
  /// Row of bits per type: the types that are subtypes of it.
  private let subtypes: ContiguousArray<UInt64>
  private let rowWords: Int

  init(builder: SchemaBuilder, defaultValues: ContiguousArray<Value?>) {
    document = builder.document
    names = builder.names
    description = builder.description
    types = builder.types
    typeOrder = builder.typeOrder
    fields = builder.fields
    inputValues = builder.inputValues
    enumValues = builder.enumValues
    directives = builder.directives
    queryType = builder.roots[0]
    mutationType = builder.roots[1]
    subscriptionType = builder.roots[2]
    schemaNode = builder.schemaNode
    schemaExtensionNodes = builder.schemaExtensionNodes
    self.defaultValues = defaultValues
    scalarCoercions = builder.scalarCoercions
    schemaMetaField = builder.metaFields[0]
    typeMetaField = builder.metaFields[1]
    typenameMetaField = builder.metaFields[2]
    var typeByName = ContiguousArray(repeating: TypeID.none, count: builder.names.count)
    for id in builder.typeOrder { typeByName[builder.types[id.index].name.index] = id }
    self.typeByName = typeByName
    members = builder.members
    let words = (builder.types.count + 63) / 64
    var rows = ContiguousArray<UInt64>(repeating: 0, count: words * builder.types.count)
    func set(_ type: TypeID, _ subtype: TypeID) {
      rows[type.index * words + subtype.index / 64] |= 1 << UInt64(subtype.index % 64)
    }
    for (index, type) in builder.types.enumerated() {
      let id = TypeID(UInt32(index))
      set(id, id)
      for member in type.members { set(id, member) }
      for interface in type.interfaces { set(interface, id) }
    }
    subtypes = rows
    rowWords = words
  }

  /// The type's name.
  public func name(_ id: TypeID) -> String { names.string(types[id.index].name) }

  @inline(__always)
  public subscript(_ id: TypeID) -> TypeDefinition { types[id.index] }
  @inline(__always)
  public subscript(_ id: FieldID) -> FieldDefinition { fields[id.index] }
  @inline(__always)
  public subscript(_ id: InputValueID) -> InputValueDefinition { inputValues[id.index] }
  @inline(__always)
  public subscript(_ id: DirectiveID) -> DirectiveDefinition { directives[id.index] }

  /// The kind of a type.
  @inline(__always)
  public func kind(_ id: TypeID) -> TypeKind {
    types.withUnsafeBufferPointer { $0[id.index].kind }
  }

  /// The type of that name, or none.
  @inline(__always)
  public func type(_ name: NameID) -> TypeID {
    name.isNone ? .none : typeByName[name.index]
  }

  /// The type of that name, or nil.
  public func type(named name: String) -> TypeID? {
    guard let id = names.find(name) else { return nil }
    let type = typeByName[id.index]
    return type.isNone ? nil : type
  }

  /// A field that a type declares; no meta fields.
  public func field(_ type: TypeID, _ name: NameID) -> FieldID? {
    guard kind(type) == .object || kind(type) == .interface else { return nil }
    return members[type.rawValue, name.rawValue].map { FieldID($0) }
  }

  /// A field that can be selected on a type, meta fields included (spec section 4).
  public func selectableField(_ type: TypeID, _ name: NameID) -> FieldID? {
    let kind = kind(type)
    if kind != .union, let field = field(type, name) { return field }
    if kind.isComposite && name == fields[typenameMetaField.index].name { return typenameMetaField }
    guard type == queryType else { return nil }
    if name == fields[schemaMetaField.index].name { return schemaMetaField }
    if name == fields[typeMetaField.index].name { return typeMetaField }
    return nil
  }

  /// An input object's field.
  public func inputField(_ type: TypeID, _ name: NameID) -> InputValueID? {
    guard kind(type) == .inputObject else { return nil }
    return members[type.rawValue, name.rawValue].map { InputValueID($0) }
  }

  /// Whether an enum has a value of that name.
  public func enumValue(_ type: TypeID, _ name: NameID) -> Int? {
    guard kind(type) == .enum else { return nil }
    return members[type.rawValue, name.rawValue].map { Int($0) }
  }

  /// The argument of that name in a range of arguments.
  public func argument(_ arguments: Range<Int>, _ name: NameID) -> InputValueID? {
    for index in arguments where inputValues[index].name == name { return InputValueID(UInt32(index)) }
    return nil
  }

  /// The directive of that name, or nil.
  public func directive(_ name: NameID) -> DirectiveID? {
    directives.firstIndex { $0.name == name }.map { DirectiveID(UInt32($0)) }
  }

  /// The directive of that name, or nil.
  public func directive(named name: String) -> DirectiveID? {
    names.find(name).flatMap { directive($0) }
  }

  /// The coerced default value of an argument or input field.
  public func defaultValue(_ id: InputValueID) -> Value? { defaultValues[id.index] }

  /// The root type of an operation.
  public func rootType(_ operation: OperationType) -> TypeID? {
    switch operation {
    case .query: queryType
    case .mutation: mutationType
    case .subscription: subscriptionType
    }
  }

  /// Whether the second type is the first or one of its possible types or implementing interfaces.
  public func isSubtype(_ type: TypeID, _ subtype: TypeID) -> Bool {
    subtypes[type.index * rowWords + subtype.index / 64] & (1 << UInt64(subtype.index % 64)) != 0
  }

  /// Spec `IsValidImplementationFieldType`, covariance of output types.
  public func isSubtype(_ type: TypeReference, of general: TypeReference) -> Bool {
    if type == general { return true }
    if general.isNonNull { return type.isNonNull && isSubtype(type.ofType, of: general.ofType) }
    if type.isNonNull { return isSubtype(type.ofType, of: general) }
    if general.isList { return type.isList && isSubtype(type.ofType, of: general.ofType) }
    if type.isList { return false }
    return kind(general.named).isAbstract && (kind(type.named) == .interface || kind(type.named) == .object)
      && isSubtype(general.named, type.named)
  }

  /// Whether some object type is possible for both.
  public func typesOverlap(_ first: TypeID, _ second: TypeID) -> Bool {
    if first == second { return true }
    if !kind(second).isAbstract { return kind(first).isAbstract && isSubtype(first, second) }
    return types[second.index].possibleTypes.contains { isSubtype(first, $0) }
  }

  /// A type as the language writes it.
  public func describe(_ reference: TypeReference) -> String {
    if reference.isNonNull { return describe(reference.ofType) + "!" }
    if reference.isList { return "[" + describe(reference.ofType) + "]" }
    return name(reference.named)
  }

  /// The document that the literals and nodes of an input value belong to.
  public func document(of value: InputValueDefinition) -> Document {
    value.isBuiltIn ? BuiltInTypes.document : document
  }

  /// The type that a type node of a document means, or nil if it names no type of this schema.
  public func typeReference(_ document: Document, _ node: NodeID) -> TypeReference? {
    var wrappers: UInt64 = 0
    var depth = 0
    var id = node
    while document[id].kind != .namedType {
      guard depth < TypeReference.maxWrappers else { return nil }
      wrappers |= (document[id].kind == .listType ? 1 : 2) << UInt64(depth * 2)
      depth += 1
      id = document[id].type
    }
    guard let name = document.names.withBytes(document[id].name, { names.find($0) }) else { return nil }
    let type = type(name)
    return type.isNone ? nil : TypeReference(named: type, wrappers: wrappers)
  }
}
