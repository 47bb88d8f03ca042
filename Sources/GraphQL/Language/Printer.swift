/// Prints a document in the reference format: two spaces of indentation, lists over 80 columns broken into lines.
public struct Printer {
  private let document: Document
  /// Lists and arguments longer than this are broken into lines.
  private static let maxLine = 80

  /// What stands for a variable, or nil where it has no value. Without it variables are printed as they are.
  private var replacement: ((String) -> String?)?

  private init(_ document: Document, replacement: ((String) -> String?)? = nil) {
    self.document = document
    self.replacement = replacement
  }

  /// The whole document.
  public static func print(_ document: Document) -> String {
    Printer(document).join(document.definitions.map { Printer(document).text($0) }, "\n\n")
  }

  /// One node. Recursion is bounded by the parser's nesting limit.
  public static func print(_ document: Document, _ node: NodeID) -> String { Printer(document).text(node) }

  /// A fragment spread with its arguments as an error message shows it.
  static func printSpreadForError(_ document: Document, _ spread: NodeID, name: String) -> String {
    Printer(document).withArguments("..." + name, document[spread]).dropFirst(3).description
  }

  /// A value for an error message.
  /// - Parameter replacement: what stands for a variable, or nil where it has no value.
  static func printForError(
    _ document: Document, _ node: NodeID, replacement: ((String) -> String?)? = nil
  ) -> String {
    GraphQLError.quoted(Printer(document, replacement: replacement).text(node))
  }

  private func join(_ parts: [String], _ separator: String = "") -> String {
    parts.filter { !$0.isEmpty }.joined(separator: separator)
  }

  private func wrap(_ start: String, _ text: String, _ end: String = "") -> String {
    text.isEmpty ? "" : start + text + end
  }

  private func texts(_ first: NodeID) -> [String] { document.list(first).map { text($0) } }

  private func indent(_ text: String) -> String {
    guard !text.isEmpty else { return "" }
    // Byte by byte: a value nested deeply is indented once per level.
    var bytes = ContiguousArray<UInt8>()
    bytes.reserveCapacity(text.utf8.count * 2)
    bytes.append(contentsOf: [0x20, 0x20])
    for byte in text.utf8 {
      bytes.append(byte)
      if byte == 0x0A { bytes.append(contentsOf: [0x20, 0x20]) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func block(_ items: [String]) -> String { wrap("{\n", indent(join(items, "\n")), "\n}") }

  private func name(_ node: Node) -> String { document.string(node.name) }

  private func optional(_ id: NodeID) -> String { id.isNone ? "" : text(id) }

  private func description(_ node: Node) -> String { wrap("", optional(node.description), "\n") }

  private func directives(_ node: Node) -> String { join(texts(node.directives), " ") }

  private func argumentDefinitions(_ node: Node) -> String {
    let arguments = texts(node.arguments)
    return arguments.contains { $0.contains("\n") }
      ? wrap("(\n", indent(join(arguments, "\n")), "\n)") : wrap("(", join(arguments, ", "), ")")
  }

  private func implements(_ node: Node) -> String { wrap("implements ", join(texts(node.interfaces), " & ")) }

  private func text(_ id: NodeID) -> String {
    let node = document[id]
    switch node.kind {
    case .document: return join(texts(node.children), "\n\n")
    case .operationDefinition: return operation(node)
    case .variableDefinition:
      return description(node) + "$" + name(node) + ": " + text(node.type) + wrap(" = ", optional(node.defaultValue))
        + wrap(" ", directives(node))
    case .selectionSet: return node.children.isNone ? "{}" : block(texts(node.children))
    case .field: return field(node)
    case .fragmentSpread: return withArguments("..." + name(node), node) + wrap(" ", directives(node))
    case .inlineFragment:
      return join(["...", wrap("on ", optional(node.typeCondition)), directives(node), text(node.selectionSet)], " ")
    case .fragmentDefinition:
      return description(node) + "fragment " + name(node)
        + wrap("(", join(texts(node.variables), ", "), ")") + " on " + text(node.typeCondition) + " "
        + wrap("", directives(node), " ") + text(node.selectionSet)
    case .argument, .objectField: return name(node) + ": " + text(node.value)
    case .directive: return "@" + name(node) + wrap("(", join(texts(node.arguments), ", "), ")")
    case .variable:
      guard let replacement else { return "$" + name(node) }
      return replacement(name(node)) ?? "null"
    case .intValue, .floatValue: return document.text(id)
    case .stringValue:
      let value = document.stringBytes(id)
      return node.isBlock ? BlockString.print(value) : StringPrinter.print(value)
    case .booleanValue: return node.boolean ? "true" : "false"
    case .nullValue: return "null"
    case .enumValue, .namedType, .directiveLocation: return name(node)
    case .listValue:
      let values = texts(node.children)
      let line = "[" + join(values, ", ") + "]"
      return line.unicodeScalars.count > Self.maxLine ? "[\n" + indent(join(values, "\n")) + "\n]" : line
    case .objectValue:
      let fields = document.list(node.children).filter { !isMissing(document[$0].value) }.map { text($0) }
      let line = "{ " + join(fields, ", ") + " }"
      return line.unicodeScalars.count > Self.maxLine ? block(fields) : line
    case .listType: return "[" + text(node.type) + "]"
    case .nonNullType: return text(node.type) + "!"
    default: return typeSystem(node)
    }
  }

  private func isMissing(_ value: NodeID) -> Bool {
    guard let replacement, document[value].kind == .variable else { return false }
    return replacement(document.name(value)) == nil
  }

  private func operation(_ node: Node) -> String {
    let variables = texts(node.variables)
    let definitions =
      variables.contains { $0.contains("\n") }
      ? wrap("(\n", join(variables, "\n"), "\n)") : wrap("(", join(variables, ", "), ")")
    let prefix =
      description(node)
      + join([node.operation.keyword, (node.name.isNone ? "" : name(node)) + definitions, directives(node)], " ")
    // Anonymous queries without anything else print as a bare selection set.
    return (prefix == "query" ? "" : prefix + " ") + text(node.selectionSet)
  }

  private func field(_ node: Node) -> String {
    let prefix = (node.alias.isNone ? "" : document.string(node.alias) + ": ") + name(node)
    return withArguments(prefix, node) + wrap(" ", directives(node)) + wrap(" ", optional(node.selectionSet))
  }

  private func withArguments(_ prefix: String, _ node: Node) -> String {
    let arguments = texts(node.arguments)
    let line = prefix + wrap("(", join(arguments, ", "), ")")
    guard !arguments.isEmpty && line.unicodeScalars.count > Self.maxLine else { return line }
    return prefix + wrap("(\n", indent(join(arguments, "\n")), "\n)")
  }

  private func typeSystem(_ node: Node) -> String {
    let body: [String]
    switch node.kind {
    case .operationTypeDefinition: return node.operation.keyword + ": " + text(node.type)
    case .fieldDefinition:
      return description(node) + name(node) + argumentDefinitions(node) + ": " + text(node.type)
        + wrap(" ", directives(node))
    case .inputValueDefinition:
      return description(node) + name(node) + ": " + text(node.type) + wrap(" = ", optional(node.defaultValue))
        + wrap(" ", directives(node))
    case .enumValueDefinition: return description(node) + join([name(node), directives(node)], " ")
    case .directiveDefinition:
      return description(node) + "directive @" + name(node) + argumentDefinitions(node) + wrap(" ", directives(node))
        + (node.isRepeatable ? " repeatable" : "") + " on " + join(texts(node.children), " | ")
    case .directiveExtension: return join(["extend directive @" + name(node), directives(node)], " ")
    case .schemaDefinition: body = ["schema", directives(node), block(texts(node.children))]
    case .schemaExtension: body = ["extend schema", directives(node), block(texts(node.children))]
    case .scalarTypeDefinition: body = ["scalar", name(node), directives(node)]
    case .scalarTypeExtension: body = ["extend scalar", name(node), directives(node)]
    case .objectTypeDefinition:
      body = ["type", name(node), implements(node), directives(node), block(texts(node.children))]
    case .objectTypeExtension:
      body = ["extend type", name(node), implements(node), directives(node), block(texts(node.children))]
    case .interfaceTypeDefinition:
      body = ["interface", name(node), implements(node), directives(node), block(texts(node.children))]
    case .interfaceTypeExtension:
      body = ["extend interface", name(node), implements(node), directives(node), block(texts(node.children))]
    case .unionTypeDefinition:
      body = ["union", name(node), directives(node), wrap("= ", join(texts(node.children), " | "))]
    case .unionTypeExtension:
      body = ["extend union", name(node), directives(node), wrap("= ", join(texts(node.children), " | "))]
    case .enumTypeDefinition: body = ["enum", name(node), directives(node), block(texts(node.children))]
    case .enumTypeExtension: body = ["extend enum", name(node), directives(node), block(texts(node.children))]
    case .inputObjectTypeDefinition: body = ["input", name(node), directives(node), block(texts(node.children))]
    default: body = ["extend input", name(node), directives(node), block(texts(node.children))]
    }
    return description(node) + join(body, " ")
  }
}
