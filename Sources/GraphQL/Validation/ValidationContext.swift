/// The state of one validation: what the walk knows about types, what it has collected, what it has found. Each rule is
/// an extension in a file of its own.
final class ValidationContext {
  /// A use of a variable in a value.
  struct VariableUsage {
    var node: NodeID
    /// Type of the position, if known.
    var type: TypeReference?
    /// Whether the position has a default value.
    var hasDefault: Bool
    /// The definition of the variable by the fragment that uses it, if it is the fragment's own.
    var fragmentVariable: NodeID
    /// The OneOf input object whose member the variable is, if any.
    var oneOf: TypeID
  }

  /// What the walk collects of an operation or fragment.
  struct Executable {
    var node: NodeID
    /// Usages: a range of `usages`.
    var usages: Range<Int>
    /// Names of spread fragments: a range of `spreads`.
    var spreads: Range<Int>
  }

  /// What a directive's definition says, from the schema or the document.
  struct KnownDirective {
    var name: NameID
    var schema: DirectiveID?
    var node: NodeID
  }

  let schema: Schema?
  let document: Document
  let rules: ValidationRules
  let limits: Limits
  let suggestions: Bool
  let budget: PlanningBudget?
  var errors: [GraphQLError] = []
  private lazy var locations = LocationIndex(document.source)
  /// Set when the cap on errors is reached; the walk ends early.
  var isAborted = false

  /// Names of the document as names of the schema.
  let schemaNames: ContiguousArray<NameID>
  /// Last fragment definition per name.
  var fragments: [NameID: NodeID] = [:]
  var usages: ContiguousArray<VariableUsage> = []
  var spreads: ContiguousArray<NameID> = []
  /// Variables of the fragment that the walk is in.
  var fragmentVariables: [NameID: NodeID] = [:]
  /// Whether some fragment of the document has variables.
  var hasFragmentVariables = false
  var operations: [Executable] = []
  var fragmentExecutables: [NameID: Executable] = [:]
  /// Directives defined in the document itself.
  var documentDirectives: [NameID: NodeID] = [:]

  // State of the rules of incremental delivery.
  var deferStreamLabels: [String: NodeID] = [:]
  var deferStreamRootChecked = Set<NameID>()
  var deferStreamOperationChecked = Set<NameID>()
  /// Selections that subscriptions have visited to find their root fields.
  var fragmentWork = 0
  /// The field whose selections the walk is in.
  var enclosingField = FieldID.none
  /// Deepest list level at which a fragment was found to keep within the bound on introspection.
  var introspectionChecked: [NameID: Int] = [:]
  /// Shallowest list level at which a fragment was found to pass it.
  var introspectionExceeded: [NameID: Int] = [:]
  /// Whether a field around nests lists of types too deep, and has been reported.
  var isInDeepIntrospection = false

  /// Where a rule that runs after the walk would have reported on the way, if that is not where its errors are: at the
  /// definition that they concern, or behind the last one.
  var origin: UInt32?
  /// These places, by the number of the error.
  private var origins: [Int: UInt32] = [:]

  // State of rules of schema documents.
  var sdl = SDLState()

  init(
    schema: Schema?, document: Document, rules: ValidationRules, limits: Limits, suggestions: Bool,
    budget: PlanningBudget? = nil
  ) {
    self.schema = schema
    self.document = document
    self.rules = rules
    self.limits = limits
    self.suggestions = suggestions
    self.budget = budget
    var names = ContiguousArray<NameID>(repeating: .none, count: document.names.count)
    if let schema {
      for index in names.indices {
        names[index] = document.names.withBytes(NameID(UInt32(index))) { schema.names.find($0) } ?? .none
      }
    }
    schemaNames = names
  }

  @inline(__always)
  func isOn(_ rule: ValidationRule) -> Bool { rules.contains(rule) }

  /// A document's name as the schema's, or none.
  @inline(__always)
  func schemaName(_ name: NameID) -> NameID { name.isNone ? .none : schemaNames[name.index] }

  func name(_ id: NodeID) -> String { document.name(id) }

  // MARK: Reporting

  func report(_ message: String, _ nodes: [NodeID]) { report(message, offsets: nodes.map { document[$0].start }) }

  func report(_ message: String, _ node: NodeID, code: String = GraphQLError.Code.validationFailed) {
    report(message, offsets: [document[node].start], code: code)
  }

  /// Reports at the names of nodes instead of their starts.
  func report(_ message: String, names: [NodeID]) { report(message, offsets: names.map { document[$0].nameStart }) }

  func report(_ message: String, offsets: [UInt32], code: String = GraphQLError.Code.validationFailed) {
    guard !isAborted else { return }
    if errors.count >= limits.maxValidationErrors {
      abort(
        "Too many validation errors, error limit reached. Validation aborted.", code: GraphQLError.Code.tooManyErrors)
      return
    }
    if let origin { origins[errors.count] = origin }
    errors.append(
      GraphQLError(
        message, locations: offsets.map { locations[$0] }, code: code))
  }

  /// Ends validation where a rule that runs after the walk gives up: what the walk found behind that place goes.
  func abort(_ message: String, at offset: UInt32) {
    guard !isAborted else { return }
    let place = locations[offset]
    errors = errors.enumerated().filter { number, error in
      if let origin = origins[number] { return origin <= offset }
      return !error.locations.contains { ($0.line, $0.column) > (place.line, place.column) }
    }.map(\.element)
    abort(message)
  }

  /// Ends validation with a last error.
  func abort(_ message: String, code: String = GraphQLError.Code.validationAborted) {
    guard !isAborted else { return }
    isAborted = true
    errors.append(GraphQLError(message, code: code))
  }

  /// Ends validation if it takes too long; what it found until then is not all of it, and goes.
  func checkBudget() {
    guard let budget, !isAborted, budget.isSpent else { return }
    isAborted = true
    errors = [budget.error]
  }

  /// A "Did you mean" clause, unless suggestions are off.
  func didYouMean(_ name: String, _ options: @autoclosure () -> [String]) -> String {
    suggestions ? Suggestions.didYouMean(Suggestions.closest(name, options())) : ""
  }

  /// The type a type node means, or nil.
  func typeReference(_ node: NodeID) -> TypeReference? { schema?.typeReference(document, node) }

  /// The named type of a type condition, or none.
  func conditionType(_ node: NodeID) -> TypeID {
    guard let schema, !node.isNone else { return .none }
    return schema.type(schemaName(document[node].name))
  }
}
