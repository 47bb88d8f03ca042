/// Checks how deep the fields of each operation go, and how many there are with every fragment in its place.
///
/// Each fragment is measured once. To be called with a valid document: fragments exist and have no cycles.
///
/// - Throws: `SELECTION_TOO_DEEP` or `SELECTION_TOO_LARGE`.
public func checkSize(of document: Document, limits: Limits = Limits()) throws(GraphQLError) {
  var sizes: [NameID: (fields: Int, depth: Int)] = [:]
  for operation in document.definitions where document[operation].kind == .operationDefinition {
    let size = measure(document[operation].selectionSet, document, limits, &sizes)
    if size.fields > limits.maxExpandedFields {
      throw GraphQLError(
        "The operation selects more than \(limits.maxExpandedFields) fields once its fragments are expanded.",
        locations: [document.location(operation)], code: "SELECTION_TOO_LARGE")
    }
    if size.depth > limits.maxSelectionDepth {
      throw GraphQLError(
        "The operation is \(size.depth) fields deep; at most \(limits.maxSelectionDepth) are allowed.",
        locations: [document.location(operation)], code: "SELECTION_TOO_DEEP")
    }
  }
}

private func measure(
  _ set: NodeID, _ document: Document, _ limits: Limits, _ sizes: inout [NameID: (fields: Int, depth: Int)]
) -> (fields: Int, depth: Int) {
  var fields = 0
  var depth = 0
  guard !set.isNone else { return (0, 0) }
  for selection in document.list(document[set].children) {
    let node = document[selection]
    var part: (fields: Int, depth: Int)
    switch node.kind {
    case .field:
      part = measure(node.selectionSet, document, limits, &sizes)
      part.fields += 1
      let isIntrospection = document.source[Int(node.nameStart)] == UInt8(ascii: "_")
      part.depth = isIntrospection ? 0 : part.depth + 1
    case .inlineFragment:
      part = measure(node.selectionSet, document, limits, &sizes)
    default:
      if let known = sizes[node.name] {
        part = known
      } else {
        let fragment = document.fragment(named: node.name)
        part = fragment.map { measure(document[$0].selectionSet, document, limits, &sizes) } ?? (0, 0)
        sizes[node.name] = part
      }
    }
    // Kept just above the limit, so that exponential growth does not overflow.
    fields = min(fields + part.fields, limits.maxExpandedFields + 1)
    depth = max(depth, part.depth)
  }
  return (fields, depth)
}
