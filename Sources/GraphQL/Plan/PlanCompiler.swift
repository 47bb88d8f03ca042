/// Turns an operation of a validated document into a plan.
///
/// Spec: 6.3 "Executing Selection Sets"; `CollectFields` runs here, once per document, with conditions kept
/// symbolic.
public struct PlanCompiler {
  private let binding: SchemaBinding
  private let schema: Schema
  private let document: Document

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
    var nodes: [(field: NodeID, when: [Condition.Literal])]
  }

  private enum Place {
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
  }

  private mutating func compile(_ operation: NodeID) throws(GraphQLError) -> Plan {
    let kind = document[operation].operation
    guard let root = schema.rootType(kind) else {
      throw GraphQLError(
        "The schema does not support \(kind.keyword) operations.", locations: [document.location(operation)],
        code: GraphQLError.Code.validationFailed)
    }
    let collected = collect([(document[operation].selectionSet, [])], for: root)
    selections.append(Selection(variants: []))
    var compiled: [OutputField] = []
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
    _ sets: [(selections: NodeID, when: [Condition.Literal])], for type: TypeID
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
    _ set: NodeID, _ when: [Condition.Literal], _ type: TypeID, _ result: inout [CollectedField],
    _ places: inout [String: Int], _ visited: inout Set<String>
  ) {
    guard !set.isNone else { return }
    for selection in document.list(document[set].children) {
      let node = document[selection]
      guard let condition = condition(node.directives, when) else { continue }
      switch node.kind {
      case .field:
        let name = document.string(node.responseName)
        if let place = places[name] {
          result[place].nodes.append((selection, condition))
        } else {
          places[name] = result.count
          result.append(CollectedField(name: name, nodes: [(selection, condition)]))
        }
      case .inlineFragment:
        guard node.typeCondition.isNone || applies(node.typeCondition, to: type) else { continue }
        collect(node.selectionSet, condition, type, &result, &places, &visited)
      default:
        guard let fragment = document.fragment(named: node.name), applies(document[fragment].typeCondition, to: type)
        else { continue }
        // Spread twice under the same condition, a fragment adds nothing.
        let key = document.string(node.name) + condition.map { "|\($0.variable)\($0.expected)" }.joined()
        guard visited.insert(key).inserted else { continue }
        collect(document[fragment].selectionSet, condition, type, &result, &places, &visited)
      }
    }
  }

  private func applies(_ condition: NodeID, to type: TypeID) -> Bool {
    guard let wanted = schema.type(named: document.name(condition)) else { return false }
    return schema.isSubtype(wanted, type)
  }

  /// What `@skip` and `@include` add to a condition; nil when the selection never applies.
  private func condition(_ directives: NodeID, _ outer: [Condition.Literal]) -> [Condition.Literal]? {
    var literals = outer
    for directive in document.list(directives) {
      let name = document.name(directive)
      guard name == "skip" || name == "include" else { continue }
      for argument in document.list(document[directive].arguments) where document.name(argument) == "if" {
        let expected = name == "include"
        let value = document[argument].value
        if document[value].kind == .variable {
          let literal = Condition.Literal(variable: document.name(value), expected: expected)
          if !literals.contains(literal) { literals.append(literal) }
        } else if document[value].boolean != expected {
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
    let name = document.name(node)
    if name == "__typename" {
      return output(field, kind: .constant(Self.json(schema.name(type))), nonNull: true, coordinate: "\(schema.name(type)).__typename")
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
    _ field: CollectedField, _ resolver: FieldResolver, _ type: TypeReference, _ definitions: Range<Int>,
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

  private mutating func output(
    _ field: CollectedField, kind: OutputField.Kind, nonNull: Bool, coordinate: String
  ) -> OutputField {
    OutputField(
      kind: kind, key: Self.json(field.name) + [UInt8(ascii: ":")], responseKey: field.name, nonNull: nonNull,
      condition: number(of: field), node: field.nodes[0].field, coordinate: coordinate)
  }

  private static func json(_ text: String) -> ContiguousArray<UInt8> {
    let output = OutputBuffer(capacity: text.utf8.count + 2)
    output.appendString(text)
    return ContiguousArray(output.bytes)
  }

  /// The selection sets of all nodes of a field, each under its node's condition.
  private func sets(of field: CollectedField) -> [(selections: NodeID, when: [Condition.Literal])] {
    field.nodes.map { (document[$0.field].selectionSet, $0.when) }
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
      let coordinate = "\(schema.name(type)).\(document.name(node))"
      switch document.name(node) {
      case "__typename":
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(type))), nonNull: true, coordinate: coordinate))
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
    guard let id = schema.names.find(name).flatMap({ schema.field(type, $0) }) else {
      throw GraphQLError("The connection \(schema.name(type)) has no field \(name).")
    }
    return schema[id].type.named
  }

  private mutating func compilePageInfo(_ field: CollectedField, _ type: TypeID) throws(GraphQLError) -> Int {
    let info = try partType("pageInfo", of: type)
    var compiled: [OutputField] = []
    for part in collect(sets(of: field), for: info) {
      let name = document.name(part.nodes[0].field)
      let kind: OutputField.Kind
      switch name {
      case "hasNextPage": kind = .hasNextPage
      case "hasPreviousPage": kind = .hasPreviousPage
      case "startCursor": kind = .startCursor
      case "endCursor": kind = .endCursor
      default: kind = .constant(Self.json(schema.name(info)))
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
      let name = document.name(part.nodes[0].field)
      let coordinate = "\(schema.name(edge)).\(name)"
      switch name {
      case "node":
        let selection = try compileSelection(part, schema.possibleTypes(of: node), step)
        compiled.append(output(part, kind: .node(selection: selection), nonNull: false, coordinate: coordinate))
      case "cursor":
        compiled.append(output(part, kind: .cursor, nonNull: true, coordinate: coordinate))
      default:
        compiled.append(
          output(part, kind: .constant(Self.json(schema.name(edge))), nonNull: true, coordinate: coordinate))
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
    _ source: StepSource, _ field: CollectedField, _ definitions: Range<Int>, at place: Place
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
      if case .constant(let values) = arguments, values.fields.isEmpty, source.shape != .connection,
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
    _ node: NodeID, _ definitions: Range<Int>
  ) throws(GraphQLError) -> ArgumentPlan {
    for argument in document.list(document[node].arguments) where usesVariables(document[argument].value) {
      return .variable(node, definitions)
    }
    return .constant(try schema.coerceArgumentValues(definitions, document, node, VariableValues()))
  }

  private func usesVariables(_ value: NodeID) -> Bool {
    switch document[value].kind {
    case .variable: true
    case .listValue: document.list(document[value].children).contains { usesVariables($0) }
    case .objectValue: document.list(document[value].children).contains { usesVariables(document[$0].value) }
    default: false
    }
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

extension Condition {
  func holds(_ variables: VariableValues) -> Bool {
    alternatives.contains { literals in
      literals.allSatisfy { variables[$0.variable]?.boolean == $0.expected }
    }
  }
}

extension Schema {
  /// The object types that a value of this type can be.
  func possibleTypes(of type: TypeID) -> [TypeID] {
    kind(type).isAbstract ? self[type].possibleTypes : [type]
  }

  /// The fields of an object type: what a binding by rule needs to know of them.
  public func fields(of type: String) -> [(name: String, isLeaf: Bool)] {
    guard let id = self.type(named: type) else { return [] }
    return self[id].fields.map { (names.string(fields[$0].name), !kind(fields[$0].type.named).isComposite) }
  }

  /// The object types that implement an interface or are members of a union.
  public func possibleTypeNames(of type: String) -> [String] {
    self.type(named: type).map { possibleTypes(of: $0).map { name($0) } } ?? []
  }

  /// A field of an object or interface type.
  public func field(named name: String, of type: TypeID) -> FieldID? {
    names.find(name).flatMap { field(type, $0) }
  }
}
