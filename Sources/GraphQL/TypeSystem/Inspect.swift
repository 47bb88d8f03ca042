extension Value {
  /// The value as error messages show it. Long lists, strings and deep values are cut short.
  var inspected: String { GraphQLError.quoted(inspect(depth: 0)) }

  private func inspect(depth: Int) -> String {
    switch self {
    case .null: return "null"
    case .boolean(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .float(let number): return JSONNumber.text(number)
    case .enumValue(let name): return name
    case .string(let text):
      let buffer = OutputBuffer(capacity: text.utf8.count + 2)
      buffer.appendString(text)
      return buffer.string
    case .list(let items):
      if items.isEmpty { return "[]" }
      if depth >= 2 { return "[Array]" }
      var parts = items.prefix(10).map { $0.inspect(depth: depth + 1) }
      if items.count == 11 { parts.append("... 1 more item") }
      if items.count > 11 { parts.append("... \(items.count - 10) more items") }
      return "[" + parts.joined(separator: ", ") + "]"
    case .object(let object):
      if object.fields.isEmpty { return "{}" }
      if depth >= 2 { return "[Object]" }
      return "{ " + object.fields.map { "\($0.name): \($0.value.inspect(depth: depth + 1))" }.joined(separator: ", ")
        + " }"
    }
  }
}
