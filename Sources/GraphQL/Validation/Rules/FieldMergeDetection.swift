/// Finds out whether any two fields of a document cannot be merged, in time linear in the fields it expands.
struct FieldMergeDetection {
  enum Outcome {
    case mergeable, conflict
    /// The budget is used up.
    case exhausted
  }

  private struct Work: Hashable {
    var selections: [ValidationContext.TypedSelection]
    /// Whether name and arguments are compared too, not only the shape.
    var isStrict: Bool
  }

  private let context: ValidationContext
  private let document: Document
  private let schema: Schema
  private var budget: Int
  private var seen = Set<Work>()
  private var pending: [Work] = []
  private var visitedFragments = Set<NameID>()
  private var groupOfName: ContiguousArray<(epoch: Int, group: Int)>
  private var epoch = 0

  init(context: ValidationContext) {
    self.context = context
    document = context.document
    // The rule runs only with a schema.
    schema = context.schema.unsafelyUnwrapped
    budget = context.limits.maxMergedFields
    groupOfName = ContiguousArray(repeating: (0, 0), count: context.document.names.count)
  }

  mutating func check(_ roots: [ValidationContext.TypedSelection]) -> Outcome {
    for root in roots { add([root], isStrict: true) }
    while let work = pending.popLast() {
      let groups = expand(work.selections)
      if budget < 0 { return .exhausted }
      for group in groups where group.count > 1 {
        if conflicts(group, isStrict: work.isStrict) { return .conflict }
      }
      for group in groups { addChildren(group, isStrict: work.isStrict) }
    }
    return .mergeable
  }

  private mutating func add(_ selections: [ValidationContext.TypedSelection], isStrict: Bool) {
    let work = Work(selections: selections, isStrict: isStrict)
    if seen.insert(work).inserted { pending.append(work) }
  }

  /// Fields of the sets by response name, fragments expanded once.
  private mutating func expand(_ selections: [ValidationContext.TypedSelection]) -> [[ValidationContext.MergedField]] {
    visitedFragments.removeAll(keepingCapacity: true)
    epoch += 1
    var groups: [[ValidationContext.MergedField]] = []
    var stack = Array(selections.reversed())
    while let next = stack.popLast() {
      for id in document.list(document[next.set].children) {
        budget -= 1
        if budget < 0 { return groups }
        let node = document[id]
        switch node.kind {
        case .field:
          var definition = FieldID.none
          if !next.parent.isNone, let known = schema.selectableField(next.parent, context.schemaName(node.name)) {
            definition = known
          }
          let field = ValidationContext.MergedField(node: id, parent: next.parent, definition: definition)
          let name = node.responseName.index
          if groupOfName[name].epoch == epoch {
            groups[groupOfName[name].group].append(field)
          } else {
            groupOfName[name] = (epoch, groups.count)
            groups.append([field])
          }
        case .fragmentSpread:
          if visitedFragments.insert(node.name).inserted, let fragment = context.fragments[node.name] {
            let condition = context.conditionType(document[fragment].typeCondition)
            stack.append(.init(set: document[fragment].selectionSet, parent: condition))
          }
        default:
          let condition = node.typeCondition.isNone ? next.parent : context.conditionType(node.typeCondition)
          stack.append(.init(set: node.selectionSet, parent: condition))
        }
      }
    }
    return groups
  }

  private func conflicts(_ group: [ValidationContext.MergedField], isStrict: Bool) -> Bool {
    // A streamed field merges with no other.
    if group.contains(where: { !document[$0.node].directives.isNone && context.streamDirective($0.node) != nil }) {
      return true
    }
    if let first = group.first(where: { !$0.definition.isNone }) {
      let type = schema[first.definition].type
      for field in group where !field.definition.isNone && field.definition != first.definition {
        if Self.typesConflict(schema, type, schema[field.definition].type) { return true }
      }
    }
    guard isStrict else { return false }
    for fields in partition(group) {
      let first = fields[0]
      for field in fields.dropFirst() where field.node != first.node {
        if document[field.node].name != document[first.node].name { return true }
        if !Self.sameArguments(document, first.node, field.node) { return true }
      }
    }
    return false
  }

  /// Fields that can apply to the same object: those on abstract types together with those on each concrete type.
  private func partition(_ group: [ValidationContext.MergedField]) -> [[ValidationContext.MergedField]] {
    var abstract: [ValidationContext.MergedField] = []
    var concrete: [TypeID: [ValidationContext.MergedField]] = [:]
    for field in group {
      if !field.parent.isNone && schema.kind(field.parent) == .object {
        concrete[field.parent, default: []].append(field)
      } else {
        abstract.append(field)
      }
    }
    if concrete.isEmpty { return [abstract] }
    return concrete.values.map { abstract + $0 }
  }

  private mutating func addChildren(_ group: [ValidationContext.MergedField], isStrict: Bool) {
    if group.count == 1 {
      let selections = children(group)
      if !selections.isEmpty { add(selections, isStrict: isStrict) }
      return
    }
    let all = children(group)
    guard !all.isEmpty else { return }
    guard isStrict else {
      add(all, isStrict: false)
      return
    }
    let parts = partition(group)
    if parts.count > 1 { add(all, isStrict: false) }
    for part in parts {
      budget -= part.count
      let selections = children(part)
      if !selections.isEmpty { add(selections, isStrict: true) }
    }
  }

  private func children(_ fields: [ValidationContext.MergedField]) -> [ValidationContext.TypedSelection] {
    var selections: [ValidationContext.TypedSelection] = []
    for field in fields where !document[field.node].selectionSet.isNone {
      let type = field.definition.isNone ? TypeID.none : schema[field.definition].type.named
      let composite = !type.isNone && schema.kind(type).isComposite
      selections.append(.init(set: document[field.node].selectionSet, parent: composite ? type : .none))
    }
    return selections
  }

  /// Whether two types cannot both be the type of one response field.
  static func typesConflict(_ schema: Schema, _ first: TypeReference, _ second: TypeReference) -> Bool {
    var first = first
    var second = second
    while true {
      if first == second { return false }
      if first.isList != second.isList || first.isNonNull != second.isNonNull { return true }
      guard !first.isNamed else { break }
      first = first.ofType
      second = second.ofType
    }
    return schema.kind(first.named).isLeaf || schema.kind(second.named).isLeaf
  }

  /// Whether two fields or directives have the same arguments, in any order.
  static func sameArguments(_ document: Document, _ first: NodeID, _ second: NodeID) -> Bool {
    let left = document[first].arguments
    let right = document[second].arguments
    if left.isNone && right.isNone { return true }
    guard document.count(left) == document.count(right) else { return false }
    var values: [NameID: NodeID] = [:]
    for id in document.list(right) { values[document[id].name] = document[id].value }
    for id in document.list(left) {
      guard let other = values[document[id].name], sameValue(document, document[id].value, other) else { return false }
    }
    return true
  }

  /// Whether two literals are the same; fields of objects in any order. Recursion is bounded by the parser's nesting
  /// limit.
  static func sameValue(_ document: Document, _ first: NodeID, _ second: NodeID) -> Bool {
    let left = document[first]
    let right = document[second]
    guard left.kind == right.kind else { return false }
    switch left.kind {
    case .listValue:
      guard document.count(left.children) == document.count(right.children) else { return false }
      return zip(document.list(left.children), document.list(right.children)).allSatisfy {
        sameValue(document, $0, $1)
      }
    case .objectValue:
      let order = { (id: NodeID) in document.list(id).sorted { document.name($0) < document.name($1) } }
      let a = order(left.children)
      let b = order(right.children)
      return a.count == b.count
        && zip(a, b).allSatisfy {
          document[$0].name == document[$1].name && sameValue(document, document[$0].value, document[$1].value)
        }
    case .stringValue:
      return left.isBlock == right.isBlock && document.stringBytes(first) == document.stringBytes(second)
    case .variable, .enumValue: return left.name == right.name
    case .booleanValue: return left.boolean == right.boolean
    case .nullValue: return true
    default: return document.text(first) == document.text(second)
    }
  }
}
