/// Turns an operation of a validated document into a plan.
///
/// Spec: 6.3 "Executing Selection Sets"; `CollectFields` runs here, once per document, with conditions kept
/// symbolic.
public struct PlanCompiler {
  private let binding: SchemaBinding
  private let schema: Schema
  private let document: Document
  private let variables: VariableDefinitions

  private var steps: [DraftStep] = []
  private var fields: ContiguousArray<OutputField> = []
  private var selections: ContiguousArray<Selection> = []
  private var conditions: ContiguousArray<Condition> = [Condition(alternatives: [[]])]
  private var segments: ContiguousArray<Segment> = []

  /// A step while what is asked of it still grows.
  private struct DraftStep {
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

  /// A field as collected: all its nodes with the condition of each.
  private struct CollectedField {
    let name: String
    var nodes: [(field: FieldNode, when: [Condition.Literal])]
    /// Nodes whose type condition lets them apply, in source order.
    var responseName: ByteRange
  }

  private enum Place {
    case root(segment: Int)
    case step(Int)
  }

  /// - Parameter operation: number of the operation in the document.
  public static func compile(
    _ document: Document, operation: OperationDefinition, binding: SchemaBinding
  ) throws(GraphQLError) -> Plan {
    var compiler = try PlanCompiler(document, operation, binding)
    return try compiler.compile(operation)
  }

  private init(_ document: Document, _ operation: OperationDefinition, _ binding: SchemaBinding) throws(GraphQLError) {
    self.binding = binding
    self.schema = binding.schema
    self.document = document
    self.variables = try VariableDefinitions(operation: operation, document: document, schema: binding.schema)
  }

  private mutating func compile(_ operation: OperationDefinition) throws(GraphQLError) -> Plan {
    guard let root = schema.rootType(of: operation.kind) else {
      throw GraphQLError(
        "The schema does not support \(operation.kind.name) operations.",
        locations: [document.location(operation.start)], code: "GRAPHQL_VALIDATION_FAILED")
    }
    let collected = collect([(operation.selections, [])], for: root)
    selections.append(Selection(variants: []))
    var compiled: [OutputField] = []
    for (number, field) in collected.enumerated() {
      let segment = operation.kind == .mutation ? number : 0
      if let output = try compile(field, in: root, at: .root(segment: segment)) { compiled.append(output) }
    }
    let range = append(compiled)
    selections[0].variants = [(root, range)]
    let (order, ordered) = orderedSteps()
    remapFields(order)
    return Plan(
      operation: operation.kind, schema: schema, document: document, variables: variables, steps: ordered,
      segments: segments, selections: selections, fields: fields, conditions: conditions, rootSelection: 0)
  }

  private mutating func append(_ compiled: [OutputField]) -> Range<Int> {
    let start = fields.count
    fields.append(contentsOf: compiled)
    return start..<fields.count
  }

  // MARK: Collecting

  /// Spec: `CollectFields`. Sets are given with the condition under which they apply at all.
  private func collect(
    _ sets: [(selections: NodeRange, when: [Condition.Literal])], for type: TypeID
  ) -> [CollectedField] {
    var result: [CollectedField] = []
    var places: [String: Int] = [:]
    for set in sets {
      var visited: Set<String> = []
      collect(set.selections, set.when, type, &result, &places, &visited)
    }
    return result
  }

  private func collect(
    _ range: NodeRange, _ when: [Condition.Literal], _ type: TypeID, _ result: inout [CollectedField],
    _ places: inout [String: Int], _ visited: inout Set<String>
  ) {
    for index in range.indices {
      switch document.selections[index] {
      case .field(let number):
        let field = document.fields[Int(number)]
        guard let condition = condition(field.directives, when) else { continue }
        let name = document.text(field.responseName)
        if let place = places[name] {
          result[place].nodes.append((field, condition))
        } else {
          places[name] = result.count
          result.append(
            CollectedField(name: name, nodes: [(field, condition)], responseName: field.responseName))
        }
      case .inline(let typeCondition, let directives, let selections, _):
        guard let condition = condition(directives, when) else { continue }
        guard typeCondition.isEmpty || applies(typeCondition, to: type) else { continue }
        collect(selections, condition, type, &result, &places, &visited)
      case .spread(let name, let directives, _):
        guard let condition = condition(directives, when), let fragment = document.fragment(named: name),
          applies(fragment.typeCondition, to: type)
        else { continue }
        // Spread twice under the same condition, a fragment adds nothing.
        let key = document.text(name) + condition.map { "|\($0.variable)\($0.expected)" }.joined()
        guard visited.insert(key).inserted else { continue }
        collect(fragment.selections, condition, type, &result, &places, &visited)
      }
    }
  }

  private func applies(_ condition: ByteRange, to type: TypeID) -> Bool {
    guard let wanted = schema.type(named: document.text(condition)) else { return false }
    return schema.possibleTypes(wanted).contains(type)
  }

  /// What `@skip` and `@include` add to a condition; nil when the selection never applies.
  private func condition(_ range: NodeRange, _ outer: [Condition.Literal]) -> [Condition.Literal]? {
    var literals = outer
    for index in range.indices {
      let directive = document.directives[index]
      let name = document.text(directive.name)
      guard name == "skip" || name == "include" else { continue }
      for number in directive.arguments.indices
      where document.text(document.arguments[number].name) == "if" {
        let expected = name == "include"
        let node = document.values[Int(document.arguments[number].value)]
        if node.kind == .variable {
          guard let variable = variables.number(of: document.text(node.text)) else { return nil }
          let literal = Condition.Literal(variable: variable, expected: expected)
          if !literals.contains(literal) { literals.append(literal) }
        } else if (document.bytes[Int(node.text.start)] == UInt8(ascii: "t")) != expected {
          return nil
        }
      }
    }
    return literals
  }

  private mutating func number(of field: CollectedField) -> Int {
    var alternatives: [[Condition.Literal]] = []
    for node in field.nodes {
      if node.when.isEmpty { return Condition.always }
      if !alternatives.contains(node.when) { alternatives.append(node.when) }
    }
    let condition = Condition(alternatives: alternatives)
    if let known = conditions.firstIndex(of: condition) { return known }
    conditions.append(condition)
    return conditions.count - 1
  }

  // MARK: Fields

  private mutating func compile(
    _ field: CollectedField, in type: TypeID, at place: Place
  ) throws(GraphQLError) -> OutputField? {
    let node = field.nodes[0].field
    let name = document.text(node.name)
    if name == "__typename" {
      return output(field, kind: .constant(Self.json(schema.name(of: type))), nonNull: true, coordinate: "\(schema.name(of: type)).__typename")
    }
    if let resolver = IntrospectionBinding.rootResolvers[name], let (reference, definitions) = schema.introspectionField(named: name, of: type) {
      return try compile(
        field, resolver, reference, definitions, coordinate: "\(schema.name(of: type)).\(name)", at: place)
    }
    guard let id = schema.field(named: name, of: type), let resolver = binding.resolvers[id.index] else {
      throw GraphQLError(
        "Cannot query field \"\(name)\" on type \"\(schema.name(of: type))\".",
        locations: [document.location(node.start)], code: "GRAPHQL_VALIDATION_FAILED")
    }
    return try compile(
      field, resolver, schema[id].type, schema[id].arguments, coordinate: "\(schema.name(of: type)).\(name)",
      at: place)
  }

  private mutating func compile(
    _ field: CollectedField, _ resolver: FieldResolver, _ type: TypeReference, _ definitions: [InputValueDefinition],
    coordinate: String, at place: Place
  ) throws(GraphQLError) -> OutputField? {
    switch resolver {
    case .property(let property):
      guard case .step(let step) = place else {
        throw GraphQLError("The field \(coordinate) has no row to be read from.")
      }
      return output(field, kind: .leaf(slot: slot(of: property, in: step)), nonNull: type.isNonNull, coordinate: coordinate)
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
    case .step(let source):
      let step = try addStep(source, field, definitions, at: place)
      switch source.shape {
      case .one:
        let selection = try compileSelection(field, schema.possibleTypes(type.named), step)
        return output(
          field, kind: .object([OutputField.Target(step: step, selection: selection)]), nonNull: type.isNonNull,
          coordinate: coordinate)
      case .list:
        let selection = try compileSelection(field, schema.possibleTypes(type.named), step)
        return output(
          field,
          kind: .list(
            OutputField.Target(step: step, selection: selection), nonNullItem: type.item?.isNonNull ?? false),
          nonNull: type.isNonNull, coordinate: coordinate)
      case .connection:
        let selection = try compileConnection(field, type.named, step)
        return output(
          field, kind: .connection(OutputField.Target(step: step, selection: selection)), nonNull: type.isNonNull,
          coordinate: coordinate)
      }
    }
  }

  private mutating func output(
    _ field: CollectedField, kind: OutputField.Kind, nonNull: Bool, coordinate: String
  ) -> OutputField {
    OutputField(
      kind: kind, key: Self.json(field.name) + [UInt8(ascii: ":")], responseKey: field.name, nonNull: nonNull,
      condition: number(of: field), node: field.nodes[0].field, coordinate: coordinate)
  }

  private static func json(_ text: String) -> ContiguousArray<UInt8> {
    var output = OutputBuffer()
    output.append(string: text)
    return output.bytes
  }

  /// The selection sets of all nodes of a field, each under its node's condition.
  private func sets(of field: CollectedField) -> [(selections: NodeRange, when: [Condition.Literal])] {
    field.nodes.map { ($0.field.selections, $0.when) }
  }

  private mutating func compileSelection(
    _ field: CollectedField, _ types: [TypeID], _ step: Int
  ) throws(GraphQLError) -> Int {
    let number = selections.count
    selections.append(Selection(variants: []))
    var variants: [(type: TypeID, fields: Range<Int>)] = []
    for type in types {
      var compiled: [OutputField] = []
      for inner in collect(sets(of: field), for: type) {
        if let output = try compile(inner, in: type, at: .step(step)) { compiled.append(output) }
      }
      variants.append((type, append(compiled)))
    }
    selections[number].variants = variants
    if types.count > 1 { steps[step].connection.concreteType = true }
    return number
  }

  // MARK: Connections

  private mutating func compileConnection(
    _ field: CollectedField, _ type: TypeID, _ step: Int
  ) throws(GraphQLError) -> Int {
    var compiled: [OutputField] = []
    for part in collect(sets(of: field), for: type) {
      let node = part.nodes[0].field
      let coordinate = "\(schema.name(of: type)).\(document.text(node.name))"
      switch document.text(node.name) {
      case "__typename":
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(of: type))), nonNull: true, coordinate: coordinate))
      case "totalCount":
        steps[step].connection.totalCount = true
        compiled.append(output(part, kind: .totalCount, nonNull: false, coordinate: coordinate))
      case "pageInfo":
        steps[step].connection.pageInfo = true
        let selection = try compilePageInfo(part, type)
        compiled.append(output(part, kind: .pageInfo(selection: selection), nonNull: true, coordinate: coordinate))
      case "edges":
        steps[step].connection.rows = true
        let selection = try compileEdges(part, type, step)
        compiled.append(output(part, kind: .edges(selection: selection), nonNull: true, coordinate: coordinate))
      default:
        throw GraphQLError("A connection has no part \(coordinate).")
      }
    }
    selections.append(Selection(variants: [(type, append(compiled))]))
    return selections.count - 1
  }

  private func partType(_ name: String, of type: TypeID) throws(GraphQLError) -> TypeID {
    guard let id = schema.field(named: name, of: type) else {
      throw GraphQLError("The connection \(schema.name(of: type)) has no field \(name).")
    }
    return schema[id].type.named
  }

  private mutating func compilePageInfo(_ field: CollectedField, _ type: TypeID) throws(GraphQLError) -> Int {
    let info = try partType("pageInfo", of: type)
    var compiled: [OutputField] = []
    for part in collect(sets(of: field), for: info) {
      let name = document.text(part.nodes[0].field.name)
      let kind: OutputField.Kind
      switch name {
      case "hasNextPage": kind = .hasNextPage
      case "hasPreviousPage": kind = .hasPreviousPage
      case "startCursor": kind = .startCursor
      case "endCursor": kind = .endCursor
      default: kind = .constant(Self.json(schema.name(of: info)))
      }
      let nonNull = name.hasPrefix("has") || name.hasPrefix("__")
      compiled.append(output(part, kind: kind, nonNull: nonNull, coordinate: "PageInfo.\(name)"))
    }
    selections.append(Selection(variants: [(info, append(compiled))]))
    return selections.count - 1
  }

  private mutating func compileEdges(
    _ field: CollectedField, _ type: TypeID, _ step: Int
  ) throws(GraphQLError) -> Int {
    let edge = try partType("edges", of: type)
    let node = try partType("node", of: edge)
    var compiled: [OutputField] = []
    for part in collect(sets(of: field), for: edge) {
      let name = document.text(part.nodes[0].field.name)
      let coordinate = "\(schema.name(of: edge)).\(name)"
      switch name {
      case "node":
        let selection = try compileSelection(part, schema.possibleTypes(node), step)
        compiled.append(output(part, kind: .node(selection: selection), nonNull: false, coordinate: coordinate))
      case "cursor":
        compiled.append(output(part, kind: .cursor, nonNull: true, coordinate: coordinate))
      default:
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(of: edge))), nonNull: true, coordinate: coordinate))
      }
    }
    selections.append(Selection(variants: [(edge, append(compiled))]))
    return selections.count - 1
  }

  // MARK: Steps

  private mutating func slot(of property: PropertyID, in step: Int) -> Int {
    if let slot = steps[step].properties.firstIndex(of: property) { return slot }
    steps[step].properties.append(property)
    return steps[step].properties.count - 1
  }

  private mutating func addStep(
    _ source: StepSource, _ field: CollectedField, _ definitions: [InputValueDefinition], at place: Place
  ) throws(GraphQLError) -> Int {
    let arguments = try argumentPlan(field.nodes[0].field, definitions)
    let condition = number(of: field)
    switch place {
    case .root(let segment):
      steps.append(
        DraftStep(
          source: source, parent: nil, parentSlots: [], level: 0, arguments: arguments, condition: condition,
          segment: segment))
    case .step(let parent):
      // The same rows under another name or in another fragment are fetched once.
      if case .constant(let values) = arguments, values.values.isEmpty, source.shape != .connection,
        let same = steps.firstIndex(where: {
          $0.parent == parent && $0.source === source && $0.condition == condition
        })
      {
        return same
      }
      var slots: [Int] = []
      for property in source.parentProperties { slots.append(slot(of: property, in: parent)) }
      steps.append(
        DraftStep(
          source: source, parent: parent, parentSlots: slots, level: steps[parent].level + 1, arguments: arguments,
          condition: condition, segment: steps[parent].segment))
    }
    return steps.count - 1
  }

  private func argumentPlan(
    _ node: FieldNode, _ definitions: [InputValueDefinition]
  ) throws(GraphQLError) -> ArgumentPlan {
    let reader = ValueReader(document: document)
    let usesVariables = node.arguments.indices.contains {
      reader.usesVariables(document.values[Int(document.arguments[$0].value)])
    }
    if usesVariables { return .variable(node, definitions) }
    return .constant(
      try coerceArgumentValues(
        schema: schema, definitions: definitions, node: node, document: document, variables: nil))
  }

  /// Steps by segment and level, parents before children, and where each draft went.
  private mutating func orderedSteps() -> (order: [Int], steps: ContiguousArray<Step>) {
    let sorted = steps.indices.sorted {
      (steps[$0].segment, steps[$0].level, $0) < (steps[$1].segment, steps[$1].level, $1)
    }
    var place = [Int](repeating: 0, count: steps.count)
    for (new, old) in sorted.enumerated() { place[old] = new }
    var start = 0
    while start < sorted.count {
      let segment = steps[sorted[start]].segment
      var end = start
      while end < sorted.count, steps[sorted[end]].segment == segment { end += 1 }
      segments.append(Segment(steps: start..<end))
      start = end
    }
    let ordered = ContiguousArray(
      sorted.map { old -> Step in
        let draft = steps[old]
        return Step(
          source: draft.source, parent: draft.parent.map { place[$0] }, parentSlots: draft.parentSlots,
          level: draft.level, properties: draft.properties, arguments: draft.arguments,
          connection: draft.connection, condition: draft.condition)
      })
    return (place, ordered)
  }

  private mutating func remapFields(_ place: [Int]) {
    func moved(_ target: OutputField.Target) -> OutputField.Target {
      OutputField.Target(step: place[target.step], selection: target.selection)
    }
    for index in fields.indices {
      switch fields[index].kind {
      case .object(let targets): fields[index].kind = .object(targets.map(moved))
      case .list(let target, let nonNullItem): fields[index].kind = .list(moved(target), nonNullItem: nonNullItem)
      case .connection(let target): fields[index].kind = .connection(moved(target))
      case .value(let step): fields[index].kind = .value(step: place[step])
      default: break
      }
    }
  }
}

extension VariableDefinitions {
  /// - Throws: when a default does not fit; validation has found that before.
  init(operation: OperationDefinition, document: Document, schema: Schema) throws(GraphQLError) {
    var definitions: [Definition] = []
    let reader = ValueReader(document: document)
    for index in operation.variables.indices {
      let node = document.variables[index]
      guard let type = schema.reference(document.types[Int(node.type)], in: document) else { continue }
      var fallback: Value?
      if node.defaultValue >= 0, let value = reader.value(document.values[Int(node.defaultValue)], variables: nil) {
        do throws(InputCoercion.Failure) {
          fallback = try InputCoercion(types: schema.types).coerce(value, to: type)
        } catch {
          throw GraphQLError(error.message, locations: [document.location(node.start)], code: "BAD_USER_INPUT")
        }
      }
      definitions.append(
        Definition(name: document.text(node.name), type: type, defaultValue: fallback, start: node.start))
    }
    self.init(definitions: definitions)
  }
}

extension Condition {
  func holds(_ variables: CoercedVariables) -> Bool {
    alternatives.contains { literals in
      literals.allSatisfy { literal in
        variables.values[literal.variable]?.boolean == literal.expected
      }
    }
  }
}
