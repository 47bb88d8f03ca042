extension ValidationContext {
  /// An extension extends a type that exists and is of its kind (spec section 3.4.3).
  func possibleTypeExtensions(_ id: NodeID) {
    guard isOn(.possibleTypeExtensions) else { return }
    let node = document[id]
    let expected: NodeKind?
    var definition: NodeID?
    if let known = sdl.definedTypes[node.name] {
      definition = known
      expected = NodeKind(
        rawValue: document[known].kind.rawValue - NodeKind.scalarTypeDefinition.rawValue
          + NodeKind.scalarTypeExtension.rawValue)
    } else if let schema, case let known = schema.type(schemaName(node.name)), !known.isNone {
      expected = NodeKind(rawValue: NodeKind.scalarTypeExtension.rawValue + schema.kind(known).rawValue)
    } else {
      expected = nil
    }
    guard let expected else {
      // The last of several definitions stands for all of them.
      var options = document.definitions.filter { sdl.definedTypes[document[$0].name] == $0 }.map { name($0) }
      if let schema { options += schema.typeOrder.map { schema.name($0) } }
      report(
        "Cannot extend type \"\(name(id))\" because it is not defined." + didYouMean(name(id), options), names: [id])
      return
    }
    guard expected != node.kind else { return }
    let kind =
      switch node.kind {
      case .scalarTypeExtension: "scalar"
      case .objectTypeExtension: "object"
      case .interfaceTypeExtension: "interface"
      case .unionTypeExtension: "union"
      case .enumTypeExtension: "enum"
      default: "input object"
      }
    report("Cannot extend non-\(kind) type \"\(name(id))\".", definition.map { [$0, id] } ?? [id])
  }
}
