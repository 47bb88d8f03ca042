/// Writes a schema as a page of documentation in Markdown.
///
/// Connections and edges are described once, and a mutation stands together with its input and its payload.
public struct SchemaReference {
  private let schema: Schema

  /// - Parameter preamble: stands under the title.
  public static func markdown(_ schema: Schema, title: String, preamble: String) -> String {
    SchemaReference(schema: schema).page(title, preamble)
  }

  private func page(_ title: String, _ preamble: String) -> String {
    var parts = ["# \(title)", preamble]
    if let query = schema.rootType(.query) { parts += ["## Queries"] + fields(of: query).map(operation) }
    if let mutation = schema.rootType(.mutation) { parts += ["## Mutations"] + fields(of: mutation).map(operation) }
    if let subscription = schema.rootType(.subscription) {
      parts += ["## Subscriptions"] + fields(of: subscription).map(operation)
    }
    for (heading, kind) in [
      ("Objects", TypeKind.object), ("Interfaces", .interface), ("Unions", .union), ("Inputs", .inputObject),
      ("Enums", .enum), ("Scalars", .scalar),
    ] {
      let types = listed(kind)
      if !types.isEmpty { parts += ["## \(heading)"] + types.map(type) }
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func name(_ id: NameID) -> String { schema.names.string(id) }

  private func fields(of type: TypeID) -> [FieldDefinition] { Array(schema.fields[schema[type].fields]) }

  // MARK: Which types stand where

  /// The arguments that every connection has.
  private static let paging: Set<String> = ["offset", "before", "after", "first", "last"]

  private var roots: [TypeID] { OperationType.allCases.compactMap { schema.rootType($0) } }

  /// The inputs and payloads that only one mutation has.
  private var ofMutations: Set<String> {
    guard let mutation = schema.rootType(.mutation) else { return [] }
    var names: Set<String> = []
    for field in fields(of: mutation) {
      names.insert(schema.name(field.type.named))
      for argument in schema.inputValues[field.arguments] { names.insert(schema.name(argument.type.named)) }
    }
    return names
  }

  private func isPaging(_ name: String) -> Bool {
    if name.hasSuffix("Connection") { return schema.type(named: name).map { has($0, "edges") } ?? false }
    return name.hasSuffix("Edge") && (schema.type(named: name).map { has($0, "cursor") } ?? false)
  }

  private func has(_ type: TypeID, _ field: String) -> Bool { schema.field(named: field, of: type) != nil }

  private func listed(_ kind: TypeKind) -> [TypeID] {
    let ofMutations = ofMutations
    return schema.typeOrder.filter { id in
      let type = schema[id]
      let name = schema.name(id)
      return type.kind == kind && !type.isBuiltIn && !roots.contains(id) && !isPaging(name)
        && !ofMutations.contains(name)
    }.sorted { NaturalOrder.precedes(schema.name($0), schema.name($1)) }
  }

  // MARK: Text

  private func text(_ description: String?) -> String {
    description.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") } ?? ""
  }

  private func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

  /// A type as code, as a link where the page has it. A connection is shown as the type of its nodes.
  private func shown(_ reference: TypeReference) -> String {
    let code = schema.describe(reference)
    let named = schema.name(reference.named)
    if named.hasSuffix("Connection"), isPaging(named) {
      let node = schema.type(named: String(named.dropLast("Connection".count)) + "Edge")
        .flatMap { schema.field(named: "node", of: $0) }.map { schema.name(schema[$0].type.named) }
      return "connection of \(link(node ?? named, node ?? named))"
    }
    return link(code, named)
  }

  private func link(_ code: String, _ name: String) -> String {
    guard let type = schema.type(named: name), !schema[type].isBuiltIn, !ofMutations.contains(name) else {
      return "`\(code)`"
    }
    return "[`\(code)`](#\(name.lowercased()))"
  }

  private func notes(_ description: String?, _ deprecation: String?) -> String {
    let notes = [text(description), deprecation.map { "Deprecated: \($0)" } ?? ""].filter { !$0.isEmpty }
    return cell(notes.joined(separator: " "))
  }

  private func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private func rows(_ values: [InputValueDefinition]) -> [[String]] {
    values.map { value in
      let type = shown(value.type) + (defaultText(value).map { " = `\($0)`" } ?? "")
      return ["`\(name(value.name))`", type, notes(value.description, value.deprecationReason)]
    }
  }

  private func defaultText(_ value: InputValueDefinition) -> String? {
    value.defaultLiteral.isNone ? nil : schema.document(of: value).text(value.defaultLiteral)
  }

  private func rows(_ fields: [FieldDefinition]) -> [[String]] {
    fields.map { field in
      var arguments = schema.inputValues[field.arguments].map { name($0.name) }
      if isPaging(schema.name(field.type.named)) { arguments.removeAll { Self.paging.contains($0) } }
      let call = name(field.name) + (arguments.isEmpty ? "" : "(\(arguments.joined(separator: ", ")))")
      return ["`\(call)`", shown(field.type), notes(field.description, field.deprecationReason)]
    }
  }

  // MARK: Parts

  private func operation(_ field: FieldDefinition) -> String {
    var parts = ["### \(name(field.name))"]
    let about = notes(field.description, field.deprecationReason)
    if !about.isEmpty { parts.append(about) }
    var arguments = Array(schema.inputValues[field.arguments])
    // The one `input` of a mutation is shown by its fields.
    if arguments.count == 1, schema.kind(arguments[0].type.named) == .inputObject,
      ofMutations.contains(schema.name(arguments[0].type.named))
    {
      arguments = Array(schema.inputValues[schema[arguments[0].type.named].inputFields])
      parts.append(table(["input", "type", ""], rows(arguments)))
    } else {
      if isPaging(schema.name(field.type.named)) { arguments.removeAll { Self.paging.contains(name($0.name)) } }
      if !arguments.isEmpty { parts.append(table(["argument", "type", ""], rows(arguments))) }
    }
    if ofMutations.contains(schema.name(field.type.named)) {
      let payload = fields(of: field.type.named).map { "`\(name($0.name))`: \(shown($0.type))" }
      parts.append("Answers " + payload.joined(separator: ", ") + ".")
    } else {
      parts.append("Answers \(shown(field.type)).")
    }
    return parts.joined(separator: "\n\n")
  }

  private func type(_ id: TypeID) -> String {
    let type = schema[id]
    var parts = ["### \(schema.name(id))"]
    let about = text(type.description)
    if !about.isEmpty { parts.append(about) }
    if !type.interfaces.isEmpty {
      parts.append(
        "Implements " + type.interfaces.map { link(schema.name($0), schema.name($0)) }.joined(separator: ", ") + ".")
    }
    switch type.kind {
    case .object, .interface: parts.append(table(["field", "type", ""], rows(fields(of: id))))
    case .inputObject: parts.append(table(["field", "type", ""], rows(Array(schema.inputValues[type.inputFields]))))
    case .enum:
      let values = schema.enumValues[type.enumValues]
      if values.allSatisfy({ $0.description == nil && $0.deprecationReason == nil }) {
        parts.append(values.map { "`\(name($0.name))`" }.joined(separator: ", "))
      } else {
        parts.append(
          table(["value", ""], values.map { ["`\(name($0.name))`", notes($0.description, $0.deprecationReason)] }))
      }
    case .union:
      parts.append(
        "One of " + type.members.map { link(schema.name($0), schema.name($0)) }.joined(separator: ", ") + ".")
    case .scalar: if let url = type.specifiedByURL { parts.append("Specified by <\(url)>.") }
    }
    return parts.joined(separator: "\n\n")
  }
}
