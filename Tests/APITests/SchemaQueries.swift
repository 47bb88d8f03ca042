import API
import Millrace
import Testing

/// Documents that walk everything that a schema lets a client ask for, made from its introspection alone, so that
/// what is added to the schema is walked as well.
struct SchemaQueries {
  struct Field {
    let name: String
    let type: TypeReference
    let arguments: [Input]
  }

  struct Input {
    let name: String
    let type: TypeReference
  }

  struct TypeReference {
    let name: String
    let isList: Bool
    let isRequired: Bool
  }

  struct TypeDefinition {
    let kind: String
    let fields: [Field]
    let inputs: [Input]
    let values: [String]
    let possibleTypes: [String]
  }

  private(set) var types: [String: TypeDefinition] = [:]

  static func of(_ api: ServiceFixture) async throws -> SchemaQueries {
    let reference = "{ kind name ofType { kind name ofType { kind name ofType { kind name } } } }"
    let data = try await api.ask(
      """
      { __schema { types { kind name fields(includeDeprecated: true) { name type \(reference) args { name defaultValue type \(reference) } }
      inputFields { name defaultValue type \(reference) } enumValues { name } possibleTypes { name } } } }
      """)
    var queries = SchemaQueries()
    for type in data["__schema"]?["types"]?.items ?? [] {
      guard let name = type["name"]?.text, !name.hasPrefix("__") else { continue }
      queries.types[name] = TypeDefinition(
        kind: type["kind"]?.text ?? "",
        fields: type["fields"]?.items.map { field in
          Field(
            name: field["name"]?.text ?? "", type: Self.reference(field["type"]),
            arguments: field["args"]?.items.map(Self.input) ?? [])
        } ?? [],
        inputs: type["inputFields"]?.items.map(Self.input) ?? [],
        values: type["enumValues"]?.items.compactMap { $0["name"]?.text } ?? [],
        possibleTypes: type["possibleTypes"]?.items.compactMap { $0["name"]?.text } ?? [])
    }
    return queries
  }

  private static func input(_ json: JSON) -> Input {
    let hasDefault = json["defaultValue"]?.isNull == false
    return Input(name: json["name"]?.text ?? "", type: reference(json["type"], isOptional: hasDefault))
  }

  private static func reference(_ json: JSON?, isOptional: Bool = false) -> TypeReference {
    var inner = json
    var isList = false
    let isRequired = !isOptional && json?["kind"]?.text == "NON_NULL"
    while let next = inner, let kind = next["kind"]?.text, kind == "NON_NULL" || kind == "LIST" {
      if kind == "LIST" { isList = true }
      inner = next["ofType"]
    }
    return TypeReference(name: inner?["name"]?.text ?? "", isList: isList, isRequired: isRequired)
  }

  // MARK: Selections

  /// What answers by the whole family, whoever asks: whether an item may be redone.
  private static let byFamily: Set<String> = ["isRedoable"]

  func selection(_ type: String, depth: Int) -> String {
    guard let definition = types[type] else { return "" }
    var parts = ["__typename"]
    for field in definition.fields where !Self.byFamily.contains(field.name) {
      guard !field.arguments.contains(where: \.type.isRequired) else { continue }
      let isComposite = ["OBJECT", "INTERFACE", "UNION"].contains(types[field.type.name]?.kind ?? "")
      if !isComposite {
        parts.append(field.name)
      } else if depth > 0 {
        parts.append("\(field.name) \(nested(field.type.name, depth: depth - 1))")
      }
    }
    for concrete in definition.possibleTypes where definition.kind != "OBJECT" {
      let own = types[concrete]?.fields.map(\.name) ?? []
      if own.contains("id") { parts.append("... on \(concrete) { id }") }
    }
    return "{ \(parts.joined(separator: " ")) }"
  }

  private func nested(_ type: String, depth: Int) -> String {
    guard type.hasSuffix("Connection"), let node = node(type) else { return selection(type, depth: depth) }
    return
      "{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node "
        + "\(selection(node, depth: depth)) } }"
  }

  /// The type of a connection's nodes.
  private func node(_ connection: String) -> String? {
    let edge = types[connection]?.fields.first { $0.name == "edges" }?.type.name
    return edge.flatMap { types[$0]?.fields.first { $0.name == "node" }?.type.name }
  }

  // MARK: Documents

  /// Every root field with everything below it, every argument with every value that could tell something, every
  /// filter and order of every connection, wherever it stands.
  ///
  /// - Parameter values: literals for a type of argument.
  func documents(_ values: (String) -> [String]) -> [String] {
    var documents: [String] = []
    for field in types["Query"]?.fields ?? [] {
      let required = field.arguments.filter(\.type.isRequired)
      let bases = required.isEmpty
        ? [""] : (required.count == 1 ? self.values(required[0].type, values).map { "\(required[0].name): \($0)" } : [])
      for base in bases {
        documents.append("{ \(field.name)\(list([base])) \(nested(field.type.name, depth: 2)) }")
      }
      let optional = field.arguments.filter { !$0.type.isRequired }
      for base in bases.prefix(2) {
        documents += variations(optional, values).map { variation in
          "{ \(field.name)\(list([base, variation])) \(nested(field.type.name, depth: 0)) }"
        }
      }
      documents += connectionsBelow(field, bases.first ?? "", values)
      documents += fieldsBelow(field, bases.first ?? "", values)
    }
    return documents
  }

  /// Filters and orders of connections that belong to objects.
  private func connectionsBelow(_ root: Field, _ base: String, _ values: (String) -> [String]) -> [String] {
    guard let node = node(root.type.name) else { return [] }
    var documents: [String] = []
    for field in types[node]?.fields ?? [] where field.type.name.hasSuffix("Connection") {
      // Below an object a filter is what it is at the root; some values of each tell.
      for (number, variation) in variations(field.arguments, values).enumerated() where number % 4 == 0 {
        documents.append(
          "{ \(root.name)\(list([base])) { edges { node { \(field.name)\(list([variation])) "
            + "\(nested(field.type.name, depth: 0)) } } } }"
        )
      }
    }
    return documents
  }

  /// What objects answer for every argument, as their charts in every format and of every version.
  private func fieldsBelow(_ root: Field, _ base: String, _ values: (String) -> [String]) -> [String] {
    guard let node = node(root.type.name) else { return [] }
    let fields = types[node]?.fields.filter { !$0.type.name.hasSuffix("Connection") } ?? []
    return fields.flatMap { field in
      let first = field.arguments.first.map { variations([$0], values) } ?? []
      let others = variations(Array(field.arguments.dropFirst()), values)
      let isLeaf = types[field.type.name].map { ["SCALAR", "ENUM"].contains($0.kind) } ?? true
      let selection = isLeaf ? "" : nested(field.type.name, depth: 0)
      return first.flatMap { first in
        ([""] + others.prefix(1)).map { other in
          "{ \(root.name)\(list([base])) { edges { node { \(field.name)\(list([first, other])) \(selection) } } } }"
        }
      }
    }
  }

  private func list(_ parts: [String]) -> String {
    let given = parts.filter { !$0.isEmpty }
    return given.isEmpty ? "" : "(\(given.joined(separator: ", ")))"
  }

  private func variations(_ arguments: [Input], _ values: (String) -> [String]) -> [String] {
    var result: [String] = []
    for argument in arguments {
      switch argument.name {
      case "first", "last": result += (0...3).map { "\(argument.name): \($0)" }
      case "offset": result += (1...3).map { "offset: \($0), first: 2" }
      case "after", "before":
        result += (0...4).map { "\(argument.name): \"\(Self.cursor($0))\"" }
      default:
        result += self.values(argument.type, values).map { "\(argument.name): \($0)" }
      }
    }
    return result
  }

  private static func cursor(_ offset: Int) -> String {
    // base64 of `arrayconnection:n`, as clients keep them.
    ["YXJyYXljb25uZWN0aW9uOjA=", "YXJyYXljb25uZWN0aW9uOjE=", "YXJyYXljb25uZWN0aW9uOjI=", "YXJyYXljb25uZWN0aW9uOjM=",
      "YXJyYXljb25uZWN0aW9uOjQ="][offset]
  }

  /// Literals of a type: of input objects one for each field and value, plain and inverted.
  private func values(_ type: TypeReference, _ values: (String) -> [String]) -> [String] {
    let single = literals(type.name, values)
    return type.isList ? single.map { "[\($0)]" } : single
  }

  private func literals(_ name: String, _ values: (String) -> [String]) -> [String] {
    guard let type = types[name] else { return values(name) }
    switch type.kind {
    case "ENUM": return type.values
    case "INPUT_OBJECT":
      if name == "JSONValueFilterType" { return metaFilters(values) }
      var result: [String] = []
      for input in type.inputs where input.name != "invert" && input.name != "direction" {
        for value in self.values(input.type, values) {
          result.append("{\(input.name): \(value)}")
          if type.inputs.contains(where: { $0.name == "invert" }) {
            result.append("{\(input.name): \(value), invert: true}")
          }
          if type.inputs.contains(where: { $0.name == "direction" }) {
            result.append("{\(input.name): \(value), direction: DESC}")
          }
        }
      }
      return result
    default: return values(name)
    }
  }

  private func metaFilters(_ values: (String) -> [String]) -> [String] {
    var result: [String] = []
    for key in ["\"level\"", "\"kind\""] {
      for value in values("Meta") { result.append("{key: \(key), value: \(value)}") }
    }
    result += ["GT", "LT", "GTE", "LTE"].map { "{key: \"level\", value: 3, lookup: \($0)}" }
    return result
  }

  // MARK: Mutations

  /// The places of a mutation's input that name stored objects.
  func references(of mutation: Field) -> [Input] {
    inputs(of: mutation).filter { $0.type.name == "ID" }
  }

  func inputs(of mutation: Field) -> [Input] {
    types[mutation.arguments.first { $0.name == "input" }?.type.name ?? ""]?.inputs ?? []
  }
}
