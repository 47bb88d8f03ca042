/// A compiled operation: what to fetch, and how to write the answer from it.
///
/// A plan depends on the document and the schema only. Values of variables, `@skip` and `@include` are looked at
/// when it runs, so one plan serves every request with the same document.
public final class Plan: @unchecked Sendable {  // immutable after compilation
  public let operation: OperationType
  public let schema: Schema
  public let document: Document
  /// The operation's definition in the document.
  let definition: NodeID

  /// In an order in which every step stands behind its parent.
  let steps: ContiguousArray<Step>
  /// Steps that run together: one segment for a query, one per root field for a mutation.
  let segments: ContiguousArray<Segment>
  let selections: ContiguousArray<Selection>
  let fields: ContiguousArray<OutputField>
  /// The same, as the writer walks it.
  let program: OutputProgram
  let conditions: ContiguousArray<Condition>
  /// Where variables have other values than the operation's; the first is the operation's own scope.
  let scopes: [Scope]
  let rootSelection: Int

  /// Whether every step answers at once, so that the plan runs without suspending.
  public let isSynchronous: Bool

  /// The response of an operation that can only ever have one: introspection without variables. Written once, when
  /// the plan is made.
  public private(set) var constantResponse: ContiguousArray<UInt8>?

  /// Bytes the plan holds, roughly; the unit of the plan cache's bound.
  public var cost: Int { ownCost + (constantResponse?.count ?? 0) }
  private let ownCost: Int

  init(
    operation: OperationType, schema: Schema, document: Document, definition: NodeID,
    steps: ContiguousArray<Step>, segments: ContiguousArray<Segment>, selections: ContiguousArray<Selection>,
    fields: ContiguousArray<OutputField>, conditions: ContiguousArray<Condition>, scopes: [Scope],
    rootSelection: Int
  ) {
    self.operation = operation
    self.schema = schema
    self.document = document
    self.definition = definition
    self.steps = steps
    self.segments = segments
    self.selections = selections
    self.fields = fields
    self.program = OutputProgram(fields, selections)
    self.conditions = conditions
    self.scopes = scopes
    self.rootSelection = rootSelection
    self.isSynchronous = steps.allSatisfy(\.source.isSynchronous)
    self.ownCost = 2_048 + document.source.count * 8 + steps.count * 256 + fields.count * 128
    if operation == .query, isConstant { constantResponse = writeOnce() }
  }

  private var isConstant: Bool {
    steps.allSatisfy { step in
      guard case .constant = step.arguments else { return false }
      return step.source.isSynchronous && step.source.isConstant && step.condition == Condition.always
    } && fields.allSatisfy { $0.condition == Condition.always }
  }

  private func writeOnce() -> ContiguousArray<UInt8>? {
    var execution = Execution(plan: self, variables: VariableValues(), context: ExecutionContext())
    let output = OutputBuffer(capacity: 1_024)
    execution.runSynchronously(into: output)
    return execution.errors.isEmpty ? ContiguousArray(output.bytes) : nil
  }
}

extension Plan {
  /// A fragment with variables as one spread gives them values.
  struct Scope: Hashable {
    /// The scope that the spread stands in.
    let outer: Int
    let spread: NodeID
    let fragment: NodeID
  }
}

/// One fetch: the rows of one field for all of its parents.
struct Step {
  let source: StepSource
  /// The step whose rows are the parents; nil at the root.
  let parent: Int?
  let parentSlots: [Int]
  /// Distance from the root; steps of one level travel together.
  let level: Int
  let properties: [PropertyID]
  let arguments: ArgumentPlan
  let connection: ConnectionRequest
  let condition: Int
}

/// How a step gets its arguments.
enum ArgumentPlan {
  /// Nothing depends on variables: coerced when the plan was compiled.
  case constant(ValueObject)
  /// Coerced for each request.
  case variable(NodeID, Range<Int>, scope: Int)
}

/// Steps that run to their end before the next segment's begin, in levels.
struct Segment {
  let steps: Range<Int>
}

/// A selection set: the output fields in response order.
struct Selection {
  /// The fields per concrete type; one entry where the type is not abstract.
  var variants: [(type: TypeID, fields: Range<Int>)]
}

/// One field of the response.
struct OutputField {
  enum Kind {
    /// JSON known when the plan was compiled: `__typename`.
    case constant(ContiguousArray<UInt8>)
    case leaf(slot: Int)
    /// A leaf from the row that another step has for this one.
    case value(step: Int)
    /// The first of these steps that has a row for the parent gives the object.
    case object([Target])
    case list(Target, nonNullItem: Bool)
    /// An object without rows of its own: its fields are the connection's parts below.
    case connection(Target)

    // The parts of a connection, named as in Relay's cursor connections specification.
    case totalCount
    case pageInfo(selection: Int)
    case hasNextPage
    case hasPreviousPage
    case startCursor
    case endCursor
    case edges(selection: Int)
    case cursor
    case node(selection: Int)
  }

  /// The rows an object is written from, and what is written of them.
  struct Target {
    let step: Int
    let selection: Int
  }

  var kind: Kind
  /// `"key":` as JSON.
  let key: ContiguousArray<UInt8>
  /// For the path of an error.
  let responseKey: String
  let nonNull: Bool
  /// Number of the condition under which the field is part of the response.
  var condition: Int
  /// Where the field stands in the document, for errors.
  var node: NodeID
  /// `Type.field`, for errors.
  let coordinate: String
}

/// When a field is part of the response: any of the alternatives, each of which is a set of variables with the
/// value they must have (`@include` and `@skip` of the field and of the fragments around it).
struct Condition: Hashable {
  struct Literal: Hashable {
    let variable: String
    /// The scope that the variable is of.
    let scope: Int
    let expected: Bool
  }

  static let always = 0

  let alternatives: [[Literal]]
  /// The number of a condition that counts first, with those that it comes after: this one holds only if none of them
  /// does. Smaller than this one's own.
  var after: Int?
}

extension Plan {
  /// The coerced arguments of a step's field.
  func arguments(of step: Step, _ variables: VariableValues) throws(GraphQLError) -> ValueObject {
    switch step.arguments {
    case .constant(let values): values
    case .variable(let node, let definitions, let scope):
      try schema.coerceArgumentValues(definitions, document, node, variables.scope(scope))
    }
  }

  /// Fits the request's variables to the operation's definitions, and to those of fragments that have some.
  public func coerceVariables(
    _ given: ValueObject, limits: Limits = Limits(), suggestions: Bool = true
  ) throws(RequestErrors) -> VariableValues {
    let values = try schema.coerceVariableValues(
      document, definition, given, limits: limits, suggestions: suggestions)
    var variables = values
    do throws(GraphQLError) {
      for scope in scopes.dropFirst() {
        let inner = try schema.fragmentVariableValues(
          document, scope.spread, of: scope.fragment, values, outer: variables.scope(scope.outer))
        variables.fragmentScopes.append(inner.values)
      }
    } catch {
      throw RequestErrors(errors: [error])
    }
    try checkConditions(variables)
    return variables
  }
}

extension Plan {
  /// A variable with a default value may be of a nullable type where `@skip` and `@include` need a Boolean, and still
  /// be given null (spec section 5.8.5). Whether their selections are wanted is unknown then, so the request is refused.
  private func checkConditions(_ variables: VariableValues) throws(RequestErrors) {
    for literals in conditions.lazy.flatMap(\.alternatives) {
      for literal in literals {
        guard let value = variables.scope(literal.scope)[literal.variable]?.boolean else {
          throw RequestErrors(errors: [undecided(literal)])
        }
        // What is inside of a selection that is left out does not matter.
        if value != literal.expected { break }
      }
    }
  }

  private func undecided(_ literal: Condition.Literal) -> GraphQLError {
    let owners = (literal.scope == 0 ? [] : [scopes[literal.scope].fragment]) + [definition]
    let variable = owners.flatMap { Array(document.list(document[$0].variables)) }
      .first { document.name($0) == literal.variable }
    return GraphQLError(
      "Variable \"$\(literal.variable)\" has invalid value: Expected value of non-null type \"Boolean!\", which @skip "
        + "and @include need, not to be null.",
      locations: [document.location(variable ?? definition)], code: GraphQLError.Code.badUserInput)
  }
}

extension Document {
  /// Spec: 6.1 `GetOperation`.
  public func operation(named name: String?) throws(GraphQLError) -> NodeID {
    let operations = definitions.filter { self[$0].kind == .operationDefinition }
    if let name, !name.isEmpty {
      guard let found = operations.first(where: { !self[$0].name.isNone && self.name($0) == name }) else {
        throw GraphQLError("Unknown operation named \"\(name)\".", code: GraphQLError.Code.operationResolutionFailure)
      }
      return found
    }
    guard operations.count <= 1 else {
      throw GraphQLError(
        "Must provide operation name if query contains multiple operations.",
        code: GraphQLError.Code.operationResolutionFailure)
    }
    guard let only = operations.first else {
      throw GraphQLError("Must provide an operation.", code: GraphQLError.Code.operationResolutionFailure)
    }
    return only
  }

  /// Whether there is anything to execute.
  public var hasOperation: Bool { definitions.contains { self[$0].kind == .operationDefinition } }

  /// The fragment of that name.
  func fragment(named name: NameID) -> NodeID? { fragments[name] }
}
