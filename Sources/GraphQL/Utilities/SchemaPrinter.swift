/// Prints schemas in their language, in the reference format. Custom directives on definitions are not part of a schema
/// and not printed.
public struct SchemaPrinter {
  private let schema: Schema
  /// Whether everything is ordered by name.
  private let isSorted: Bool

  /// The text of a schema without what every schema has.
  public static func print(_ schema: Schema) -> String { SchemaPrinter(schema: schema, isSorted: false).text() }

  /// The same with types, fields, arguments, values, members and directives in the natural order of their names.
  public static func printSorted(_ schema: Schema) -> String { SchemaPrinter(schema: schema, isSorted: true).text() }

  private func sorted<Element>(_ items: [Element], by name: (Element) -> String) -> [Element] {
    isSorted ? items.sorted { NaturalOrder.precedes(name($0), name($1)) } : items
  }

  private func name(_ id: NameID) -> String { schema.names.string(id) }

  private func text() -> String {
    var parts: [String] = []
    if let definition = schemaDefinition() { parts.append(definition) }
    for directive in sorted(schema.directives.filter { !$0.isBuiltIn && !isSpecified($0) }, by: { name($0.name) }) {
      parts.append(self.directive(directive))
    }
    for id in sorted(schema.typeOrder.filter { !schema[$0].isBuiltIn }, by: { schema.name($0) }) {
      parts.append(type(id))
    }
    return parts.joined(separator: "\n\n")
  }

  private func isSpecified(_ directive: DirectiveDefinition) -> Bool {
    BuiltInDirectives.named(name(directive.name)) != nil
  }

  private func schemaDefinition() -> String? {
    let roots = OperationType.allCases.compactMap { operation in
      schema.rootType(operation).map { (operation, $0) }
    }
    guard !roots.isEmpty else { return nil }
    let isDefault = OperationType.allCases.allSatisfy { operation in
      let name = operation.keyword.prefix(1).uppercased() + operation.keyword.dropFirst()
      return schema.rootType(operation) == schema.type(named: name)
    }
    if schema.description == nil && isDefault { return nil }
    return description(schema.description) + "schema {\n"
      + roots.map { "  \($0.0.keyword): \(schema.name($0.1))\n" }.joined() + "}"
  }

  private func type(_ id: TypeID) -> String {
    let type = schema[id]
    let head = description(type.description)
    let name = schema.name(id)
    switch type.kind {
    case .scalar: return head + "scalar \(name)" + specifiedBy(type.specifiedByURL)
    case .object: return head + "type \(name)" + interfaces(type) + fields(type)
    case .interface: return head + "interface \(name)" + interfaces(type) + fields(type)
    case .union:
      let members = sorted(type.members, by: { schema.name($0) }).map { schema.name($0) }
      return head + "union \(name)" + (members.isEmpty ? "" : " = " + members.joined(separator: " | "))
    case .enum:
      let values = sorted(Array(schema.enumValues[type.enumValues]), by: { self.name($0.name) })
      return head + "enum \(name)"
        + block(
          values.enumerated().map { index, value in
            description(value.description, "  ", isFirst: index == 0) + "  " + self.name(value.name)
              + deprecated(value.deprecationReason)
          })
    case .inputObject:
      let fields = sorted(Array(schema.inputValues[type.inputFields]), by: { self.name($0.name) })
      return head + "input \(name)" + (type.isOneOf ? " @oneOf" : "")
        + block(
          fields.enumerated().map { index, field in
            description(field.description, "  ", isFirst: index == 0) + "  " + inputValue(field)
          })
    }
  }

  private func interfaces(_ type: TypeDefinition) -> String {
    let names = sorted(type.interfaces, by: { schema.name($0) }).map { schema.name($0) }
    return names.isEmpty ? "" : " implements " + names.joined(separator: " & ")
  }

  private func fields(_ type: TypeDefinition) -> String {
    let fields = sorted(Array(schema.fields[type.fields]), by: { name($0.name) })
    return block(
      fields.enumerated().map { index, field in
        description(field.description, "  ", isFirst: index == 0) + "  " + name(field.name)
          + arguments(field.arguments, "  ") + ": " + schema.describe(field.type) + deprecated(field.deprecationReason)
      })
  }

  private func block(_ items: [String]) -> String {
    items.isEmpty ? "" : " {\n" + items.joined(separator: "\n") + "\n}"
  }

  private func arguments(_ range: Range<Int>, _ indentation: String = "") -> String {
    guard !range.isEmpty else { return "" }
    let values = sorted(Array(schema.inputValues[range]), by: { name($0.name) })
    if values.allSatisfy({ $0.description == nil }) {
      return "(" + values.map { inputValue($0) }.joined(separator: ", ") + ")"
    }
    return "(\n"
      + values.enumerated().map { index, value in
        description(value.description, "  " + indentation, isFirst: index == 0) + "  " + indentation + inputValue(value)
      }.joined(separator: "\n") + "\n" + indentation + ")"
  }

  private func inputValue(_ value: InputValueDefinition) -> String {
    name(value.name) + ": " + schema.describe(value.type)
      + (value.defaultLiteral.isNone ? "" : " = " + Printer.print(schema.document(of: value), value.defaultLiteral))
      + deprecated(value.deprecationReason)
  }

  private func directive(_ directive: DirectiveDefinition) -> String {
    let locations = sorted(directive.locations, by: { $0.name }).map(\.name)
    return description(directive.description) + "directive @\(name(directive.name))" + arguments(directive.arguments)
      + deprecated(directive.deprecationReason) + (directive.isRepeatable ? " repeatable" : "") + " on "
      + locations.joined(separator: " | ")
  }

  private func deprecated(_ reason: String?) -> String {
    guard let reason else { return "" }
    if reason == SchemaBuilder.defaultDeprecationReason { return " @deprecated" }
    return " @deprecated(reason: \(StringPrinter.print(Array(reason.utf8))))"
  }

  private func specifiedBy(_ url: String?) -> String {
    url.map { " @specifiedBy(url: \(StringPrinter.print(Array($0.utf8))))" } ?? ""
  }

  private func description(_ text: String?, _ indentation: String = "", isFirst: Bool = true) -> String {
    guard let text else { return "" }
    let bytes = Array(text.utf8)
    let block = BlockString.isPrintable(bytes) ? BlockString.print(bytes) : StringPrinter.print(bytes)
    let prefix = !indentation.isEmpty && !isFirst ? "\n" + indentation : indentation
    return prefix + block.replacing("\n", with: "\n" + indentation) + "\n"
  }
}
