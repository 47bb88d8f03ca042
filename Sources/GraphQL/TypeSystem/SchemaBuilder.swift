/// Builds a schema from type-system definitions and checks it.
///
/// Spec: section 3; each check stands under the type it belongs to ("Type Validation").
public struct SchemaBuilder {
  private let document: Document
  private let builtIn: Document
  private let scalars: [String: ScalarCoercion]
  private var types: [TypeDefinition] = []
  private var typeIDs: [String: TypeID] = [:]
  private var fields: [FieldDefinition] = []
  private var directives: [DirectiveDefinition] = []
  private var errors: [GraphQLError] = []

  /// - Parameter scalars: how the schema's own scalars take values; one without an entry takes any value.
  /// - Throws: what is wrong with the document, all of it.
  public static func build(
    _ document: Document, scalars: [String: ScalarCoercion] = [:]
  ) throws(SchemaErrors) -> Schema {
    do {
      var builder = SchemaBuilder(
        document: document, builtIn: try Parser.parse(IntrospectionSchema.source), scalars: scalars)
      return try builder.build()
    } catch let error as SchemaErrors {
      throw error
    } catch {
      throw SchemaErrors(errors: [error as? GraphQLError ?? GraphQLError("The schema cannot be built.")])
    }
  }

  private init(document: Document, builtIn: Document, scalars: [String: ScalarCoercion]) {
    self.document = document
    self.builtIn = builtIn
    self.scalars = scalars
  }

  private mutating func report(_ message: String, at start: UInt32, in source: Document) {
    errors.append(GraphQLError(message, locations: [source.location(start)]))
  }

  private mutating func build() throws -> Schema {
    for source in [builtIn, document] { declare(source) }
    for source in [builtIn, document] { define(source) }
    collectPossibleTypes()
    let roots = rootTypes()
    checkTypes()
    guard let queryType = roots[.query] else {
      errors.append(GraphQLError("Query root type must be provided."))
      throw SchemaErrors(errors: errors)
    }
    guard errors.isEmpty else { throw SchemaErrors(errors: errors) }
    let schemaNode = document.typeSystem.first { $0.kind == .schema && !$0.isExtension }
    return Schema(
      types: types, fields: fields, directives: directives, queryType: queryType, mutationType: roots[.mutation],
      subscriptionType: roots[.subscription],
      description: schemaNode.flatMap { text($0.description, in: document) })
  }

  // MARK: Names

  private mutating func declare(_ source: Document) {
    for node in source.typeSystem where !node.isExtension {
      let kind: TypeKind
      switch node.kind {
      case .scalar: kind = .scalar
      case .object: kind = .object
      case .interface: kind = .interface
      case .union: kind = .union
      case .enumeration: kind = .enumeration
      case .inputObject: kind = .inputObject
      case .schema, .directive: continue
      }
      let name = source.text(node.name)
      guard typeIDs[name] == nil else {
        report("There can be only one type named \"\(name)\".", at: node.start, in: source)
        continue
      }
      if name.hasPrefix("__"), source.bytes != builtIn.bytes {
        report(
          "Name \"\(name)\" must not begin with \"__\", which is reserved by GraphQL introspection.",
          at: node.start, in: source)
      }
      typeIDs[name] = TypeID(index: types.count)
      var type = TypeDefinition(kind: kind, name: name, description: text(node.description, in: source))
      type.isBuiltIn = source.bytes == builtIn.bytes
      if kind == .scalar { type.scalar = ScalarCoercion.builtIn[name] ?? scalars[name] ?? .any }
      types.append(type)
    }
  }

  private func text(_ value: Int32, in source: Document) -> String? {
    guard value >= 0 else { return nil }
    let node = source.values[Int(value)]
    return StringLiteral.value(source.bytes, node.text, isBlock: node.kind == .blockString)
  }

  private mutating func reference(_ number: Int32, in source: Document) -> TypeReference? {
    var wrappers: [TypeReference.Wrapper] = []
    var node = source.types[Int(number)]
    while node.kind != .named {
      wrappers.append(node.kind == .list ? .list : .nonNull)
      node = source.types[Int(node.inner)]
    }
    guard let named = typeIDs[source.text(node.name)] else {
      report("Unknown type \"\(source.text(node.name))\".", at: node.start, in: source)
      return nil
    }
    return TypeReference(named: named, wrappers: wrappers)
  }

  // MARK: Definitions

  private mutating func define(_ source: Document) {
    // Input types first: defaults of arguments need them.
    for node in source.typeSystem where node.kind == .inputObject || node.kind == .enumeration {
      defineInput(node, source)
    }
    for node in source.typeSystem {
      switch node.kind {
      case .object, .interface: defineFields(node, source)
      case .union: defineUnion(node, source)
      case .directive: defineDirective(node, source)
      case .scalar:
        guard let id = typeIDs[source.text(node.name)] else { continue }
        types[id.index].specifiedByURL =
          directiveText(node.directives, "specifiedBy", "url", source) ?? types[id.index].specifiedByURL
      case .schema, .enumeration, .inputObject: continue
      }
    }
  }

  private mutating func target(_ node: TypeSystemDefinition, _ source: Document, _ kind: TypeKind) -> TypeID? {
    let name = source.text(node.name)
    guard let id = typeIDs[name] else {
      report("Cannot extend type \"\(name)\" because it is not defined.", at: node.start, in: source)
      return nil
    }
    guard types[id.index].kind == kind else {
      if node.isExtension { report("Cannot extend non-matching type \"\(name)\".", at: node.start, in: source) }
      return nil
    }
    return id
  }

  private mutating func defineInput(_ node: TypeSystemDefinition, _ source: Document) {
    if node.kind == .enumeration {
      guard let id = target(node, source, .enumeration) else { return }
      for index in node.enumValues.indices {
        let value = source.enumValues[index]
        let name = source.text(value.name)
        if types[id.index].enumValues.contains(where: { $0.name == name }) {
          report(
            "Enum value \"\(types[id.index].name).\(name)\" can only be defined once.", at: value.start, in: source)
        }
        types[id.index].enumValues.append(
          EnumValueDefinition(
            name: name, description: text(value.description, in: source),
            deprecationReason: deprecation(value.directives, source)))
      }
    } else if let id = target(node, source, .inputObject) {
      if hasDirective(node.directives, "oneOf", source) { types[id.index].isOneOf = true }
      let inputs = inputValues(node.inputs, of: types[id.index].name, source)
      types[id.index].inputFields.append(contentsOf: inputs)
    }
  }

  private mutating func inputValues(
    _ range: NodeRange, of owner: String, _ source: Document
  ) -> [InputValueDefinition] {
    var definitions: [InputValueDefinition] = []
    for index in range.indices {
      let node = source.inputValues[index]
      let name = source.text(node.name)
      if definitions.contains(where: { $0.name == name }) {
        report("Input \"\(owner).\(name)\" can only be defined once.", at: node.start, in: source)
      }
      guard let type = reference(node.type, in: source) else { continue }
      if !types[type.named.index].isInput {
        report("The type of \(owner).\(name) must be Input Type but got: \(types[type.named.index].name).", at: node.start, in: source)
      }
      var definition = InputValueDefinition(
        name: name, description: text(node.description, in: source), type: type,
        deprecationReason: deprecation(node.directives, source))
      if node.defaultValue >= 0 {
        let literal = source.values[Int(node.defaultValue)]
        definition.defaultText = literalText(literal, source)
        definition.defaultValue = literalValue(literal, source)
      }
      if definition.isRequired, definition.deprecationReason != nil {
        report("Required input \(owner).\(name) cannot be deprecated.", at: node.start, in: source)
      }
      definitions.append(definition)
    }
    return definitions
  }

  /// A default as written: schemas are trusted to hold literals that fit, which `checkTypes` verifies.
  private func literalValue(_ node: ValueNode, _ source: Document) -> Value {
    ValueReader(document: source).value(node, variables: nil) ?? .null
  }

  private func literalText(_ node: ValueNode, _ source: Document) -> String {
    Printer(document: source).text(of: node)
  }

  private mutating func defineFields(_ node: TypeSystemDefinition, _ source: Document) {
    guard let id = target(node, source, node.kind == .object ? .object : .interface) else { return }
    let owner = types[id.index].name
    for index in node.names.indices {
      let name = source.text(source.names[index])
      guard let interface = typeIDs[name], types[interface.index].kind == .interface else {
        report(
          "Type \(owner) must only implement Interface types, it cannot implement \(name).", at: node.start,
          in: source)
        continue
      }
      if types[id.index].interfaces.contains(interface) {
        report("Type \(owner) can only implement \(name) once.", at: node.start, in: source)
      } else if interface == id {
        report("Type \(owner) cannot implement itself because it would create a circular reference.", at: node.start, in: source)
      } else {
        types[id.index].interfaces.append(interface)
      }
    }
    for index in node.fields.indices {
      let field = source.fieldDefinitions[index]
      let name = source.text(field.name)
      if types[id.index].fields.contains(where: { fields[$0.index].name == name }) {
        report("Field \"\(owner).\(name)\" can only be defined once.", at: field.start, in: source)
      }
      if name.hasPrefix("__") {
        report(
          "Name \"\(name)\" must not begin with \"__\", which is reserved by GraphQL introspection.",
          at: field.start, in: source)
      }
      guard let type = reference(field.type, in: source) else { continue }
      if types[type.named.index].kind == .inputObject {
        report(
          "The type of \(owner).\(name) must be Output Type but got: \(types[type.named.index].name).",
          at: field.start, in: source)
      }
      let arguments = inputValues(field.arguments, of: "\(owner).\(name)", source)
      types[id.index].fields.append(FieldID(index: fields.count))
      fields.append(
        FieldDefinition(
          name: name, description: text(field.description, in: source), arguments: arguments, type: type,
          deprecationReason: deprecation(field.directives, source), parent: id))
    }
  }

  private mutating func defineUnion(_ node: TypeSystemDefinition, _ source: Document) {
    guard let id = target(node, source, .union) else { return }
    for index in node.names.indices {
      let name = source.text(source.names[index])
      guard let member = typeIDs[name], types[member.index].kind == .object else {
        report(
          "Union type \(types[id.index].name) can only include Object types, it cannot include \(name).",
          at: node.start, in: source)
        continue
      }
      if types[id.index].possibleTypes.contains(member) {
        report("Union type \(types[id.index].name) can only include type \(name) once.", at: node.start, in: source)
      } else {
        types[id.index].possibleTypes.append(member)
      }
    }
  }

  private mutating func defineDirective(_ node: TypeSystemDefinition, _ source: Document) {
    let name = source.text(node.name)
    guard !directives.contains(where: { $0.name == name }) else {
      if !ScalarCoercion.builtIn.isEmpty, builtIn.typeSystem.contains(where: { builtIn.text($0.name) == name }) { return }
      return report("There can be only one directive named \"@\(name)\".", at: node.start, in: source)
    }
    let arguments = inputValues(node.inputs, of: "@\(name)", source)
    directives.append(
      DirectiveDefinition(
        name: name, description: text(node.description, in: source),
        locations: node.names.indices.compactMap { DirectiveLocation(rawValue: source.text(source.names[$0])) },
        arguments: arguments, isRepeatable: node.isRepeatable))
  }

  // MARK: Directives on definitions

  private func hasDirective(_ range: NodeRange, _ name: String, _ source: Document) -> Bool {
    range.indices.contains { source.text(source.directives[$0].name) == name }
  }

  private func directiveText(_ range: NodeRange, _ name: String, _ argument: String, _ source: Document) -> String? {
    for index in range.indices where source.text(source.directives[index].name) == name {
      for number in source.directives[index].arguments.indices
      where source.text(source.arguments[number].name) == argument {
        return text(source.arguments[number].value, in: source)
      }
    }
    return nil
  }

  private func deprecation(_ range: NodeRange, _ source: Document) -> String? {
    guard hasDirective(range, "deprecated", source) else { return nil }
    return directiveText(range, "deprecated", "reason", source) ?? "No longer supported"
  }

  // MARK: The whole

  private mutating func collectPossibleTypes() {
    for (index, type) in types.enumerated() where type.kind == .object {
      for interface in type.interfaces { types[interface.index].possibleTypes.append(TypeID(index: index)) }
    }
  }

  private mutating func rootTypes() -> [OperationKind: TypeID] {
    var roots: [OperationKind: TypeID] = [:]
    let nodes = document.typeSystem.filter { $0.kind == .schema }
    if nodes.filter({ !$0.isExtension }).count > 1 {
      errors.append(GraphQLError("Must provide only one schema definition."))
    }
    if !nodes.contains(where: { !$0.isExtension }) {
      for (kind, name) in [(OperationKind.query, "Query"), (.mutation, "Mutation"), (.subscription, "Subscription")] {
        roots[kind] = typeIDs[name]
      }
    }
    for node in nodes {
      for index in node.rootTypes.indices {
        let root = document.rootOperationTypes[index]
        guard let id = typeIDs[document.text(root.type)] else {
          report("Unknown type \"\(document.text(root.type))\".", at: root.start, in: document)
          continue
        }
        if roots[root.operation] != nil {
          report("There can be only one \(root.operation.name) type in schema.", at: root.start, in: document)
        }
        roots[root.operation] = id
      }
    }
    for (kind, id) in roots where types[id.index].kind != .object {
      errors.append(
        GraphQLError(
          "\(kind.name.prefix(1).uppercased())\(kind.name.dropFirst()) root type must be Object type, it cannot be \(types[id.index].name)."))
    }
    return roots
  }

  private mutating func checkTypes() {
    var found: [String] = []
    let coercion = InputCoercion(types: types)
    for type in types {
      switch type.kind {
      case .object, .interface:
        if type.fields.isEmpty { found.append("Type \(type.name) must define one or more fields.") }
        for interface in type.interfaces { found += checkImplementation(type, types[interface.index]) }
      case .union:
        if type.possibleTypes.isEmpty {
          found.append("Union type \(type.name) must define one or more member types.")
        }
      case .enumeration:
        if type.enumValues.isEmpty { found.append("Enum type \(type.name) must define one or more values.") }
      case .inputObject:
        if type.inputFields.isEmpty {
          found.append("Input Object type \(type.name) must define one or more fields.")
        }
        for field in type.inputFields where type.isOneOf && (field.type.isNonNull || field.defaultValue != nil) {
          found.append("OneOf input field \(type.name).\(field.name) must be nullable and have no default value.")
        }
        if endless(type, [type.name]) {
          found.append("Input Object type \(type.name) references itself through non-null fields without end.")
        }
      case .scalar: break
      }
      for index in type.inputFields.indices {
        found += checkDefault(type.inputFields[index], of: type.name, coercion)
      }
    }
    for field in fields {
      for argument in field.arguments { found += checkDefault(argument, of: field.name, coercion) }
    }
    errors += found.map { GraphQLError($0) }
  }

  private func checkDefault(
    _ input: InputValueDefinition, of owner: String, _ coercion: InputCoercion
  ) -> [String] {
    guard let value = input.defaultValue else { return [] }
    do {
      _ = try coercion.coerce(value, to: input.type)
      return []
    } catch {
      return ["The default of \(owner).\(input.name) does not fit its type: \(error.message)"]
    }
  }

  private func endless(_ type: TypeDefinition, _ seen: Set<String>) -> Bool {
    type.inputFields.contains { field in
      guard field.type.wrappers == [.nonNull] else { return false }
      let next = types[field.type.named.index]
      guard next.kind == .inputObject else { return false }
      return seen.contains(next.name) || endless(next, seen.union([next.name]))
    }
  }

  /// Spec: `IsValidImplementation`.
  private func checkImplementation(_ type: TypeDefinition, _ interface: TypeDefinition) -> [String] {
    var found: [String] = []
    for transitive in interface.interfaces where !type.interfaces.contains(transitive) {
      let name = types[transitive.index].name
      found.append("Type \(type.name) must implement \(name) because it is implemented by \(interface.name).")
    }
    for id in interface.fields {
      let wanted = fields[id.index]
      guard let own = type.fields.map({ fields[$0.index] }).first(where: { $0.name == wanted.name }) else {
        found.append(
          "Interface field \(interface.name).\(wanted.name) expected but \(type.name) does not provide it.")
        continue
      }
      if !isSubtype(own.type, wanted.type) {
        found.append("Interface field \(interface.name).\(wanted.name) has another type than \(type.name).\(own.name).")
      }
      for argument in wanted.arguments {
        guard let match = own.arguments.first(where: { $0.name == argument.name }) else {
          found.append(
            "Interface field argument \(interface.name).\(wanted.name)(\(argument.name):) expected but \(type.name).\(own.name) does not provide it.")
          continue
        }
        if match.type != argument.type {
          found.append(
            "Interface field argument \(interface.name).\(wanted.name)(\(argument.name):) has another type than \(type.name).\(own.name)(\(argument.name):).")
        }
      }
      for argument in own.arguments
      where argument.isRequired && !wanted.arguments.contains(where: { $0.name == argument.name }) {
        found.append(
          "Argument \(type.name).\(own.name)(\(argument.name):) must not be required type if not provided by the Interface field \(interface.name).\(wanted.name).")
      }
    }
    return found
  }

  /// Spec: `IsValidImplementationFieldType`.
  private func isSubtype(_ type: TypeReference, _ wanted: TypeReference) -> Bool {
    if type.isNonNull { return isSubtype(type.nullable, wanted.nullable) }
    if wanted.isNonNull { return false }
    if let item = type.item { return wanted.item.map { isSubtype(item, $0) } ?? false }
    guard wanted.item == nil else { return false }
    return type.named == wanted.named || types[wanted.named.index].possibleTypes.contains(type.named)
      || types[type.named.index].interfaces.contains(wanted.named)
  }
}

/// Everything that is wrong with a schema.
public struct SchemaErrors: Error, Sendable {
  public let errors: [GraphQLError]

  public init(errors: [GraphQLError]) {
    self.errors = errors
  }
}
