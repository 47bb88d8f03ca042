/// Builds a schema from its document and the built-in types. Takes the first or last of duplicates without complaint:
/// the rules for schema documents have run before.
struct SchemaBuilder {
  let document: Document
  var names = NameTable(capacity: 512)
  var description: String?
  var types = ContiguousArray<TypeDefinition>()
  var typeOrder: [TypeID] = []
  var fields = ContiguousArray<FieldDefinition>()
  var inputValues = ContiguousArray<InputValueDefinition>()
  var enumValues = ContiguousArray<EnumValueDefinition>()
  var directives = ContiguousArray<DirectiveDefinition>()
  var roots: [TypeID?] = [nil, nil, nil]
  var schemaNode = NodeID.none
  var schemaExtensionNodes: [NodeID] = []
  var scalarCoercions: [NameID: ScalarCoercion] = [:]
  var metaFields: [FieldID] = []
  /// Fields, input fields and enum values by type and name.
  var members = PairTable(capacity: 256)
  /// All types by name, also those that are not mentioned.
  private var typeByName: [NameID: TypeID] = [:]
  private var extensions: [NameID: [NodeID]] = [:]

  init(document: Document) { self.document = document }

  mutating func build(scalars: [String: ScalarCoercion]) throws(GraphQLError) {
    for (name, coercion) in scalars { scalarCoercions[names.intern(name)] = coercion }
    let builtIn = BuiltInTypes.document
    for id in document.definitions where document[id].kind.isTypeExtension {
      extensions[intern(document, id), default: []].append(id)
    }
    // Types first, so that every reference resolves; a redefined built-in type stays as it is, at its place in the
    // document.
    var declared: [TypeID] = []
    for id in builtIn.definitions where builtIn[id].kind.isTypeDefinition { declare(builtIn, id, isBuiltIn: true) }
    for id in document.definitions where document[id].kind.isTypeDefinition {
      let name = intern(document, id)
      if let known = typeByName[name] {
        if types[known.index].isBuiltIn && !declared.contains(known) { declared.append(known) }
        continue
      }
      declared.append(declare(document, id, isBuiltIn: false))
    }
    for index in types.indices { try define(TypeID(UInt32(index))) }
    try defineDirectives(builtIn)
    try defineSchema(declared)
    defineMetaFields()
    orderTypes(declared)
    definePossibleTypes()
  }

  private mutating func intern(_ document: Document, _ id: NodeID) -> NameID {
    document.names.withBytes(document[id].name) { names.intern($0) }
  }

  @discardableResult
  private mutating func declare(_ document: Document, _ id: NodeID, isBuiltIn: Bool) -> TypeID {
    let name = intern(document, id)
    let kind: TypeKind =
      switch document[id].kind {
      case .objectTypeDefinition: .object
      case .interfaceTypeDefinition: .interface
      case .unionTypeDefinition: .union
      case .enumTypeDefinition: .enum
      case .inputObjectTypeDefinition: .inputObject
      default: .scalar
      }
    var type = TypeDefinition(name: name, kind: kind, description: document.description(id))
    type.isBuiltIn = isBuiltIn
    type.node = id
    if !isBuiltIn {
      let extensionKind = NodeKind(
        rawValue: document[id].kind.rawValue - NodeKind.scalarTypeDefinition.rawValue
          + NodeKind.scalarTypeExtension.rawValue)
      type.extensionNodes = (extensions[name] ?? []).filter { document[$0].kind == extensionKind }
    } else if kind == .scalar {
      switch document.name(id) {
      case "Int": type.scalar = .int
      case "Float": type.scalar = .float
      case "String": type.scalar = .string
      case "Boolean": type.scalar = .boolean
      default: type.scalar = .id
      }
    }
    types.append(type)
    let result = TypeID(UInt32(types.count - 1))
    typeByName[name] = result
    return result
  }

  private mutating func define(_ id: TypeID) throws(GraphQLError) {
    var type = types[id.index]
    let document = type.isBuiltIn ? BuiltInTypes.document : self.document
    let nodes = [type.node] + type.extensionNodes
    switch type.kind {
    case .object, .interface:
      var built: [FieldDefinition] = []
      var builtArguments: [[InputValueDefinition]] = []
      for node in nodes {
        for interface in document.list(document[node].interfaces) {
          type.interfaces.append(try reference(document, interface).named)
        }
        for node in document.list(document[node].children) {
          var field = FieldDefinition(
            name: intern(document, node), parent: id, type: try reference(document, document[node].type))
          field.description = document.description(node)
          field.deprecationReason = deprecation(document, node)
          field.node = node
          let arguments = try inputs(document, document[node].arguments, type.isBuiltIn)
          if let index = built.firstIndex(where: { $0.name == field.name }) {
            built[index] = field
            builtArguments[index] = arguments
          } else {
            built.append(field)
            builtArguments.append(arguments)
          }
        }
      }
      type.fields = fields.count..<fields.count + built.count
      for (var field, arguments) in zip(built, builtArguments) {
        field.arguments = inputValues.count..<inputValues.count + arguments.count
        inputValues.append(contentsOf: arguments)
        members[id.rawValue, field.name.rawValue] = UInt32(fields.count)
        fields.append(field)
      }
    case .inputObject:
      var built: [InputValueDefinition] = []
      for node in nodes {
        for field in try inputs(document, document[node].children, type.isBuiltIn) {
          if let index = built.firstIndex(where: { $0.name == field.name }) {
            built[index] = field
          } else {
            built.append(field)
          }
        }
      }
      type.inputFields = inputValues.count..<inputValues.count + built.count
      for field in built {
        members[id.rawValue, field.name.rawValue] = UInt32(inputValues.count)
        inputValues.append(field)
      }
      type.isOneOf = document.list(document[type.node].directives).contains { document.name($0) == "oneOf" }
    case .enum:
      let start = enumValues.count
      for node in nodes {
        for node in document.list(document[node].children) {
          var value = EnumValueDefinition(name: intern(document, node), description: document.description(node))
          value.deprecationReason = deprecation(document, node)
          value.node = node
          if let known = members[id.rawValue, value.name.rawValue] {
            enumValues[Int(known)] = value
          } else {
            members[id.rawValue, value.name.rawValue] = UInt32(enumValues.count)
            enumValues.append(value)
          }
        }
      }
      type.enumValues = start..<enumValues.count
    case .union:
      for node in nodes {
        for member in document.list(document[node].children) {
          type.members.append(try reference(document, member).named)
        }
      }
    case .scalar:
      for node in nodes { type.specifiedByURL = argument(document, node, "specifiedBy", "url") ?? type.specifiedByURL }
    }
    if type.isBuiltIn { type.node = .none }
    types[id.index] = type
  }

  private mutating func inputs(
    _ document: Document, _ first: NodeID, _ isBuiltIn: Bool
  ) throws(GraphQLError) -> [InputValueDefinition] {
    var built: [InputValueDefinition] = []
    for node in document.list(first) {
      var value = InputValueDefinition(name: intern(document, node), type: try reference(document, document[node].type))
      value.description = document.description(node)
      value.defaultLiteral = document[node].defaultValue
      value.deprecationReason = deprecation(document, node)
      value.isBuiltIn = isBuiltIn
      value.node = isBuiltIn ? .none : node
      if let index = built.firstIndex(where: { $0.name == value.name }) {
        built[index] = value
      } else {
        built.append(value)
      }
    }
    return built
  }

  private mutating func reference(_ document: Document, _ node: NodeID) throws(GraphQLError) -> TypeReference {
    var wrappers: UInt64 = 0
    var depth = 0
    var id = node
    while document[id].kind != .namedType {
      guard depth < TypeReference.maxWrappers else {
        throw GraphQLError(
          "Type is wrapped more than \(TypeReference.maxWrappers) times.", locations: [document.location(node)])
      }
      wrappers |= (document[id].kind == .listType ? 1 : 2) << UInt64(depth * 2)
      depth += 1
      id = document[id].type
    }
    guard let type = typeByName[intern(document, id)] else {
      throw GraphQLError("Unknown type: \"\(document.name(id))\".", locations: [document.location(id)])
    }
    return TypeReference(named: type, wrappers: wrappers)
  }

  private func argument(_ document: Document, _ node: NodeID, _ directive: String, _ argument: String) -> String? {
    for id in document.list(document[node].directives) where document.name(id) == directive {
      for id in document.list(document[id].arguments) where document.name(id) == argument {
        let value = document[id].value
        if document[value].kind == .stringValue { return document.stringValue(value) }
      }
    }
    return nil
  }

  private func deprecation(_ document: Document, _ node: NodeID) -> String? {
    guard document.list(document[node].directives).contains(where: { document.name($0) == "deprecated" }) else {
      return nil
    }
    return argument(document, node, "deprecated", "reason") ?? Self.defaultDeprecationReason
  }

  static let defaultDeprecationReason = "No longer supported"

  // MARK: Directives and roots

  private mutating func defineDirectives(_ builtIn: Document) throws(GraphQLError) {
    for id in document.definitions where document[id].kind == .directiveDefinition {
      try defineDirective(document, id, isBuiltIn: false)
    }
    for id in builtIn.definitions where builtIn[id].kind == .directiveDefinition {
      let name = intern(builtIn, id)
      if !directives.contains(where: { $0.name == name }) { try defineDirective(builtIn, id, isBuiltIn: true) }
    }
  }

  private mutating func defineDirective(_ document: Document, _ id: NodeID, isBuiltIn: Bool) throws(GraphQLError) {
    var directive = DirectiveDefinition(
      name: intern(document, id), locations: document.list(document[id].children).compactMap {
        DirectiveLocation(name: document.name($0))
      }, isRepeatable: document[id].isRepeatable)
    directive.description = document.description(id)
    directive.deprecationReason = deprecation(document, id)
    if directive.deprecationReason == nil && !isBuiltIn {
      for node in document.definitions
      where document[node].kind == .directiveExtension && document[node].name == document[id].name {
        directive.deprecationReason = directive.deprecationReason ?? deprecation(document, node)
      }
    }
    directive.isBuiltIn = isBuiltIn
    directive.node = isBuiltIn ? .none : id
    let arguments = try inputs(document, document[id].arguments, isBuiltIn)
    directive.arguments = inputValues.count..<inputValues.count + arguments.count
    inputValues.append(contentsOf: arguments)
    directives.append(directive)
  }

  private mutating func defineSchema(_ declared: [TypeID]) throws(GraphQLError) {
    for id in document.definitions {
      let kind = document[id].kind
      guard kind == .schemaDefinition || kind == .schemaExtension else { continue }
      if kind == .schemaDefinition {
        schemaNode = id
        description = document.description(id)
      } else {
        schemaExtensionNodes.append(id)
      }
    }
    for id in (schemaNode.isNone ? [] : [schemaNode]) + schemaExtensionNodes {
      for operation in document.list(document[id].children) {
        roots[Int(document[operation].operation.rawValue)] = try reference(document, document[operation].type).named
      }
    }
    guard schemaNode.isNone else { return }
    for operation in OperationType.allCases {
      let name = operation.keyword.prefix(1).uppercased() + operation.keyword.dropFirst()
      if let type = declared.first(where: { names.string(types[$0.index].name) == name }) {
        roots[Int(operation.rawValue)] = type
      }
    }
  }

  /// `__schema`, `__type` and `__typename` belong to no type; they stand at the end of the fields.
  private mutating func defineMetaFields() {
    let known = { (builder: inout SchemaBuilder, name: String) in
      builder.typeByName[builder.names.intern(name)] ?? .none
    }
    let string = TypeReference(known(&self, "String"))
    let meta: [(String, TypeReference, String)] = [
      ("__schema", TypeReference(known(&self, "__Schema")).nonNull, "Access the current type schema of this server."),
      ("__type", TypeReference(known(&self, "__Type")), "Request the type information of a single type."),
      ("__typename", string.nonNull, "The name of the current Object type at runtime."),
    ]
    for (name, type, description) in meta {
      var field = FieldDefinition(name: names.intern(name), parent: .none, type: type, description: description)
      if name == "__type" {
        var argument = InputValueDefinition(name: names.intern("name"), type: string.nonNull)
        argument.isBuiltIn = true
        field.arguments = inputValues.count..<inputValues.count + 1
        inputValues.append(argument)
      }
      metaFields.append(FieldID(UInt32(fields.count)))
      fields.append(field)
    }
  }

  // MARK: Order and possible types

  /// The order of first mention: each declared type, followed by what it refers to and what is not declared itself.
  private mutating func orderTypes(_ declared: [TypeID]) {
    // Types still to come in document order count as known, so that only undeclared ones are placed where they are
    // mentioned.
    var known = Set(declared)
    var ordered: [TypeID] = []
    var seen = Set<TypeID>()
    func collect(_ id: TypeID) {
      var stack = [id]
      while let next = stack.popLast() {
        guard seen.insert(next).inserted else { continue }
        ordered.append(next)
        let type = types[next.index]
        var mentioned = type.members + type.interfaces
        for field in fields[type.fields] {
          mentioned.append(field.type.named)
          mentioned += inputValues[field.arguments].map(\.type.named)
        }
        mentioned += inputValues[type.inputFields].map(\.type.named)
        stack += mentioned.reversed().filter { !known.contains($0) && !seen.contains($0) }
      }
    }
    for id in declared {
      known.remove(id)
      collect(id)
    }
    for directive in directives {
      for argument in inputValues[directive.arguments] { collect(argument.type.named) }
    }
    if let introspection = typeByName[names.intern("__Schema")] { collect(introspection) }
    typeOrder = ordered
  }

  private mutating func definePossibleTypes() {
    for id in typeOrder {
      switch types[id.index].kind {
      case .object:
        types[id.index].possibleTypes = [id]
        for interface in types[id.index].interfaces where types[interface.index].kind == .interface {
          if types[interface.index].possibleTypes.last != id { types[interface.index].possibleTypes.append(id) }
        }
      case .union: types[id.index].possibleTypes = types[id.index].members
      default: break
      }
    }
  }
}
