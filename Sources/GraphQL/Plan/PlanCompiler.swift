/// Turns an operation of a validated document into a plan.
///
/// Spec: 6.3 "Executing Selection Sets"; `CollectFields` runs here, once per document, with conditions kept
/// symbolic.
public struct PlanCompiler {
  let binding: SchemaBinding
  let schema: Schema
  let document: Document
  var collector: FieldCollector

  var steps: [DraftStep] = []
  /// Steps that further fields may share.
  var sharedSteps: [SharedStep: Int] = [:]
  var fields: ContiguousArray<OutputField> = []
  var selections: ContiguousArray<Selection> = []
  private var conditions: ContiguousArray<Condition> = [Condition(alternatives: [[]])]
  private var conditionNumbers: [Condition: Int] = [:]
  var segments: ContiguousArray<Segment> = []

  /// A step while what is asked of it still grows.
  struct DraftStep {
    let source: StepSource
    let parent: Int?
    var parentSlots: [Int]
    let level: Int
    var properties: [PropertyID] = []
    let arguments: ArgumentPlan
    var connection = ConnectionRequest()
    let condition: Int
    let segment: Int
  }

  /// A field with the places at which it may come in the response. A response has its fields in the order in which they
  /// are met (spec section 6.3.2), and where `@skip` or `@include` leave the first node out, that is at a later one.
  struct DraftField {
    struct Occurrence {
      let place: Int
      let condition: Int
      let node: NodeID
    }

    let field: OutputField
    let occurrences: [Occurrence]
  }

  /// What tells a step without arguments from others.
  struct SharedStep: Hashable {
    let parent: Int
    let source: ObjectIdentifier
    let condition: Int
  }

  enum Place {
    case root(segment: Int)
    case step(Int)
  }

  /// - Parameter operation: the operation's definition in the document.
  public static func compile(
    _ document: Document, operation: NodeID, binding: SchemaBinding
  ) throws(GraphQLError) -> Plan {
    var compiler = PlanCompiler(document, binding)
    return try compiler.compile(operation)
  }

  private init(_ document: Document, _ binding: SchemaBinding) {
    self.binding = binding
    self.schema = binding.schema
    self.document = document
    collector = FieldCollector(schema: schema, document: document)
  }

  private mutating func compile(_ operation: NodeID) throws(GraphQLError) -> Plan {
    let kind = document[operation].operation
    guard let root = schema.rootType(kind) else {
      throw GraphQLError(
        "The schema does not support \(kind.keyword) operations.", locations: [document.location(operation)],
        code: GraphQLError.Code.validationFailed)
    }
    let whole = FieldCollector.Selected(node: document[operation].selectionSet, when: [], scope: 0)
    let collected = collector.collect([whole], for: root)
    selections.append(Selection(variants: []))
    var compiled: [DraftField] = []
    for (number, field) in collected.enumerated() {
      let segment = kind == .mutation ? number : 0
      if let output = try compile(field, in: root, at: .root(segment: segment)) { compiled.append(output) }
    }
    let range = append(compiled)
    selections[0].variants = [(root, range)]
    let (order, ordered) = orderedSteps()
    remapFields(order)
    return Plan(
      operation: kind, schema: schema, document: document, definition: operation, steps: ordered,
      segments: segments, selections: selections, fields: fields, conditions: conditions, scopes: collector.scopes,
      rootSelection: 0)
  }

  mutating func append(_ compiled: [DraftField]) -> Range<Int> {
    let start = fields.count
    if compiled.allSatisfy({ $0.occurrences.count == 1 }) {
      fields.append(contentsOf: compiled.lazy.map(\.field))
    } else {
      let placed = compiled.flatMap { draft in draft.occurrences.map { (field: draft.field, at: $0) } }
      for (field, occurrence) in placed.sorted(by: { $0.at.place < $1.at.place }) {
        var field = field
        field.condition = occurrence.condition
        field.node = occurrence.node
        fields.append(field)
      }
    }
    return start..<fields.count
  }

  /// The places in the document where a field may be met first, each under the condition that it is.
  private mutating func occurrences(of field: FieldCollector.Field) -> [DraftField.Occurrence] {
    var result: [DraftField.Occurrence] = []
    var met = Set<[Condition.Literal]>()
    for node in field.nodes where met.insert(node.when).inserted {
      let condition =
        node.when.isEmpty && result.isEmpty
        ? Condition.always : number(of: Condition(alternatives: [node.when], after: result.last?.condition))
      result.append(DraftField.Occurrence(place: node.place, condition: condition, node: node.node))
      if node.when.isEmpty { break }
    }
    return result
  }

  mutating func number(of field: FieldCollector.Field) -> Int {
    var alternatives: [[Condition.Literal]] = []
    for node in field.nodes {
      if node.when.isEmpty { return Condition.always }
      if !alternatives.contains(node.when) { alternatives.append(node.when) }
    }
    return number(of: Condition(alternatives: alternatives))
  }

  private mutating func number(of condition: Condition) -> Int {
    if let known = conditionNumbers[condition] { return known }
    conditionNumbers[condition] = conditions.count
    conditions.append(condition)
    return conditions.count - 1
  }

  // MARK: Fields

  private mutating func compile(
    _ field: FieldCollector.Field, in type: TypeID, at place: Place
  ) throws(GraphQLError) -> DraftField? {
    let node = field.nodes[0].node
    let name = document.name(node)
    if name == "__typename" {
      return output(
        field, kind: .constant(Self.json(schema.name(type))), nonNull: true,
        coordinate: "\(schema.name(type)).__typename")
    }
    let id = schema.names.find(name).flatMap { schema.selectableField(type, $0) }
    guard let id, let resolver = IntrospectionBinding.rootResolvers[name] ?? binding.resolvers[id.index] else {
      throw GraphQLError(
        "Cannot query field \"\(name)\" on type \"\(schema.name(type))\".",
        locations: [document.location(node)], code: GraphQLError.Code.validationFailed)
    }
    return try compile(
      field, resolver, schema[id].type, schema[id].arguments, coordinate: "\(schema.name(type)).\(name)",
      at: place)
  }

  private mutating func compile(
    _ field: FieldCollector.Field, _ resolver: FieldResolver, _ type: TypeReference, _ definitions: Range<Int>,
    coordinate: String, at place: Place
  ) throws(GraphQLError) -> DraftField? {
    switch resolver {
    case .property(let property):
      guard case .step(let step) = place else {
        throw GraphQLError("The field \(coordinate) has no row to be read from.")
      }
      return output(
        field, kind: .leaf(slot: slot(of: property, in: step)), nonNull: type.isNonNull, coordinate: coordinate)
    case .value(let source):
      let step = try addStep(source, field, definitions, at: place)
      _ = slot(of: PropertyID(0), in: step)
      return output(field, kind: .value(step: step), nonNull: type.isNonNull, coordinate: coordinate)
    case .steps(let sources):
      var targets: [OutputField.Target] = []
      for (name, source) in sources {
        guard let concrete = schema.type(named: name) else { continue }
        let step = try addStep(source, field, definitions, at: place)
        targets.append(
          OutputField.Target(step: step, selection: try compileSelection(field, [concrete], step)))
      }
      return output(field, kind: .object(targets), nonNull: type.isNonNull, coordinate: coordinate)
    case .stream(let source):
      // Each event stands for the root: the stream's rows are fetched from it as any other rows are.
      return try compile(
        field, schema.kind(type.named).isLeaf ? .value(source) : .step(source), type, definitions,
        coordinate: coordinate, at: place)
    case .step(let source):
      let step = try addStep(source, field, definitions, at: place)
      switch source.shape {
      case .one:
        let selection = try compileSelection(field, schema.possibleTypes(of: type.named), step)
        return output(
          field, kind: .object([OutputField.Target(step: step, selection: selection)]), nonNull: type.isNonNull,
          coordinate: coordinate)
      case .list:
        let selection = try compileSelection(field, schema.possibleTypes(of: type.named), step)
        return output(
          field,
          kind: .list(
            OutputField.Target(step: step, selection: selection), nonNullItem: type.nullable.ofType.isNonNull),
          nonNull: type.isNonNull, coordinate: coordinate)
      case .connection:
        let selection = try compileConnection(field, type.named, step)
        return output(
          field, kind: .connection(OutputField.Target(step: step, selection: selection)), nonNull: type.isNonNull,
          coordinate: coordinate)
      }
    }
  }

  mutating func output(
    _ field: FieldCollector.Field, kind: OutputField.Kind, nonNull: Bool, coordinate: String
  ) -> DraftField {
    let occurrences = occurrences(of: field)
    return DraftField(
      field: OutputField(
        kind: kind, key: Self.json(field.name) + [UInt8(ascii: ":")], responseKey: field.name, nonNull: nonNull,
        condition: occurrences[0].condition, node: occurrences[0].node, coordinate: coordinate),
      occurrences: occurrences)
  }

  static func json(_ text: String) -> ContiguousArray<UInt8> {
    let output = OutputBuffer(capacity: text.utf8.count + 2)
    output.appendString(text)
    return ContiguousArray(output.bytes)
  }

  /// The selection sets of all nodes of a field, each under its node's condition.
  func sets(of field: FieldCollector.Field) -> [FieldCollector.Selected] {
    field.nodes.map {
      FieldCollector.Selected(node: document[$0.node].selectionSet, when: $0.when, scope: $0.scope)
    }
  }

  mutating func compileSelection(
    _ field: FieldCollector.Field, _ types: [TypeID], _ step: Int
  ) throws(GraphQLError) -> Int {
    let number = selections.count
    selections.append(Selection(variants: []))
    var variants: [(type: TypeID, fields: Range<Int>)] = []
    for type in types {
      var compiled: [DraftField] = []
      for inner in collector.collect(sets(of: field), for: type) {
        if let output = try compile(inner, in: type, at: .step(step)) { compiled.append(output) }
      }
      variants.append((type, append(compiled)))
    }
    selections[number].variants = variants
    if types.count > 1 { steps[step].connection.concreteType = true }
    return number
  }
}

extension Plan {
  /// Which conditions hold, by number.
  func holds(_ variables: VariableValues) -> ContiguousArray<Bool> {
    var holds = ContiguousArray(conditions.map { $0.holds(variables) })
    guard conditions.contains(where: { $0.after != nil }) else { return holds }
    /// Whether a condition or one that counts before it holds.
    var isMet = holds
    for (number, condition) in conditions.enumerated() {
      guard let after = condition.after, isMet[after] else { continue }
      holds[number] = false
      isMet[number] = true
    }
    return holds
  }
}

extension Plan {
  /// The segments in the order in which an operation meets their fields. Fields of a mutation that are not part of the
  /// response may be missing: their steps have nothing to do.
  func segments(_ holds: ContiguousArray<Bool>) -> ContiguousArray<Segment> {
    guard operation == .mutation, conditions.contains(where: { $0.after != nil }) else { return segments }
    var result: ContiguousArray<Segment> = []
    for field in fields[selections[rootSelection].variants[0].fields] where holds[field.condition] {
      guard let step = field.step, let segment = segments.first(where: { $0.steps.contains(step) }) else { continue }
      result.append(segment)
    }
    return result
  }
}

extension OutputField {
  /// The step that the field begins with, if it has one of its own.
  fileprivate var step: Int? {
    switch kind {
    case .value(let step): step
    case .object(let targets): targets.first?.step
    case .list(let target, _), .connection(let target): target.step
    default: nil
    }
  }
}

extension Condition {
  func holds(_ variables: VariableValues) -> Bool {
    alternatives.contains { literals in
      literals.allSatisfy { variables.scope($0.scope)[$0.variable]?.boolean == $0.expected }
    }
  }
}
