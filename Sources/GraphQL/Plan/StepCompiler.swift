/// The steps of a plan: what is fetched, and in which order.
extension PlanCompiler {
  mutating func slot(of property: PropertyID, in step: Int) -> Int {
    if let slot = steps[step].properties.firstIndex(of: property) { return slot }
    steps[step].properties.append(property)
    return steps[step].properties.count - 1
  }

  mutating func addStep(
    _ source: StepSource, _ field: FieldCollector.Field, _ definitions: Range<Int>, at place: Place
  ) throws(GraphQLError) -> Int {
    let arguments = try argumentPlan(field.nodes[0], definitions)
    let condition = number(of: field)
    switch place {
    case .root(let segment):
      steps.append(
        DraftStep(
          source: source, parent: nil, parentSlots: [], level: 0, arguments: arguments, condition: condition,
          segment: segment))
    case .step(let parent):
      // The same rows under another name or in another fragment are fetched once.
      if case .constant(let values) = arguments, values.fields.isEmpty, source.shape != .connection {
        let shared = SharedStep(parent: parent, source: ObjectIdentifier(source), condition: condition)
        if let same = sharedSteps[shared] { return same }
        sharedSteps[shared] = steps.count
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
    _ field: FieldCollector.Selected, _ definitions: Range<Int>
  ) throws(GraphQLError) -> ArgumentPlan {
    for argument in document.list(document[field.node].arguments) where usesVariables(document[argument].value) {
      return .variable(field.node, definitions, scope: field.scope)
    }
    return .constant(try schema.coerceArgumentValues(definitions, document, field.node, VariableValues()))
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
  mutating func orderedSteps() -> (order: [Int], steps: ContiguousArray<Step>) {
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

  mutating func remapFields(_ place: [Int]) {
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
