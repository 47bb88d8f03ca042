/// Builds a schema from the answer to an introspection query, for tools that only have that.
/// - Throws: `SchemaErrors` if the answer is incomplete or describes no valid type system.
public func schemaFromIntrospection(
  _ introspection: Value, scalars: [String: ScalarCoercion] = [:]
) throws(SchemaErrors) -> Schema {
  let schema = introspection["__schema"] ?? introspection["data"]?["__schema"]
  guard let schema, let types = schema["types"]?.list else {
    throw SchemaErrors(errors: [
      GraphQLError("Invalid or incomplete introspection result. Ensure that a full introspection query was used.")
    ])
  }
  return try Schema.build(IntrospectionText().text(schema, types), scalars: scalars)
}

/// Writes an introspection result in the schema language.
private struct IntrospectionText {
  func text(_ schema: Value, _ types: [Value]) -> String {
    var parts: [String] = []
    var roots = ""
    for (operation, key) in [
      ("query", "queryType"), ("mutation", "mutationType"), ("subscription", "subscriptionType"),
    ] {
      if let name = schema[key]?["name"]?.string { roots += "  \(operation): \(name)\n" }
    }
    if !roots.isEmpty { parts.append(description(schema) + "schema {\n\(roots)}") }
    for directive in schema["directives"]?.list ?? [] {
      let name = directive["name"]?.string ?? ""
      if BuiltInDirectives.named(name) != nil { continue }
      let locations = (directive["locations"]?.list ?? []).compactMap(\.string).joined(separator: " | ")
      parts.append(
        description(directive) + "directive @\(name)" + arguments(directive["args"]) + deprecated(directive)
          + (directive["isRepeatable"]?.boolean == true ? " repeatable" : "") + " on " + locations)
    }
    for type in types {
      let name = type["name"]?.string ?? ""
      if ValidationContext.builtInNames.contains(name) { continue }
      parts.append(description(type) + self.type(type, name))
    }
    return parts.joined(separator: "\n\n")
  }

  private func type(_ type: Value, _ name: String) -> String {
    switch type["kind"]?.string {
    case "OBJECT": return "type \(name)" + interfaces(type) + fields(type)
    case "INTERFACE": return "interface \(name)" + interfaces(type) + fields(type)
    case "UNION":
      let members = (type["possibleTypes"]?.list ?? []).compactMap { $0["name"]?.string }
      return "union \(name)" + (members.isEmpty ? "" : " = " + members.joined(separator: " | "))
    case "ENUM":
      let values = (type["enumValues"]?.list ?? []).map {
        description($0) + ($0["name"]?.string ?? "") + deprecated($0)
      }
      return "enum \(name)" + block(values)
    case "INPUT_OBJECT":
      let fields = (type["inputFields"]?.list ?? []).map { inputValue($0) }
      return "input \(name)" + (type["isOneOf"]?.boolean == true ? " @oneOf" : "") + block(fields)
    default:
      let url = type["specifiedByURL"]?.string.map { " @specifiedBy(url: \(quoted($0)))" } ?? ""
      return "scalar \(name)" + url
    }
  }

  private func block(_ items: [String]) -> String {
    items.isEmpty ? "" : " {\n" + items.joined(separator: "\n") + "\n}"
  }

  private func interfaces(_ type: Value) -> String {
    let names = (type["interfaces"]?.list ?? []).compactMap { $0["name"]?.string }
    return names.isEmpty ? "" : " implements " + names.joined(separator: " & ")
  }

  private func fields(_ type: Value) -> String {
    block(
      (type["fields"]?.list ?? []).map {
        description($0) + ($0["name"]?.string ?? "") + arguments($0["args"]) + ": " + reference($0["type"])
          + deprecated($0)
      })
  }

  private func arguments(_ arguments: Value?) -> String {
    let items = (arguments?.list ?? []).map { inputValue($0) }
    return items.isEmpty ? "" : "(" + items.joined(separator: "\n") + ")"
  }

  private func inputValue(_ value: Value) -> String {
    description(value) + (value["name"]?.string ?? "") + ": " + reference(value["type"])
      + (value["defaultValue"]?.string.map { " = " + $0 } ?? "") + deprecated(value)
  }

  /// Recursion is bounded by the depth limit of the JSON text.
  private func reference(_ type: Value?) -> String {
    guard let type else { return "" }
    switch type["kind"]?.string {
    case "NON_NULL": return reference(type["ofType"]) + "!"
    case "LIST": return "[" + reference(type["ofType"]) + "]"
    default: return type["name"]?.string ?? ""
    }
  }

  private func deprecated(_ value: Value) -> String {
    guard value["isDeprecated"]?.boolean == true else { return "" }
    return value["deprecationReason"]?.string.map { " @deprecated(reason: \(quoted($0)))" } ?? " @deprecated"
  }

  private func description(_ value: Value) -> String {
    value["description"]?.string.map { quoted($0) + " " } ?? ""
  }

  private func quoted(_ text: String) -> String { StringPrinter.print(Array(text.utf8)) }
}
