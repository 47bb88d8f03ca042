/// Rules for `@defer` and `@stream`, proposals beyond the September 2025 edition. They find something only in documents
/// that use these directives, which a schema has to define first. Recursion is bounded by nesting, each fragment is
/// entered once.
extension ValidationContext {
  private func directive(_ owner: NodeID, _ name: String) -> NodeID? {
    let first = document[owner].directives
    return first.isNone ? nil : document.list(first).first { self.name($0) == name }
  }

  private func argument(_ directive: NodeID, _ name: String) -> NodeID? {
    document.list(document[directive].arguments).first { self.name($0) == name }.map { document[$0].value }
  }

  /// Labels are static and unique.
  func deferStreamLabel(_ id: NodeID) {
    guard isOn(.deferStreamLabel) else { return }
    let directiveName = name(id)
    guard directiveName == "defer" || directiveName == "stream", let label = argument(id, "label"),
      document[label].kind != .nullValue
    else { return }
    guard document[label].kind == .stringValue else {
      let title = directiveName == "defer" ? "Defer" : "Stream"
      report("\(title) directive label argument must be a static string.", id)
      return
    }
    let text = document.stringValue(label)
    if let first = deferStreamLabels[text] {
      report("Defer/Stream directive label argument must be unique.", [first, id])
    } else {
      deferStreamLabels[text] = id
    }
  }

  /// `@stream` stands on lists only; on a fragment it counts for the field around it.
  func streamOnListField(_ id: NodeID, _ field: FieldID, _ parent: TypeID) {
    guard isOn(.streamOnListField), let schema, !field.isNone, !parent.isNone, directive(id, "stream") != nil,
      !schema[field].type.nullable.isList
    else { return }
    let definition = schema[field]
    let subject = schema.field(parent, definition.name) == field ? " \"\(schema.names.string(definition.name))\"" : ""
    for stream in document.list(document[id].directives) where name(stream) == "stream" {
      report("Stream directive cannot be used on non-list field\(subject) on type \"\(schema.name(parent))\".", stream)
    }
  }

  /// Root fields of mutations and subscriptions are not delivered incrementally.
  func deferStreamOnRootField(_ operation: NodeID) {
    guard isOn(.deferStreamOnRootField), let schema, document[operation].operation != .query,
      let root = schema.rootType(document[operation].operation)
    else { return }
    var visited = Set<NameID>()
    let place = "root \(document[operation].operation.keyword) type \"\(schema.name(root))\""
    checkRootSelections(document[operation].selectionSet, place, &visited)
  }

  private func checkRootSelections(_ set: NodeID, _ place: String, _ visited: inout Set<NameID>) {
    for id in document.list(document[set].children) {
      let node = document[id]
      if node.kind == .field {
        if let stream = directive(id, "stream") { report("Stream directive cannot be used on \(place).", stream) }
        continue
      }
      var inner = node.selectionSet
      if node.kind == .fragmentSpread {
        guard visited.insert(node.name).inserted, let fragment = fragments[node.name] else { continue }
        inner = deferStreamRootChecked.contains(node.name) ? .none : document[fragment].selectionSet
      }
      if let deferred = directive(id, "defer") { report("Defer directive cannot be used on \(place).", deferred) }
      guard !inner.isNone else { continue }
      let before = errors.count
      checkRootSelections(inner, place, &visited)
      if node.kind == .fragmentSpread && errors.count == before { deferStreamRootChecked.insert(node.name) }
    }
  }

  /// Subscriptions use `@defer` and `@stream` only where a condition can turn them off.
  func deferStreamOnValidOperations(_ operation: NodeID) {
    guard isOn(.deferStreamOnValidOperations), document[operation].operation == .subscription else { return }
    var visited = Set<NameID>()
    checkUnconditional(document[operation].selectionSet, [], &visited)
  }

  private func checkUnconditional(_ set: NodeID, _ spreads: [NodeID], _ visited: inout Set<NameID>) {
    for id in document.list(document[set].children) {
      if let skip = directive(id, "skip") {
        let value = argument(skip, "if")
        if value.map({ document[$0].kind != .booleanValue || document[$0].boolean }) ?? true { continue }
      }
      if let include = directive(id, "include"), let value = argument(include, "if"),
        document[value].kind != .booleanValue || !document[value].boolean
      {
        continue
      }
      for applied in document.list(document[id].directives) {
        let directiveName = name(applied)
        guard directiveName == "defer" || directiveName == "stream", !canBeOff(applied) else { continue }
        let title = directiveName == "defer" ? "Defer" : "Stream"
        report(
          "\(title) directive not supported on subscription operations. "
            + "Disable `@\(directiveName)` by setting the `if` "
            + "argument to `false`.", [applied] + spreads.reversed())
      }
      let node = document[id]
      if node.kind == .fragmentSpread {
        guard !deferStreamOperationChecked.contains(node.name), visited.insert(node.name).inserted,
          let fragment = fragments[node.name]
        else { continue }
        let before = errors.count
        checkUnconditional(document[fragment].selectionSet, spreads + [id], &visited)
        if errors.count == before { deferStreamOperationChecked.insert(node.name) }
      } else if !node.selectionSet.isNone {
        checkUnconditional(node.selectionSet, spreads, &visited)
      }
    }
  }

  private func canBeOff(_ applied: NodeID) -> Bool {
    guard let value = argument(applied, "if") else { return false }
    switch document[value].kind {
    case .booleanValue: return !document[value].boolean
    case .variable: return true
    default: return false
    }
  }

  /// The `@stream` directive of a field, if any.
  func streamDirective(_ field: NodeID) -> NodeID? { directive(field, "stream") }
}
