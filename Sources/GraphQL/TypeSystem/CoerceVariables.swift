extension Schema {
  /// Spec `CoerceVariableValues` (section 6.1.2).
  /// - Parameters:
  ///   - operation: the operation definition whose variables are coerced.
  ///   - input: the request's variables; nil counts as none given.
  ///   - suggestions: whether messages may suggest names.
  /// - Throws: `RequestErrors` with code `BAD_USER_INPUT`, at most `Limits.maxCoercionErrors` of them.
  public func coerceVariableValues(
    _ document: Document, _ operation: NodeID, _ input: ValueObject?, limits: Limits = Limits(),
    suggestions: Bool = true
  ) throws(RequestErrors) -> VariableValues {
    var coerced = VariableValues()
    var errors: [GraphQLError] = []
    for definition in document.list(document[operation].variables) {
      let node = document[definition]
      let name = document.name(definition)
      func report(_ message: String, at id: NodeID) {
        errors.append(
          GraphQLError(message, locations: [document.location(id)], code: GraphQLError.Code.badUserInput))
      }
      guard let type = typeReference(document, node.type), kind(type.named).isInput else {
        report(
          "Variable \"$\(name)\" expected value of type \"\(document.text(node.type))\" which cannot be used as an "
            + "input type.",
          at: node.type)
        continue
      }
      var validation = InputValidation(
        schema: self, suggestions: suggestions, maxErrors: limits.maxCoercionErrors)
      let given = input?[name]
      var problem = "value"
      if given == nil && !node.defaultValue.isNone {
        if let value = valueFromAST(document, node.defaultValue, type) {
          coerced.values.fields.append(.init(name: name, value: value))
          continue
        }
        problem = "default value"
        validation.validate(document, node.defaultValue, type)
      } else {
        if given == nil && !type.isNonNull { continue }
        if let value = coerceInputValue(given, type) {
          coerced.values.fields.append(.init(name: name, value: value))
          continue
        }
        validation.validate(given, type)
      }
      for error in validation.errors {
        report(
          "Variable \"$\(name)\" has invalid \(problem)\(InputValidation.describe(error.path)): \(error.message)",
          at: definition)
      }
      if errors.count > limits.maxCoercionErrors {
        errors.removeLast(errors.count - limits.maxCoercionErrors)
        errors.append(
          GraphQLError(
            "Too many errors processing variables, error limit reached. Execution aborted.",
            code: GraphQLError.Code.tooManyErrors))
        break
      }
    }
    if !errors.isEmpty { throw RequestErrors(errors: errors) }
    return coerced
  }

  /// Spec `CoerceArgumentValues` (section 6.4.1). Absent arguments without default are absent from the result.
  /// - Parameters:
  ///   - arguments: the argument definitions of the field or directive.
  ///   - node: the field or directive in the document.
  /// - Throws: `GraphQLError` with code `BAD_USER_INPUT` and the location of the value.
  public func coerceArgumentValues(
    _ arguments: Range<Int>, _ document: Document, _ node: NodeID, _ variables: VariableValues
  ) throws(GraphQLError) -> ValueObject {
    var coerced = ValueObject()
    for index in arguments {
      let definition = inputValues[index]
      let name = names.string(definition.name)
      var literal = NodeID.none
      for argument in document.list(document[node].arguments)
      where document.names.length(document[argument].name) == names.length(definition.name) {
        if document.name(argument) == name { literal = document[argument].value }
      }
      let position = InputPosition(
        type: definition.type, defaultValue: defaultValues[index], isRequired: definition.isRequired,
        label: { "Argument \"\(name)\"" })
      if let value = try coerceArgument(position, document, literal, in: node, variables) {
        coerced.fields.append(.init(name: name, value: value))
      }
    }
    return coerced
  }

  /// Where an argument goes.
  struct InputPosition {
    var type: TypeReference
    var defaultValue: Value?
    var isRequired: Bool
    /// What an error calls it.
    var label: () -> String
  }

  /// The value of one argument, nil if it is absent and has no default.
  /// - Parameters:
  ///   - literal: what is given, or none.
  ///   - node: what the argument is given to, for the location of an error.
  func coerceArgument(
    _ position: InputPosition, _ document: Document, _ literal: NodeID, in node: NodeID, _ variables: VariableValues
  ) throws(GraphQLError) -> Value? {
    var literal = literal
    if !literal.isNone, document[literal].kind == .variable, variables[document.name(literal)] == nil,
      !position.isRequired
    {
      literal = .none
    }
    if literal.isNone {
      guard position.isRequired else { return position.defaultValue }
      throw GraphQLError(
        "\(position.label()) of required type \"\(describe(position.type))\" was not provided.",
        locations: [document.location(node)], code: GraphQLError.Code.badUserInput)
    }
    if let value = valueFromAST(document, literal, position.type, variables: variables) { return value }
    var validation = InputValidation(schema: self)
    validation.validate(document, literal, position.type, variables: variables)
    let error = validation.errors.first
    throw GraphQLError(
      "\(position.label()) has invalid value\(InputValidation.describe(error?.path ?? [])): \(error?.message ?? "")",
      locations: [document.location(error.map { $0.node.isNone ? literal : $0.node } ?? literal)],
      code: GraphQLError.Code.badUserInput)
  }
}

/// Errors that refuse a request before it executes.
public struct RequestErrors: Error, Sendable, Equatable {
  public let errors: [GraphQLError]

  public init(errors: [GraphQLError]) { self.errors = errors }
}
