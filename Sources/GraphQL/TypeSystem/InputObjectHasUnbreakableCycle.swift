/// Spec `InputObjectHasUnbreakableCycle` (section 3.10), with the rule for OneOf input objects: every input object has
/// a finite value. One pass over reversed references, O(fields).
struct InputObjectHasUnbreakableCycle {
  private let schema: Schema
  private var isFinite = Set<TypeID>()
  private var visited = Set<TypeID>()
  private var path: [(coordinate: String, node: NodeID)] = []
  private var position: [TypeID: Int] = [:]

  init(schema: Schema) { self.schema = schema }

  /// Fields whose values must hold a value of another input object.
  private func targets(_ id: TypeID) -> [(field: InputValueDefinition, type: TypeID)] {
    let type = schema[id]
    return schema.inputValues[type.inputFields].compactMap { field in
      let reference = type.isOneOf ? field.type : field.type.isNonNull ? field.type.ofType : nil
      guard let reference, reference.isNamed, schema.kind(reference.named) == .inputObject else { return nil }
      return (field, reference.named)
    }
  }

  mutating func detect(_ validation: inout SchemaValidation) {
    let types = schema.typeOrder.filter { schema.kind($0) == .inputObject }
    var dependents: [TypeID: [TypeID]] = [:]
    var open: [TypeID: Int] = [:]
    var pending: [TypeID] = []
    for id in types {
      let targets = targets(id)
      for target in targets { dependents[target.type, default: []].append(id) }
      open[id] = targets.count
      let fields = schema[id].inputFields.count
      if schema[id].isOneOf ? fields == 0 || targets.count < fields : targets.isEmpty {
        isFinite.insert(id)
        pending.append(id)
      }
    }
    while let id = pending.popLast() {
      for dependent in dependents[id] ?? [] where !isFinite.contains(dependent) {
        open[dependent, default: 1] -= 1
        if schema[dependent].isOneOf || open[dependent] == 0 {
          isFinite.insert(dependent)
          pending.append(dependent)
        }
      }
    }
    for id in types where !isFinite.contains(id) { reportCycle(id, &validation) }
  }

  /// As deep as input objects refer to each other; schemas are trusted texts.
  private mutating func reportCycle(_ id: TypeID, _ validation: inout SchemaValidation) {
    guard visited.insert(id).inserted else { return }
    position[id] = path.count
    for target in targets(id) where !isFinite.contains(target.type) {
      path.append(("\(schema.name(id)).\(schema.names.string(target.field.name))", target.field.node))
      if let start = position[target.type] {
        let cycle = path[start...]
        validation.report(
          "Input Object \(schema.name(target.type)) cannot be provided a finite value because it references itself "
            + "through fields: \(cycle.map(\.coordinate).joined(separator: ", ")).", cycle.map(\.node))
      } else {
        reportCycle(target.type, &validation)
      }
      path.removeLast()
    }
    position[id] = nil
  }
}
