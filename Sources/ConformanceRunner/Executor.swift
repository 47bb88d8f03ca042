import GraphQL

/// Executes an operation (spec section 6) with resolvers that look their outcome up by response path. Straightforward
/// on purpose: the server executes plans, this shows what the result has to be.
struct Executor {
  /// What a resolved object stands for.
  enum Source {
    case path
    case introspection(IntrospectionSource)
  }

  /// The outcome of resolving one field or item.
  enum Outcome {
    case null
    case value(Value)
    case error(String)
    case list([Outcome])
    case object(Source)
  }

  /// A null that travels to the nearest nullable position; its error is recorded.
  struct Propagated: Error {}

  let schema: Schema
  let document: Document
  let outcomes: JSONValue?
  let typeNames: JSONValue?
  private let edition: IntrospectionEdition
  var variables = VariableValues()
  var errors: [GraphQLError] = []
  var arguments = ValueObject()
  private var path: [GraphQLError.PathSegment] = []

  init(schema: Schema, document: Document, outcomes: JSONValue?, typeNames: JSONValue?) {
    self.schema = schema
    self.document = document
    self.outcomes = outcomes
    self.typeNames = typeNames
    edition = IntrospectionEdition(schema, typeNames: typeNames)
  }

  /// Spec `ExecuteRequest`. Returns the data; null for a request error.
  mutating func execute(operationName: String?, input: ValueObject?) -> Value {
    let operations = document.definitions.filter { document[$0].kind == .operationDefinition }
    let operation: NodeID
    if let operationName {
      guard let named = operations.first(where: {
        !document[$0].name.isNone && document.name($0) == operationName
      }) else {
        errors.append(GraphQLError("Unknown operation named \"\(operationName)\"."))
        return .null
      }
      operation = named
    } else if operations.count == 1 {
      operation = operations[0]
    } else {
      errors.append(
        GraphQLError(
          operations.isEmpty
            ? "Must provide an operation." : "Must provide operation name if query contains multiple operations."))
      return .null
    }
    do throws(RequestErrors) {
      variables = try schema.coerceVariableValues(document, operation, input)
    } catch {
      errors = error.errors
      return .null
    }
    let node = document[operation]
    guard let root = schema.rootType(node.operation) else {
      errors.append(
        GraphQLError(
          "Schema is not configured to execute \(node.operation.keyword) operation.",
          locations: [document.location(operation)]))
      return .null
    }
    do throws(Propagated) {
      return try executeSelections([(node.selectionSet, variables)], root, .path)
    } catch {
      return .null
    }
  }

  // MARK: Selections

  /// A node with the values of variables where it stands.
  typealias Scoped = (node: NodeID, variables: VariableValues)

  private mutating func executeSelections(
    _ sets: [Scoped], _ type: TypeID, _ source: Source
  ) throws(Propagated) -> Value {
    var groups: [(name: NameID, nodes: [Scoped])] = []
    var visited = Set<NameID>()
    do throws(GraphQLError) {
      for set in sets { try collectFields(set, type, &groups, &visited) }
    } catch {
      errors.append(GraphQLError(error.message, locations: error.locations, path: path))
      throw Propagated()
    }
    var result = ValueObject()
    for (name, nodes) in groups {
      guard let field = schema.names.find(document.name(nodes[0].node)).flatMap({ schema.selectableField(type, $0) })
      else {
        continue
      }
      path.append(.key(document.string(name)))
      defer { path.removeLast() }
      let value = try executeField(nodes, field, type, source)
      result.fields.append(.init(name: document.string(name), value: value))
    }
    return .object(result)
  }

  private func collectFields(
    _ set: Scoped, _ type: TypeID, _ groups: inout [(name: NameID, nodes: [Scoped])], _ visited: inout Set<NameID>
  ) throws(GraphQLError) {
    for id in document.list(document[set.node].children) where try isIncluded(id, set.variables) {
      let node = document[id]
      switch node.kind {
      case .field:
        if let index = groups.firstIndex(where: { $0.name == node.responseName }) {
          groups[index].nodes.append((id, set.variables))
        } else {
          groups.append((node.responseName, [(id, set.variables)]))
        }
      case .fragmentSpread:
        guard visited.insert(node.name).inserted,
          let fragment = Array(document.definitions).last(where: {
            document[$0].kind == .fragmentDefinition && document[$0].name == node.name
          }), applies(document[fragment].typeCondition, type)
        else { continue }
        let inner =
          document[fragment].variables.isNone
          ? variables : try schema.fragmentVariableValues(document, id, of: fragment, variables, outer: set.variables)
        try collectFields((document[fragment].selectionSet, inner), type, &groups, &visited)
      default:
        if node.typeCondition.isNone || applies(node.typeCondition, type) {
          try collectFields((node.selectionSet, set.variables), type, &groups, &visited)
        }
      }
    }
  }

  private func applies(_ condition: NodeID, _ type: TypeID) -> Bool {
    schema.typeReference(document, condition).map { schema.isSubtype($0.named, type) } ?? false
  }

  /// Whether `@skip` and `@include` let a selection be; the one of `@skip` counts first.
  private func isIncluded(_ id: NodeID, _ variables: VariableValues) throws(GraphQLError) -> Bool {
    for (name, excluding) in [("skip", true), ("include", false)] {
      guard let directive = document.list(document[id].directives).first(where: { document.name($0) == name }),
        let definition = schema.directive(named: name)
      else { continue }
      let values = try schema.coerceArgumentValues(schema[definition].arguments, document, directive, variables)
      if values["if"] == .boolean(excluding) { return false }
    }
    return true
  }

  // MARK: Fields

  private var pathText: String {
    path.map { segment in
      switch segment {
      case .key(let key): key
      case .index(let index): String(index)
      }
    }.joined(separator: "/")
  }

  private mutating func report(_ message: String, _ nodes: [Scoped]) {
    errors.append(GraphQLError(message, locations: nodes.map { document.location($0.node) }, path: path))
  }

  private mutating func executeField(
    _ nodes: [Scoped], _ field: FieldID, _ parent: TypeID, _ source: Source
  ) throws(Propagated) -> Value {
    let definition = schema[field]
    let values: ValueObject
    do throws(GraphQLError) {
      values = try schema.coerceArgumentValues(definition.arguments, document, nodes[0].node, nodes[0].variables)
    } catch {
      errors.append(GraphQLError(error.message, locations: error.locations, path: path))
      if definition.type.isNonNull { throw Propagated() }
      return .null
    }
    let outcome: Outcome
    if field == schema.typenameMetaField {
      outcome = .value(.string(schema.name(parent)))
    } else if field == schema.schemaMetaField {
      outcome = .object(.introspection(.schema))
    } else if field == schema.typeMetaField {
      let type = schema.type(named: values["name"]?.string ?? "")
      outcome = type.map { .object(.introspection(.type(TypeReference($0)))) } ?? .null
    } else if case .introspection(let introspected) = source {
      outcome = introspected.resolve(schema.names.string(definition.name), values, schema, edition)
    } else {
      if !values.fields.isEmpty { arguments[pathText] = .object(values) }
      outcome = self.outcome(outcomes?[pathText])
    }
    return try complete(
      outcome, definition.type, nodes,
      "\(parent.isNone ? "" : schema.name(parent)).\(schema.names.string(definition.name))")
  }

  private func outcome(_ recorded: JSONValue?) -> Outcome {
    guard let recorded else { return .null }
    if let error = recorded["error"]?.string { return .error(error) }
    if let list = recorded["list"] { return .list(list.items.map { outcome($0) }) }
    if recorded["object"] != nil { return .object(.path) }
    return recorded["value"].map { $0.isNull ? .null : .value($0.value) } ?? .null
  }

  /// Spec `CompleteValue`.
  private mutating func complete(
    _ outcome: Outcome, _ type: TypeReference, _ nodes: [Scoped], _ coordinate: String
  ) throws(Propagated) -> Value {
    if type.isNonNull {
      let before = errors.count
      let value = try? complete(outcome, type.ofType, nodes, coordinate)
      if let value, !value.isNull { return value }
      if errors.count == before { report("Cannot return null for non-nullable field \(coordinate).", nodes) }
      throw Propagated()
    }
    switch outcome {
    case .null: return .null
    case .error(let message):
      report(message, nodes)
      return .null
    default: break
    }
    if type.isList { return completeList(outcome, type.ofType, nodes, coordinate) }
    if schema.kind(type.named).isLeaf { return completeLeaf(outcome, type.named, nodes) }
    guard case .object(let source) = outcome else {
      report("Expected an object for field \(coordinate).", nodes)
      return .null
    }
    var concrete = type.named
    if schema.kind(concrete).isAbstract {
      guard let name = typeNames?[pathText]?.string, let known = schema.type(named: name) else {
        report(
          "Abstract type \"\(schema.name(concrete))\" must resolve to an Object type at runtime for field "
            + "\"\(coordinate)\". "
            + "Either the \"\(schema.name(concrete))\" type should provide a \"resolveType\" function or each "
            + "possible type should "
            + "provide an \"isTypeOf\" function.", nodes)
        return .null
      }
      guard schema.isSubtype(concrete, known) else {
        report("Runtime Object type \"\(name)\" is not a possible type for \"\(schema.name(concrete))\".", nodes)
        return .null
      }
      concrete = known
    }
    let sets = nodes.map { Scoped(document[$0.node].selectionSet, $0.variables) }.filter { !$0.node.isNone }
    return (try? executeSelections(sets, concrete, source)) ?? .null
  }

  private mutating func completeList(
    _ outcome: Outcome, _ item: TypeReference, _ nodes: [Scoped], _ coordinate: String
  ) -> Value {
    let items: [Outcome]
    switch outcome {
    case .list(let outcomes): items = outcomes
    case .value(.list(let values)): items = values.map { $0.isNull ? .null : .value($0) }
    default:
      report("Expected Iterable, but did not find one for field \"\(coordinate)\".", nodes)
      return .null
    }
    var result: [Value] = []
    for (index, outcome) in items.enumerated() {
      path.append(.index(index))
      let value = try? complete(outcome, item, nodes, coordinate)
      path.removeLast()
      guard let value else { return .null }
      result.append(value)
    }
    return .list(result)
  }

  /// Result coercion of scalars and enums (spec section 3.5, 3.9).
  private mutating func completeLeaf(_ outcome: Outcome, _ type: TypeID, _ nodes: [Scoped]) -> Value {
    guard case .value(let value) = outcome else {
      report("\(schema.name(type)) cannot represent value.", nodes)
      return .null
    }
    do throws(GraphQLError) {
      return try ResultCoercion(schema: schema).coerce(value, type)
    } catch {
      report(error.message, nodes)
      return .null
    }
  }
}
