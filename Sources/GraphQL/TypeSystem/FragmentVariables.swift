extension Schema {
  /// The values of variables within a fragment: those of the operation, with the fragment's own in front of them.
  ///
  /// Of a proposal for a later edition; `Parser.Options.fragmentArguments` lets such documents in.
  /// - Parameters:
  ///   - spread: the spread, whose arguments give the fragment's variables their values.
  ///   - variables: the values of the operation's variables.
  ///   - outer: the values of variables where the spread stands.
  /// - Throws: `GraphQLError` with code `BAD_USER_INPUT` and the location of the value, the type or the spread.
  public func fragmentVariableValues(
    _ document: Document, _ spread: NodeID, of fragment: NodeID, _ variables: VariableValues, outer: VariableValues
  ) throws(GraphQLError) -> VariableValues {
    var result = variables
    for id in document.list(document[fragment].variables) {
      let node = document[id]
      let name = document.name(id)
      guard let type = typeReference(document, node.type), kind(type.named).isInput else {
        throw GraphQLError(
          "Variable \"$\(name)\" expected value of type \"\(document.text(node.type))\" which cannot be used as an "
            + "input type.", locations: [document.location(node.type)], code: GraphQLError.Code.badUserInput)
      }
      var literal = NodeID.none
      for argument in document.list(document[spread].arguments) where document[argument].name == node.name {
        literal = document[argument].value
      }
      let position = InputPosition(
        type: type, defaultValue: node.defaultValue.isNone ? nil : valueFromAST(document, node.defaultValue, type),
        isRequired: type.isNonNull && node.defaultValue.isNone,
        label: { "Variable \"$\(name)\" defined by fragment \"\(document.name(fragment))\"" })
      let value = try coerceArgument(position, document, literal, in: spread, outer)
      if value == nil, !node.defaultValue.isNone {
        var validation = InputValidation(schema: self, maxErrors: 1)
        validation.validate(document, node.defaultValue, type)
        let error = validation.errors.first
        throw GraphQLError(
          "\(position.label()) has invalid default value\(InputValidation.describe(error?.path ?? [])): "
            + (error?.message ?? ""), locations: [document.location(spread)], code: GraphQLError.Code.badUserInput)
      }
      result.values[name] = value
    }
    return result
  }
}
