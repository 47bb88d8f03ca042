/// Checks how deep the fields of each operation go, and how many there are, at the root and in all, with every fragment
/// in its place.
///
/// Each fragment is measured once. To be called with a valid document: fragments exist and have no cycles.
///
/// - Throws: `MAX_FIELDS_LIMIT`, `MAX_ROOT_FIELDS_LIMIT` or `MAX_DEPTH_LIMIT`.
public func checkSize(of document: Document, limits: Limits = Limits()) throws(GraphQLError) {
  var measure = SizeMeasure(document: document, limits: limits)
  for operation in document.definitions where document[operation].kind == .operationDefinition {
    let size = measure.size(of: document[operation].selectionSet)
    func fail(_ message: String, _ code: String) -> GraphQLError {
      GraphQLError(message, locations: [document.location(operation)], code: code)
    }
    if size.fields > limits.maxExpandedFields {
      throw fail(
        "The operation selects more than \(limits.maxExpandedFields) fields once its fragments are expanded.",
        GraphQLError.Code.maxFields)
    }
    if size.direct > limits.maxRootFields {
      throw fail(
        "The operation has \(size.direct) root fields; at most \(limits.maxRootFields) are allowed.",
        GraphQLError.Code.maxRootFields)
    }
    if size.depth > limits.maxSelectionDepth {
      throw fail(
        "The operation is \(size.depth) fields deep; at most \(limits.maxSelectionDepth) are allowed.",
        GraphQLError.Code.maxDepth)
    }
  }
}

private struct SizeMeasure {
  struct Size {
    /// Fields of the selection set itself.
    var direct = 0
    /// Fields of the selection set and everything below.
    var fields = 0
    var depth = 0
  }

  let document: Document
  let limits: Limits
  var fragments: [NameID: NodeID] = [:]
  var sizes: [NameID: Size] = [:]

  init(document: Document, limits: Limits) {
    self.document = document
    self.limits = limits
    for definition in document.definitions where document[definition].kind == .fragmentDefinition {
      fragments[document[definition].name] = definition
    }
  }

  mutating func size(of set: NodeID) -> Size {
    var size = Size()
    guard !set.isNone else { return size }
    for selection in document.list(document[set].children) {
      let node = document[selection]
      var part: Size
      switch node.kind {
      case .field:
        part = self.size(of: node.selectionSet)
        part.direct = 1
        part.fields += 1
        let isIntrospection = document.source[Int(node.nameStart)] == UInt8(ascii: "_")
        part.depth = isIntrospection ? 0 : part.depth + 1
      case .inlineFragment:
        part = self.size(of: node.selectionSet)
      default:
        if let known = sizes[node.name] {
          part = known
        } else {
          part = fragments[node.name].map { self.size(of: document[$0].selectionSet) } ?? Size()
          sizes[node.name] = part
        }
      }
      // Kept just above the limit, so that exponential growth does not overflow.
      size.fields = min(size.fields + part.fields, limits.maxExpandedFields + 1)
      size.direct = min(size.direct + part.direct, limits.maxExpandedFields + 1)
      size.depth = max(size.depth, part.depth)
    }
    return size
  }
}
