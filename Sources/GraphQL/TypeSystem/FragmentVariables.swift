extension Schema {
  /// The values of variables within a fragment: those of the operation, with the fragment's own in front of them.
  ///
  /// Of a proposal for a later edition; `Parser.Options.fragmentArguments` lets such documents in.
  /// - Parameters:
  ///   - spread: the spread, whose arguments give the fragment's variables their values.
  ///   - variables: the values of the operation's variables.
  ///   - outer: the values of variables where the spread stands.
  /// - Throws: `GraphQLError` with code `BAD_USER_INPUT` and the location of the value or the spread.
  public func fragmentVariableValues(
    _ document: Document, _ spread: NodeID, of fragment: NodeID, _ variables: VariableValues, outer: VariableValues
  ) throws(GraphQLError) -> VariableValues {
    var result = variables
    for id in document.list(document[fragment].variables) {
      let node = document[id]
      let name = document.name(id)
      guard let type = typeReference(document, node.type), kind(type.named).isInput else { continue }
      var literal = NodeID.none
      for argument in document.list(document[spread].arguments) where document[argument].name == node.name {
        literal = document[argument].value
      }
      let position = InputPosition(
        type: type, defaultValue: node.defaultValue.isNone ? nil : valueFromAST(document, node.defaultValue, type),
        isRequired: type.isNonNull && node.defaultValue.isNone,
        label: { "Variable \"$\(name)\" defined by fragment \"\(document.name(fragment))\"" })
      result.values[name] = try coerceArgument(position, document, literal, in: spread, outer)
    }
    return result
  }
}
