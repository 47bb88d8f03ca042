import GraphQL

/// Which introspection types a recorded release has. Where a case was recorded with the one before September 2025,
/// the types of objects that the case gives tell so: a location of directives more or less is one object more or less.
struct IntrospectionEdition {
  private static let enumName = "__DirectiveLocation"
  private static let newLocation = "FRAGMENT_VARIABLE_DEFINITION"

  private var isPrevious = false
  /// The one argument with a default value that was not nullable: that of `__Schema.directives`.
  private var newest: NodeID?

  /// - Parameter typeNames: type names by response path.
  init(_ schema: Schema, typeNames: JSONValue?) {
    guard let index = schema.typeOrder.firstIndex(where: { schema.name($0) == Self.enumName }),
      let root = schema.type(named: "__Schema")
    else { return }
    let path = "__schema/types/\(index)/enumValues"
    let count = schema[schema.typeOrder[index]].enumValues.count
    isPrevious = typeNames?["\(path)/0"] != nil && typeNames?["\(path)/\(count - 1)"] == nil
    newest = schema.fields[schema[root].fields].lazy.flatMap { schema.inputValues[$0.arguments] }.first?.defaultLiteral
  }

  func type(of argument: InputValueDefinition) -> TypeReference {
    let wasNullable =
      isPrevious && argument.isBuiltIn && !argument.defaultLiteral.isNone && argument.defaultLiteral != newest
    return wasNullable && argument.type.isNonNull ? argument.type.ofType : argument.type
  }

  func values(of type: TypeID, _ schema: Schema) -> [EnumValueDefinition] {
    schema.enumValues[schema[type].enumValues].filter {
      !isPrevious || schema.name(type) != Self.enumName || schema.names.string($0.name) != Self.newLocation
    }
  }

  func description(of value: EnumValueDefinition, _ schema: Schema) -> String? {
    guard isPrevious, value.description == "Location adjacent to an operation variable definition." else {
      return value.description
    }
    return "Location adjacent to a variable definition."
  }

  func description(of directive: DirectiveDefinition, _ schema: Schema) -> String? {
    guard isPrevious, directive.isBuiltIn, schema.names.string(directive.name) == "oneOf" else {
      return directive.description
    }
    return "Indicates an Input Object is a OneOf Input Object."
  }
}
