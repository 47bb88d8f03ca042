/// Words every conflict between fields, by comparing pairs. Runs only on documents that are known to have one.
struct FieldConflicts {
  private typealias Scope = FragmentScopes.Scope

  /// A conflict between two fields, with the conflicts of their subfields folded into one reason.
  private struct Conflict {
    /// Why two fields conflict; worded only for those that are reported.
    enum Reason {
      case fields(NameID, NameID)
      case arguments
      case streams(areSame: Bool)
      case types(TypeReference, TypeReference)
      case subfields([Conflict])
    }

    var name: NameID
    var reason: Reason
    var first: NodeID
    var second: NodeID
  }

  /// Fields of one selection set by response name, and the fragments it spreads.
  private final class Collected {
    let id: UInt64
    var groups: [(name: NameID, fields: [ValidationContext.MergedField])] = []
    var indices: [NameID: Int] = [:]
    var spreads: [NodeID] = []
    /// The spreads resolved, per scope.
    var resolved: [Scope: [FragmentScopes.Spread]] = [:]

    init(id: UInt64) { self.id = id }
  }

  /// A fragment or a set of fields, in its scope.
  private struct Place: Hashable {
    var id: UInt64
    var scope: Scope
  }

  private struct Pair: Hashable {
    var first: Place
    var second: Place
  }

  private let context: ValidationContext
  private let document: Document
  private let schema: Schema
  private var scopes: FragmentScopes
  private var budget = 500_000
  /// Where the last set of selections starts that was looked at.
  private var lastSet: UInt32 = 0
  /// How deep the comparison is in fragments that spread fragments.
  private var depth = 0
  private var collected: [ValidationContext.TypedSelection: Collected] = [:]
  /// Compared pairs of fragments, and of fields and fragment; whether they were compared as mutually exclusive.
  private var comparedFragments: [Pair: Bool] = [:]
  private var comparedWithFields: [Pair: Bool] = [:]
  /// Longest reason of a conflict, in characters.
  private static let maxReason = 1000
  /// Deepest nesting of compared fragments, selection sets between them not counted.
  private static let maxDepth = 500
  /// Most locations per side of a conflict.
  private static let maxNodes = 20

  init(context: ValidationContext) {
    self.context = context
    document = context.document
    // The rule runs only with a schema.
    schema = context.schema.unsafelyUnwrapped
    scopes = FragmentScopes(context)
  }

  mutating func reportAll() {
    for id in document.definitions {
      switch document[id].kind {
      case .operationDefinition:
        visit(document[id].selectionSet, schema.rootType(document[id].operation) ?? .none, FragmentScopes.operation)
      case .fragmentDefinition:
        let scope = scopes.scope(of: context.fragments[document[id].name] ?? id)
        visit(document[id].selectionSet, context.conditionType(document[id].typeCondition), scope)
      default: break
      }
    }
    if budget < 0 { context.abort("Validation aborted.", at: lastSet) }
  }

  private func composite(_ type: TypeID) -> TypeID {
    !type.isNone && schema.kind(type).isComposite ? type : .none
  }

  /// Inline fragments belong to the set around them and are not reported twice. Recursion is bounded by the parser's
  /// nesting limit.
  private mutating func visit(_ set: NodeID, _ parent: TypeID, _ scope: Scope, isInline: Bool = false) {
    guard !context.isAborted, budget >= 0 else { return }
    let parent = composite(parent)
    lastSet = document[set].start
    let conflicts = isInline ? [] : conflictsWithin(set, parent, scope)
    guard budget >= 0 else { return }
    for conflict in conflicts {
      guard !context.isAborted else { return }
      context.report(
        "Fields \"\(name(conflict))\" conflict because \(reason(conflict)). "
          + "Use different aliases on the fields to fetch both if this was intentional.",
        nodes(conflict, \.first) + nodes(conflict, \.second))
    }
    for id in document.list(document[set].children) {
      let node = document[id]
      guard !node.selectionSet.isNone else { continue }
      if node.kind == .field {
        let known = parent.isNone ? nil : schema.selectableField(parent, context.schemaName(node.name))
        visit(node.selectionSet, known.map { schema[$0].type.named } ?? .none, scope)
      } else {
        visit(
          node.selectionSet, node.typeCondition.isNone ? parent : context.conditionType(node.typeCondition), scope,
          isInline: true)
      }
    }
  }

  private mutating func conflictsWithin(_ set: NodeID, _ parent: TypeID, _ scope: Scope) -> [Conflict] {
    var conflicts: [Conflict] = []
    let fields = collect(set, parent)
    for (_, group) in fields.groups where group.count > 1 {
      for (index, first) in group.enumerated() {
        for second in group[(index + 1)...] {
          if let conflict = compare(first, scope, second, scope, exclusive: false) { conflicts.append(conflict) }
        }
      }
    }
    let spreads = resolvedSpreads(fields, scope)
    for (index, spread) in spreads.enumerated() {
      compareWithFragment(&conflicts, exclusive: false, fields, scope, spread)
      for other in spreads[(index + 1)...] { compareFragments(&conflicts, exclusive: false, spread, other) }
    }
    return conflicts
  }

  /// What a set spreads in a scope: each fragment once per scope, with its last spread.
  private mutating func resolvedSpreads(_ fields: Collected, _ scope: Scope) -> [FragmentScopes.Spread] {
    if let known = fields.resolved[scope] { return known }
    var result: [FragmentScopes.Spread] = []
    var places: [Place: Int] = [:]
    for node in fields.spreads {
      budget -= 1
      let spread = scopes.resolve(node, in: scope)
      let place = Place(id: UInt64(spread.fragment.rawValue), scope: spread.scope)
      if let known = places[place] {
        result[known].node = node
      } else {
        places[place] = result.count
        result.append(spread)
      }
    }
    fields.resolved[scope] = result
    return result
  }

  private mutating func collect(_ set: NodeID, _ parent: TypeID) -> Collected {
    let key = ValidationContext.TypedSelection(set: set, parent: parent)
    if let known = collected[key] { return known }
    let result = Collected(id: UInt64(collected.count))
    collect(set, parent, into: result)
    collected[key] = result
    return result
  }

  private func collect(_ set: NodeID, _ parent: TypeID, into result: Collected) {
    for id in document.list(document[set].children) {
      let node = document[id]
      switch node.kind {
      case .field:
        let known = parent.isNone ? nil : schema.field(parent, context.schemaName(node.name))
        let field = ValidationContext.MergedField(node: id, parent: parent, definition: known ?? .none)
        if let index = result.indices[node.responseName] {
          result.groups[index].fields.append(field)
        } else {
          result.indices[node.responseName] = result.groups.count
          result.groups.append((node.responseName, [field]))
        }
      case .fragmentSpread:
        result.spreads.append(id)
      default:
        collect(
          node.selectionSet, node.typeCondition.isNone ? parent : context.conditionType(node.typeCondition),
          into: result)
      }
    }
  }

  private mutating func collect(fragment: NodeID) -> Collected {
    collect(document[fragment].selectionSet, context.conditionType(document[fragment].typeCondition))
  }

  /// Whether a pair was compared before, at least as strictly; remembers it if not.
  private static func wasCompared(_ known: inout [Pair: Bool], _ pair: Pair, exclusive: Bool) -> Bool {
    if let before = known[pair], exclusive || !before { return true }
    known[pair] = exclusive
    return false
  }

  private mutating func compareWithFragment(
    _ conflicts: inout [Conflict], exclusive: Bool, _ fields: Collected, _ scope: Scope, _ spread: FragmentScopes.Spread
  ) {
    budget -= 1
    guard budget >= 0, !fields.groups.isEmpty else { return }
    let pair = Pair(
      first: Place(id: fields.id, scope: scope),
      second: Place(id: UInt64(spread.fragment.rawValue), scope: spread.scope))
    if Self.wasCompared(&comparedWithFields, pair, exclusive: exclusive) { return }
    guard !spread.fragment.isNone, descend() else { return }
    defer { depth -= 1 }
    let other = collect(fragment: spread.fragment)
    let spreads = resolvedSpreads(other, spread.scope)
    if other === fields && scope == spread.scope { return }
    compareBetween(&conflicts, exclusive: exclusive, fields, scope, other, spread.scope)
    for inner in spreads { compareWithFragment(&conflicts, exclusive: exclusive, fields, scope, inner) }
  }

  /// Enters a fragment; gives up where fragments with arguments spread themselves without end. The nesting of
  /// fragments is bounded before, by `FragmentNesting`.
  private mutating func descend() -> Bool {
    guard depth < Self.maxDepth else {
      budget = -1
      return false
    }
    depth += 1
    return true
  }

  private mutating func compareFragments(
    _ conflicts: inout [Conflict], exclusive: Bool, _ first: FragmentScopes.Spread, _ second: FragmentScopes.Spread
  ) {
    budget -= 2
    guard budget >= 0, first.fragment != second.fragment || first.scope != second.scope else { return }
    let low = Place(id: UInt64(first.fragment.rawValue), scope: first.scope)
    let high = Place(id: UInt64(second.fragment.rawValue), scope: second.scope)
    let isOrdered = (low.id, low.scope) < (high.id, high.scope)
    let pair = Pair(first: isOrdered ? low : high, second: isOrdered ? high : low)
    if first.fragment == second.fragment {
      if !Self.wasCompared(&comparedFragments, pair, exclusive: false) { reportSpreads(first, second) }
      return
    }
    if Self.wasCompared(&comparedFragments, pair, exclusive: exclusive) { return }
    guard !first.fragment.isNone, !second.fragment.isNone, descend() else { return }
    defer { depth -= 1 }
    let firstFields = collect(fragment: first.fragment)
    let secondFields = collect(fragment: second.fragment)
    let firstSpreads = resolvedSpreads(firstFields, first.scope)
    let secondSpreads = resolvedSpreads(secondFields, second.scope)
    compareBetween(&conflicts, exclusive: exclusive, firstFields, first.scope, secondFields, second.scope)
    for spread in secondSpreads { compareFragments(&conflicts, exclusive: exclusive, first, spread) }
    for spread in firstSpreads { compareFragments(&conflicts, exclusive: exclusive, spread, second) }
  }

  /// One fragment with different arguments in one place of the response.
  private func reportSpreads(_ first: FragmentScopes.Spread, _ second: FragmentScopes.Spread) {
    let name = GraphQLError.quoted(context.name(first.node))
    context.report(
      "Spreads \"\(name)\" conflict because \(scopes.description(first, name: name)) and "
        + "\(scopes.description(second, name: name)) have different fragment arguments.", [first.node, second.node])
  }

  private mutating func compareBetween(
    _ conflicts: inout [Conflict], exclusive: Bool, _ first: Collected, _ firstScope: Scope, _ second: Collected,
    _ secondScope: Scope
  ) {
    for (name, group) in first.groups {
      budget -= 1
      guard budget >= 0 else { return }
      guard let index = second.indices[name] else { continue }
      for left in group {
        for right in second.groups[index].fields {
          if let conflict = compare(left, firstScope, right, secondScope, exclusive: exclusive) {
            conflicts.append(conflict)
          }
        }
      }
    }
  }

  private mutating func compareSelections(
    exclusive: Bool, _ first: Collected, _ firstScope: Scope, _ second: Collected, _ secondScope: Scope
  ) -> [Conflict] {
    var conflicts: [Conflict] = []
    let firstSpreads = resolvedSpreads(first, firstScope)
    let secondSpreads = resolvedSpreads(second, secondScope)
    compareBetween(&conflicts, exclusive: exclusive, first, firstScope, second, secondScope)
    for spread in secondSpreads { compareWithFragment(&conflicts, exclusive: exclusive, first, firstScope, spread) }
    for spread in firstSpreads { compareWithFragment(&conflicts, exclusive: exclusive, second, secondScope, spread) }
    for left in firstSpreads {
      for right in secondSpreads { compareFragments(&conflicts, exclusive: exclusive, left, right) }
    }
    return conflicts
  }

  private mutating func compare(
    _ first: ValidationContext.MergedField, _ firstScope: Scope, _ second: ValidationContext.MergedField,
    _ secondScope: Scope, exclusive: Bool
  ) -> Conflict? {
    budget -= 2
    guard budget >= 0 else { return nil }
    let left = document[first.node]
    let right = document[second.node]
    let exclusive =
      exclusive
      || (first.parent != second.parent && !first.parent.isNone && !second.parent.isNone
        && schema.kind(first.parent) == .object && schema.kind(second.parent) == .object)
    func conflict(_ reason: Conflict.Reason) -> Conflict {
      Conflict(name: left.responseName, reason: reason, first: first.node, second: second.node)
    }
    if !exclusive {
      if left.name != right.name { return conflict(.fields(left.name, right.name)) }
      if !scopes.sameArguments(first.node, firstScope, second.node, secondScope) { return conflict(.arguments) }
    }
    if !left.directives.isNone || !right.directives.isNone {
      let firstStream = context.streamDirective(first.node)
      let secondStream = context.streamDirective(second.node)
      if let firstStream, let secondStream {
        return conflict(.streams(areSame: scopes.sameArguments(firstStream, firstScope, secondStream, secondScope)))
      }
      if firstStream != nil || secondStream != nil { return conflict(.streams(areSame: false)) }
    }
    let firstType = first.definition.isNone ? nil : schema[first.definition].type
    let secondType = second.definition.isNone ? nil : schema[second.definition].type
    if let firstType, let secondType, FieldMergeDetection.typesConflict(schema, firstType, secondType) {
      return conflict(.types(firstType, secondType))
    }
    guard !left.selectionSet.isNone, !right.selectionSet.isNone else { return nil }
    let conflicts = compareSelections(
      exclusive: exclusive, collect(left.selectionSet, composite(firstType?.named ?? .none)), firstScope,
      collect(right.selectionSet, composite(secondType?.named ?? .none)), secondScope)
    return conflicts.isEmpty ? nil : conflict(.subfields(conflicts))
  }

  // MARK: Words

  private func name(_ conflict: Conflict) -> String { GraphQLError.quoted(document.string(conflict.name)) }

  private func reason(_ conflict: Conflict) -> String {
    switch conflict.reason {
    case .fields(let first, let second):
      return
        "\"\(GraphQLError.quoted(document.string(first)))\" and \"\(GraphQLError.quoted(document.string(second)))\" "
        + "are different fields"
    case .arguments: return "they have differing arguments"
    case .streams(let areSame):
      return "they have overlapping stream directives"
        + (areSame ? ". See https://github.com/graphql/defer-stream-wg/discussions/100" : "")
    case .types(let first, let second):
      return "they return conflicting types \"\(schema.describe(first))\" and \"\(schema.describe(second))\""
    case .subfields(let conflicts):
      var text = ""
      for inner in conflicts {
        text += (text.isEmpty ? "" : " and ") + "subfields \"\(name(inner))\" conflict because \(reason(inner))"
        if text.utf8.count > Self.maxReason { break }
      }
      return GraphQLError.quoted(text)
    }
  }

  /// The fields of one side of a conflict, the deepest last.
  private func nodes(_ conflict: Conflict, _ side: KeyPath<Conflict, NodeID>) -> [NodeID] {
    var nodes = [conflict[keyPath: side]]
    guard case .subfields(let conflicts) = conflict.reason else { return nodes }
    for inner in conflicts where nodes.count < Self.maxNodes {
      nodes += self.nodes(inner, side).suffix(Self.maxNodes - nodes.count)
    }
    return nodes
  }
}
