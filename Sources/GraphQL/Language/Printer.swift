/// Prints nodes in the common layout: two spaces of indentation, one selection a line.
struct Printer {
  let document: Document

  func text(of node: ValueNode) -> String {
    switch node.kind {
    case .variable: "$" + document.text(node.text)
    case .blockString:
      Printer.quoted(StringLiteral.value(document.bytes, node.text, isBlock: true))
    case .list: "[" + node.children.indices.map { text(of: document.values[$0]) }.joined(separator: ", ") + "]"
    case .object:
      "{"
        + node.children.indices.map { index in
          let field = document.objectFields[index]
          return document.text(field.name) + ": " + text(of: document.values[Int(field.value)])
        }.joined(separator: ", ") + "}"
    default: document.text(node.text)
    }
  }

  func text(of type: TypeNode) -> String {
    switch type.kind {
    case .named: document.text(type.name)
    case .list: "[" + text(of: document.types[Int(type.inner)]) + "]"
    case .nonNull: text(of: document.types[Int(type.inner)]) + "!"
    }
  }

  static func quoted(_ text: String) -> String {
    var output = OutputBuffer()
    output.append(string: text)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}
