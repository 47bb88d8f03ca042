/// Words every conflict between fields, by comparing pairs. Runs only on documents that are known to have one.
struct FieldConflicts {
  /// A conflict between two fields, with the conflicts of their subfields folded into one reason.
  private struct Conflict {
    var name: String
    var reason: String
    var first: [NodeID]
    var second: [NodeID]
  }

  /// Fields of one selection set by response name, and the fragments it spreads.
  private final class Collected {
    let id: UInt64
    var groups: [(name: NameID, fields: [ValidationContext.MergedField])] = []
    var indices: [NameID: Int] = [:]
    var spreads: [NameID] = []

    init(id: UInt64) { self.id = id }
  }

  private struct Pair: Hashable {
    var first: UInt64
    var second: UInt64
  }

  private let context: ValidationContext
  private let document: Document
  private let schema: Schema
  private var budget = 500_000
  private var collected: [ValidationContext.TypedSelection: Collected] = [:]
  /// Compared pairs of fragments, and of fields and fragment; whether they were compared as mutually exclusive.
  private var comparedFragments: [Pair: Bool] = [:]
  private var comparedWithFields: [Pair: Bool] = [:]
  /// Longest reason of a conflict, in characters.
  private static let maxReason = 1000
  /// Most locations per side of a conflict.
  private static let maxNodes = 20

  init(context: ValidationContext) {
    self.context = context
    document = context.document
    // The rule runs only with a schema.
    schema = context.schema.unsafelyUnwrapped
  }

  mutating func reportAll() {
    for id in document.definitions {
      switch document[id].kind {
      case .operationDefinition:
        visit(document[id].selectionSet, schema.rootType(document[id].operation) ?? .none)
      case .fragmentDefinition:
        visit(document[id].selectionSet, context.conditionType(document[id].typeCondition))
      default: break
      }
    }
    if budget < 0 { context.abort("Validation aborted.") }
  }

  private func composite(_ type: TypeID) -> TypeID {
    !type.isNone && schema.kind(type).isComposite ? type : .none
  }

  /// Inline fragments belong to the set around them and are not reported twice. Recursion is bounded by the parser's nesting limit.
  private mutating func visit(_ set: NodeID, _ parent: TypeID, isInline: Bool = false) {
    guard !context.isAborted, budget >= 0 else { return }
    let parent = composite(parent)
    for conflict in isInline ? [] : conflictsWithin(set, parent) {
      context.report(
        "Fields \"\(conflict.name)\" conflict because \(conflict.reason). "
          + "Use different aliases on the fields to fetch both if this was intentional.", conflict.first + conflict.second)
    }
    for id in document.list(document[set].children) {
      let node = document[id]
      guard !node.selectionSet.isNone else { continue }
      if node.kind == .field {
        let known = parent.isNone ? nil : schema.selectableField(parent, context.schemaName(node.name))
        visit(node.selectionSet, known.map { schema[$0].type.named } ?? .none)
      } else {
        visit(
          node.selectionSet, node.typeCondition.isNone ? parent : context.conditionType(node.typeCondition), isInline: true)
      }
    }
  }

  private mutating func conflictsWithin(_ set: NodeID, _ parent: TypeID) -> [Conflict] {
    var conflicts: [Conflict] = []
    let fields = collect(set, parent)
    for (_, group) in fields.groups where group.count > 1 {
      for (index, first) in group.enumerated() {
        for second in group[(index + 1)...] {
          if let conflict = compare(first, second, exclusive: false) { conflicts.append(conflict) }
        }
      }
    }
    for (index, spread) in fields.spreads.enumerated() {
      compareWithFragment(&conflicts, exclusive: false, fields, spread)
      for other in fields.spreads[(index + 1)...] { compareFragments(&conflicts, exclusive: false, spread, other) }
    }
    return conflicts
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
        if !result.spreads.contains(node.name) { result.spreads.append(node.name) }
      default:
        collect(
          node.selectionSet, node.typeCondition.isNone ? parent : context.conditionType(node.typeCondition), into: result)
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
    _ conflicts: inout [Conflict], exclusive: Bool, _ fields: Collected, _ fragment: NameID
  ) {
    budget -= 1
    guard budget >= 0, !fields.groups.isEmpty else { return }
    let pair = Pair(first: fields.id, second: UInt64(fragment.rawValue))
    if Self.wasCompared(&comparedWithFields, pair, exclusive: exclusive) { return }
    guard let definition = context.fragments[fragment] else { return }
    let other = collect(fragment: definition)
    if other === fields { return }
    compareBetween(&conflicts, exclusive: exclusive, fields, other)
    for spread in other.spreads { compareWithFragment(&conflicts, exclusive: exclusive, fields, spread) }
  }

  private mutating func compareFragments(
    _ conflicts: inout [Conflict], exclusive: Bool, _ first: NameID, _ second: NameID
  ) {
    budget -= 2
    guard budget >= 0, first != second else { return }
    let low = min(first.rawValue, second.rawValue)
    let high = max(first.rawValue, second.rawValue)
    let pair = Pair(first: UInt64(low), second: UInt64(high))
    if Self.wasCompared(&comparedFragments, pair, exclusive: exclusive) { return }
    guard let firstNode = context.fragments[first], let secondNode = context.fragments[second] else { return }
    let firstFields = collect(fragment: firstNode)
    let secondFields = collect(fragment: secondNode)
    compareBetween(&conflicts, exclusive: exclusive, firstFields, secondFields)
    for spread in secondFields.spreads { compareFragments(&conflicts, exclusive: exclusive, first, spread) }
    for spread in firstFields.spreads { compareFragments(&conflicts, exclusive: exclusive, spread, second) }
  }

  private mutating func compareBetween(
    _ conflicts: inout [Conflict], exclusive: Bool, _ first: Collected, _ second: Collected
  ) {
    for (name, group) in first.groups {
      budget -= 1
      guard budget >= 0 else { return }
      guard let index = second.indices[name] else { continue }
      for left in group {
        for right in second.groups[index].fields {
          if let conflict = compare(left, right, exclusive: exclusive) { conflicts.append(conflict) }
        }
      }
    }
  }

  private mutating func compareSelections(
    exclusive: Bool, _ firstSet: NodeID, _ firstType: TypeID, _ secondSet: NodeID, _ secondType: TypeID
  ) -> [Conflict] {
    var conflicts: [Conflict] = []
    let first = collect(firstSet, composite(firstType))
    let second = collect(secondSet, composite(secondType))
    compareBetween(&conflicts, exclusive: exclusive, first, second)
    for spread in second.spreads { compareWithFragment(&conflicts, exclusive: exclusive, first, spread) }
    for spread in first.spreads { compareWithFragment(&conflicts, exclusive: exclusive, second, spread) }
    for left in first.spreads {
      for right in second.spreads { compareFragments(&conflicts, exclusive: exclusive, left, right) }
    }
    return conflicts
  }

  private mutating func compare(
    _ first: ValidationContext.MergedField, _ second: ValidationContext.MergedField, exclusive: Bool
  ) -> Conflict? {
    budget -= 2
    guard budget >= 0 else { return nil }
    let left = document[first.node]
    let right = document[second.node]
    let exclusive =
      exclusive
      || (first.parent != second.parent && !first.parent.isNone && !second.parent.isNone
        && schema.kind(first.parent) == .object && schema.kind(second.parent) == .object)
    let name = document.string(left.responseName)
    func conflict(_ reason: String) -> Conflict {
      Conflict(name: Self.abbreviated(name), reason: reason, first: [first.node], second: [second.node])
    }
    if !exclusive {
      if left.name != right.name {
        return conflict(
          "\"\(Self.abbreviated(document.string(left.name)))\" and \"\(Self.abbreviated(document.string(right.name)))\" "
            + "are different fields")
      }
      if !FieldMergeDetection.sameArguments(document, first.node, second.node) {
        return conflict("they have differing arguments")
      }
    }
    let firstStream = context.streamDirective(first.node)
    let secondStream = context.streamDirective(second.node)
    if firstStream != nil || secondStream != nil {
      var reason = "they have overlapping stream directives"
      if let firstStream, let secondStream, FieldMergeDetection.sameArguments(document, firstStream, secondStream) {
        reason += ". See https://github.com/graphql/defer-stream-wg/discussions/100"
      }
      return conflict(reason)
    }
    let firstType = first.definition.isNone ? nil : schema[first.definition].type
    let secondType = second.definition.isNone ? nil : schema[second.definition].type
    if let firstType, let secondType, FieldMergeDetection.typesConflict(schema, firstType, secondType) {
      return conflict(
        "they return conflicting types \"\(schema.describe(firstType))\" and \"\(schema.describe(secondType))\"")
    }
    guard !left.selectionSet.isNone, !right.selectionSet.isNone else { return nil }
    let conflicts = compareSelections(
      exclusive: exclusive, left.selectionSet, firstType?.named ?? .none, right.selectionSet, secondType?.named ?? .none)
    guard !conflicts.isEmpty else { return nil }
    var reason = ""
    var firstNodes = [first.node]
    var secondNodes = [second.node]
    for conflict in conflicts {
      if reason.utf8.count <= Self.maxReason {
        reason += (reason.isEmpty ? "" : " and ") + "subfields \"\(conflict.name)\" conflict because \(conflict.reason)"
      }
      firstNodes += conflict.first.suffix(max(0, Self.maxNodes - firstNodes.count))
      secondNodes += conflict.second.suffix(max(0, Self.maxNodes - secondNodes.count))
    }
    return Conflict(
      name: Self.abbreviated(name), reason: Self.abbreviated(reason), first: firstNodes, second: secondNodes)
  }

  private static func abbreviated(_ text: String) -> String {
    text.utf8.count > maxReason ? String(text.prefix(maxReason)) + "..." : text
  }
}
