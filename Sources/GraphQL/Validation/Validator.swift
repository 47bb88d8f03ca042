/// Checks a document against a schema before anything of it runs.
///
/// Spec: section 5. One walk over each operation and fragment; every rule's part of the walk stands in the file
/// named after what it looks at. Messages are worded as graphql-js words them, because tools match on them.
public struct Validator {
  let schema: Schema
  let document: Document
  let limits: Limits
  var errors: [GraphQLError] = []
  /// What the definition at hand uses, for the rules on variables and fragments.
  var usage = DefinitionUsage()
  var fragmentUsage: [String: DefinitionUsage] = [:]

  /// What one definition uses directly.
  struct DefinitionUsage {
    struct VariableUse {
      let name: String
      let start: UInt32
      /// The type of the place; nil where that place is unknown.
      let type: TypeReference?
      let hasDefault: Bool
    }

    var variables: [VariableUse] = []
    var spreads: [(name: String, start: UInt32)] = []
  }

  /// All errors, in the order of the walk; none when the document is valid.
  public static func validate(_ document: Document, schema: Schema, limits: Limits = Limits()) -> [GraphQLError] {
    var validator = Validator(schema: schema, document: document, limits: limits)
    validator.run()
    return Array(validator.errors.prefix(limits.reportedErrors))
  }

  private init(schema: Schema, document: Document, limits: Limits) {
    self.schema = schema
    self.document = document
    self.limits = limits
  }

  private mutating func run() {
    guard checkDefinitions(), checkFragmentCycles(), checkSize() else { return }
    for fragment in document.fragments {
      usage = DefinitionUsage()
      visitFragment(fragment)
      fragmentUsage[document.text(fragment.name)] = usage
    }
    for operation in document.operations {
      usage = DefinitionUsage()
      visitOperation(operation)
      checkVariables(of: operation)
    }
    checkUnusedFragments()
    if errors.isEmpty { checkOverlappingFields() }
  }

  mutating func report(_ message: String, _ starts: UInt32..., code: String = "GRAPHQL_VALIDATION_FAILED") {
    guard errors.count < limits.reportedErrors else { return }
    errors.append(GraphQLError(message, locations: starts.map(document.location), code: code))
  }

  // MARK: Walk

  private mutating func visitOperation(_ operation: OperationDefinition) {
    let location: DirectiveLocation =
      switch operation.kind {
      case .query: .query
      case .mutation: .mutation
      case .subscription: .subscription
      }
    visitVariableDefinitions(operation)
    visitDirectives(operation.directives, at: location)
    guard let root = schema.rootType(of: operation.kind) else {
      report("The \(operation.kind.name) operation is not supported by the schema.", operation.start)
      return
    }
    visitSelections(operation.selections, root)
  }

  private mutating func visitFragment(_ fragment: FragmentDefinition) {
    visitDirectives(fragment.directives, at: .fragmentDefinition)
    let name = document.text(fragment.name)
    guard let type = compositeType(fragment.typeCondition, fragment: name) else { return }
    visitSelections(fragment.selections, type)
  }

  mutating func visitSelections(_ range: NodeRange, _ parent: TypeID) {
    for index in range.indices {
      switch document.selections[index] {
      case .field(let number):
        visitField(document.fields[Int(number)], parent)
      case .spread(let name, let directives, let start):
        visitDirectives(directives, at: .fragmentSpread)
        visitSpread(name, start, parent)
      case .inline(let condition, let directives, let selections, let start):
        visitDirectives(directives, at: .inlineFragment)
        if condition.isEmpty {
          visitSelections(selections, parent)
        } else if let type = compositeType(condition, fragment: nil) {
          if !schema.overlap(type, parent) {
            report(
              "Fragment cannot be spread here as objects of type \"\(schema.name(of: parent))\" can never be of type \"\(schema.name(of: type))\".",
              start)
          }
          visitSelections(selections, type)
        }
      }
    }
  }
}
