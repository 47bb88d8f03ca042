/// Checks a type system (spec section 3, "Type Validation" of each kind).
/// - Returns: everything that is wrong, with locations in the schema's document.
public func validateSchema(_ schema: Schema) -> [GraphQLError] {
  var validation = SchemaValidation(schema: schema)
  validation.validateRootTypes()
  for directive in schema.directives { validation.validateDirective(directive) }
  var defaults = InputObjectDefaultValueHasCycle(schema: schema)
  for id in schema.typeOrder {
    validation.validateType(id)
    if schema.kind(id) == .inputObject { defaults.visit(id, &validation) }
  }
  var cycles = InputObjectHasUnbreakableCycle(schema: schema)
  cycles.detect(&validation)
  return validation.errors
}

/// The state of checking one type system.
struct SchemaValidation {
  let schema: Schema
  var errors: [GraphQLError] = []
  private var document: Document { schema.document }

  init(schema: Schema) { self.schema = schema }

  mutating func report(_ message: String, _ nodes: [NodeID]) {
    errors.append(
      GraphQLError(message, locations: nodes.filter { !$0.isNone }.map { document.location($0) }))
  }

  private func text(_ name: NameID) -> String { schema.names.string(name) }

  private func typeNode(_ node: NodeID) -> NodeID { node.isNone ? .none : document[node].type }

  private func deprecatedNode(_ node: NodeID) -> NodeID {
    guard !node.isNone else { return .none }
    return document.list(document[node].directives).first { document.name($0) == "deprecated" } ?? .none
  }

  private mutating func validateName(_ name: NameID, _ node: NodeID) {
    let name = text(name)
    if name.hasPrefix("__") {
      report("Name \"\(name)\" must not begin with \"__\", which is reserved by GraphQL introspection.", [node])
    }
  }

  // MARK: Roots

  private func operationTypeNode(_ operation: OperationType) -> NodeID {
    for id in [schema.schemaNode] + schema.schemaExtensionNodes where !id.isNone {
      for child in document.list(document[id].children) where document[child].operation == operation {
        return document[child].type
      }
    }
    return .none
  }

  mutating func validateRootTypes() {
    if schema.queryType == nil { report("Query root type must be provided.", [schema.schemaNode]) }
    var uses: [(type: TypeID, operations: [OperationType])] = []
    for operation in OperationType.allCases {
      guard let type = schema.rootType(operation) else { continue }
      if schema.kind(type) != .object {
        let title = operation.keyword.prefix(1).uppercased() + operation.keyword.dropFirst()
        let node = operationTypeNode(operation)
        report(
          "\(title) root type must be Object type\(operation == .query ? "" : " if provided"), it cannot be "
            + "\(schema.name(type)).",
          [node.isNone ? schema[type].node : node])
      } else if let index = uses.firstIndex(where: { $0.type == type }) {
        uses[index].operations.append(operation)
      } else {
        uses.append((type, [operation]))
      }
    }
    for use in uses where use.operations.count > 1 {
      report(
        "All root types must be different, \"\(schema.name(use.type))\" type is used as "
          + "\(Suggestions.andList(use.operations.map(\.keyword))) root types.",
        use.operations.map { operationTypeNode($0) })
    }
  }

  // MARK: Input values

  mutating func validateDirective(_ directive: DirectiveDefinition) {
    guard !directive.isBuiltIn else { return }
    validateName(directive.name, directive.node)
    if directive.locations.isEmpty {
      report("Directive @\(text(directive.name)) must include 1 or more locations.", [directive.node])
    }
    for argument in schema.inputValues[directive.arguments] {
      validateInputValue(
        argument, "@\(text(directive.name))(\(text(argument.name)):)", subject: "argument", at: argument.node)
    }
  }

  private mutating func validateInputValue(
    _ value: InputValueDefinition, _ coordinate: String, subject: String, at node: NodeID
  ) {
    validateName(value.name, value.node)
    if !schema.kind(value.type.named).isInput {
      report("The type of \(coordinate) must be Input Type but got: \(schema.describe(value.type)).", [node])
    }
    if value.isRequired && value.deprecationReason != nil {
      report(
        "Required \(subject) \(coordinate) cannot be deprecated.", [deprecatedNode(value.node), typeNode(value.node)])
    }
    guard !value.defaultLiteral.isNone, schema.kind(value.type.named).isInput else { return }
    var validation = InputValidation(schema: schema)
    validation.validate(document, value.defaultLiteral, value.type)
    for error in validation.errors {
      report(
        "\(coordinate) has invalid default value\(InputValidation.describe(error.path)): \(error.message)",
        [error.node.isNone ? value.defaultLiteral : error.node])
    }
  }

  // MARK: Types

  mutating func validateType(_ id: TypeID) {
    let type = schema[id]
    if type.isBuiltIn { return }
    validateName(type.name, type.node)
    switch type.kind {
    case .object, .interface:
      validateFields(id)
      validateInterfaces(id)
    case .union: validateUnionMembers(id)
    case .enum:
      if type.enumValues.isEmpty {
        report("Enum type \(schema.name(id)) must define one or more values.", [type.node] + type.extensionNodes)
      }
      for value in schema.enumValues[type.enumValues] { validateName(value.name, value.node) }
    case .inputObject: validateInputFields(id)
    case .scalar: break
    }
  }

  private mutating func validateFields(_ id: TypeID) {
    let type = schema[id]
    let name = schema.name(id)
    if type.fields.isEmpty {
      report("Type \(name) must define one or more fields.", [type.node] + type.extensionNodes)
    }
    for field in schema.fields[type.fields] {
      validateName(field.name, field.node)
      if !schema.kind(field.type.named).isOutput {
        report(
          "The type of \(name).\(text(field.name)) must be Output Type but got: \(schema.describe(field.type)).",
          [typeNode(field.node)])
      }
      for argument in schema.inputValues[field.arguments] {
        validateInputValue(
          argument, "\(name).\(text(field.name))(\(text(argument.name)):)", subject: "argument",
          at: typeNode(argument.node))
      }
    }
  }

  private mutating func validateInputFields(_ id: TypeID) {
    let type = schema[id]
    let name = schema.name(id)
    if type.inputFields.isEmpty {
      report("Input Object type \(name) must define one or more fields.", [type.node] + type.extensionNodes)
    }
    for field in schema.inputValues[type.inputFields] {
      let coordinate = "\(name).\(text(field.name))"
      validateInputValue(field, coordinate, subject: "input field", at: typeNode(field.node))
      guard type.isOneOf else { continue }
      if field.type.isNonNull { report("OneOf input field \(coordinate) must be nullable.", [typeNode(field.node)]) }
      if !field.defaultLiteral.isNone {
        report("OneOf input field \(coordinate) cannot have a default value.", [field.node])
      }
    }
  }

  private mutating func validateUnionMembers(_ id: TypeID) {
    let type = schema[id]
    let name = schema.name(id)
    if type.members.isEmpty {
      report("Union type \(name) must define one or more member types.", [type.node] + type.extensionNodes)
    }
    var seen = Set<TypeID>()
    for member in type.members {
      if schema.kind(member) != .object {
        report(
          "Union type \(name) can only include Object types, it cannot include \(schema.name(member)).",
          mentions(id, of: member) { document[$0].children })
      } else if !seen.insert(member).inserted {
        report(
          "Union type \(name) can only include type \(schema.name(member)) once.",
          mentions(id, of: member) { document[$0].children })
      }
    }
  }

  /// Named types in a list of a type's definition and extensions that mention another type.
  private func mentions(_ id: TypeID, of other: TypeID, in list: (NodeID) -> NodeID) -> [NodeID] {
    let type = schema[id]
    if type.isBuiltIn { return [] }
    let name = schema.name(other)
    return ([type.node] + type.extensionNodes).flatMap { node in
      document.list(list(node)).filter { document.name($0) == name }
    }
  }

  // MARK: Interfaces

  private mutating func validateInterfaces(_ id: TypeID) {
    let type = schema[id]
    var seen = Set<TypeID>()
    for interface in type.interfaces {
      let nodes = mentions(id, of: interface) { document[$0].interfaces }
      if schema.kind(interface) != .interface {
        report(
          "Type \(schema.name(id)) must only implement Interface types, it cannot implement \(schema.name(interface)).",
          nodes)
        continue
      }
      if interface == id {
        report("Type \(schema.name(id)) cannot implement itself because it would create a circular reference.", nodes)
      }
      if !seen.insert(interface).inserted {
        report("Type \(schema.name(id)) can only implement \(schema.name(interface)) once.", nodes)
        continue
      }
      validateImplementsAncestors(id, interface)
      validateImplements(id, interface)
    }
  }

  private mutating func validateImplementsAncestors(_ id: TypeID, _ interface: TypeID) {
    for ancestor in schema[interface].interfaces where !schema[id].interfaces.contains(ancestor) {
      report(
        ancestor == id
          ? "Type \(schema.name(id)) cannot implement \(schema.name(interface)) because it would create a circular "
            + "reference."
          : "Type \(schema.name(id)) must implement \(schema.name(ancestor)) because it is implemented by "
            + "\(schema.name(interface)).",
        mentions(interface, of: ancestor) { document[$0].interfaces }
          + mentions(id, of: interface) { document[$0].interfaces })
    }
  }

  private mutating func validateImplements(_ id: TypeID, _ interface: TypeID) {
    let type = schema[id]
    for expected in schema.fields[schema[interface].fields] {
      let promised = "\(schema.name(interface)).\(text(expected.name))"
      guard let known = schema.field(id, expected.name) else {
        report(
          "Interface field \(promised) expected but \(schema.name(id)) does not provide it.",
          [expected.node, type.node] + type.extensionNodes)
        continue
      }
      let field = schema[known]
      let given = "\(schema.name(id)).\(text(field.name))"
      if !schema.isSubtype(field.type, of: expected.type) {
        report(
          "Interface field \(promised) expects type \(schema.describe(expected.type)) but \(given) "
            + "is type \(schema.describe(field.type)).", [typeNode(expected.node), typeNode(field.node)])
      }
      validateArguments(field, given, implement: expected, promised)
      if field.deprecationReason != nil && expected.deprecationReason == nil {
        report(
          "Interface field \(promised) is not deprecated, so implementation field \(given) must not be deprecated.",
          [deprecatedNode(field.node), typeNode(field.node)])
      }
    }
  }

  private mutating func validateArguments(
    _ field: FieldDefinition, _ given: String, implement expected: FieldDefinition, _ promised: String
  ) {
    for wanted in schema.inputValues[expected.arguments] {
      let name = text(wanted.name)
      guard let known = schema.argument(field.arguments, wanted.name) else {
        report(
          "Interface field argument \(promised)(\(name):) expected but \(given) does not provide it.",
          [wanted.node, field.node])
        continue
      }
      let argument = schema[known]
      if argument.type != wanted.type {
        report(
          "Interface field argument \(promised)(\(name):) expects type \(schema.describe(wanted.type)) but "
            + "\(given)(\(name):) is type \(schema.describe(argument.type)).",
          [typeNode(wanted.node), typeNode(argument.node)])
      }
    }
    for argument in schema.inputValues[field.arguments]
    where argument.isRequired && schema.argument(expected.arguments, argument.name) == nil {
      report(
        "Argument \"\(given)(\(text(argument.name)):)\" must not be required type "
          + "\"\(schema.describe(argument.type))\" "
          + "if not provided by the Interface field \"\(promised)\".", [argument.node, expected.node])
    }
  }
}
