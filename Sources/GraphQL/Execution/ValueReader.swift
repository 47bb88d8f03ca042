/// Turns literals of a document into values.
struct ValueReader {
  let document: Document

  /// Nil when the literal is, or holds in a place that cannot be left out, a variable that was not provided.
  func value(_ node: ValueNode, variables: CoercedVariables?) -> Value? {
    switch node.kind {
    case .variable: return variables?.value(named: document.text(node.text))
    case .null: return .null
    case .boolean: return .boolean(document.bytes[Int(node.text.start)] == UInt8(ascii: "t"))
    case .enumeration: return .enumeration(document.text(node.text))
    case .string, .blockString:
      return .string(StringLiteral.value(document.bytes, node.text, isBlock: node.kind == .blockString))
    case .int, .float:
      let text = document.text(node.text)
      if node.kind == .int, let number = Int(text) { return .int(number) }
      return Double(text).map { $0.isFinite ? .float($0) : .string(text) } ?? .string(text)
    case .list:
      // A variable that was not provided counts as null within a list.
      return .list(node.children.indices.map { value(document.values[$0], variables: variables) ?? .null })
    case .object:
      var fields: [Value.Field] = []
      for index in node.children.indices {
        let field = document.objectFields[index]
        if let value = value(document.values[Int(field.value)], variables: variables) {
          fields.append(Value.Field(document.text(field.name), value))
        }
      }
      return .object(fields)
    }
  }

  /// Whether anything of the literal depends on a variable.
  func usesVariables(_ node: ValueNode) -> Bool {
    switch node.kind {
    case .variable: true
    case .list: node.children.indices.contains { usesVariables(document.values[$0]) }
    case .object:
      node.children.indices.contains { usesVariables(document.values[Int(document.objectFields[$0].value)]) }
    default: false
    }
  }
}
