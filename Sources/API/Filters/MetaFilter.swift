import GraphQL

/// Conditions on a value within a `meta` column: a list of key, value and lookup, which all have to hold.
///
/// Values are compared with values of their own JSON type: a text never equals a number, and only numbers are
/// greater than numbers.
enum MetaFilter {
  static func condition(_ column: String) -> FilterSet.Condition {
    { (value, _, builder) throws(GraphQLError) in
      var parts: [String] = []
      for item in value.list ?? [] {
        guard let key = item["key"]?.string, let wanted = item["value"] else { continue }
        parts.append(try part(column, key, wanted, item["lookup"]?.string ?? "EXACT", &builder))
      }
      return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }
  }

  private static func part(
    _ column: String, _ key: String, _ wanted: Value, _ lookup: String, _ builder: inout StatementBuilder
  ) throws(GraphQLError) -> String {
    // `a__b` goes down, as the keys of lookups do in Caluma.
    let path = split(key)
    let place = "\(column) #> \(builder.bind(texts: path))"
    let text = "\(column) #>> \(builder.bind(texts: path))"
    func json(_ value: Value) -> String { builder.bind(json: value.json) }
    // What an index can find: the column contains the value in its place. A number in the key may mean a place in a
    // list, which cannot be said so.
    let isPlain = !path.contains { $0.allSatisfy(\.isNumber) }
    func contains(_ value: Value) -> String? {
      guard isPlain else { return nil }
      return
        "\(column) @> \(json(path.reversed().reduce(value) { .object(ValueObject([.init(name: $1, value: $0)])) }))"
    }
    func containsAny(_ values: [Value]) -> String {
      let parts = values.compactMap(contains)
      return parts.isEmpty ? "" : "(\(parts.joined(separator: " or "))) and "
    }
    /// A value, or a list with it.
    func alone(_ value: Value) -> [Value] {
      switch value {
      case .list, .object: [value]
      default: [value, .list([value])]
      }
    }
    func pattern(_ prefix: String, _ suffix: String) -> String {
      let escaped = (wanted.string ?? "").replacing("\\", with: "\\\\").replacing("%", with: "\\%")
        .replacing("_", with: "\\_")
      return builder.bind(text: prefix + escaped + suffix)
    }
    let isText = if case .string = wanted { true } else { false }
    switch lookup {
    case "EXACT":
      return "\(containsAny([wanted]))\(place) = \(json(wanted))"
    case "IN":
      guard let items = wanted.list else { throw wrong(lookup, "a list") }
      guard !items.isEmpty else { return "false" }
      return "\(containsAny(items))\(place) in (\(items.map(json).joined(separator: ", ")))"
    case "CONTAINS" where !isText:
      return "\(containsAny(alone(wanted)))\(place) @> \(json(wanted))"
    case "INTERSECTS":
      guard let items = wanted.list else { throw wrong(lookup, "a list") }
      let any = items.map { "\(place) @> \(json(.list([$0])))" }
      return any.isEmpty ? "false" : "\(containsAny(items.map { .list([$0]) }))(\(any.joined(separator: " or ")))"
    case "STARTSWITH", "CONTAINS", "ICONTAINS":
      guard isText else { throw wrong(lookup, "a text") }
      let like = lookup == "ICONTAINS" ? "ilike" : "like"
      if lookup == "CONTAINS" {
        // Of a list the text is an element, of a text a part.
        return
          "(case jsonb_typeof(\(place)) when 'string' then \(text) like \(pattern("%", "%")) "
          + "when 'array' then \(place) @> \(json(wanted)) else false end)"
      }
      return
        "(jsonb_typeof(\(place)) = 'string' and \(text) \(like) \(pattern(lookup == "STARTSWITH" ? "" : "%", "%")))"
    case "GT", "GTE", "LT", "LTE":
      let sign = ["GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="][lookup] ?? "="
      let value = json(wanted)
      return "(jsonb_typeof(\(place)) = jsonb_typeof(\(value)) and \(place) \(sign) \(value))"
    default:
      throw wrong(lookup, "a known lookup")
    }
  }

  private static func split(_ key: String) -> [String] {
    var parts = [""]
    var rest = key[...]
    while let character = rest.first {
      if rest.hasPrefix("__"), !parts[parts.count - 1].isEmpty, rest.count > 2 {
        parts.append("")
        rest = rest.dropFirst(2)
      } else {
        parts[parts.count - 1].append(character)
        rest = rest.dropFirst()
      }
    }
    return parts
  }

  private static func wrong(_ lookup: String, _ expected: String) -> GraphQLError {
    GraphQLError("The lookup \(lookup) needs \(expected) as its value.", code: "INVALID_INPUT")
  }
}
