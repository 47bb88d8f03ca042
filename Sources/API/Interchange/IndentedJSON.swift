import GraphQL

/// JSON for people and for comparing by lines: two spaces a level, members of free objects in the order of their
/// bytes, numbers and texts as they stand.
struct IndentedJSON {
  private(set) var text = ""
  private var depth = 0
  private var isFirst = true

  mutating func open(_ bracket: String) {
    text += bracket
    depth += 1
    isFirst = true
  }

  mutating func close(_ bracket: String) {
    depth -= 1
    if !isFirst { newLine() }
    text += bracket
    isFirst = false
  }

  /// Begins the next item of a list.
  mutating func item() {
    if !isFirst { text += "," }
    isFirst = false
    newLine()
  }

  /// Begins the next member; its name needs no escape.
  mutating func member(_ name: String) {
    item()
    text += "\"\(name)\": "
  }

  mutating func raw(_ json: String) {
    text += json
  }

  mutating func value(_ value: JSONValue) {
    switch value.kind {
    case .array:
      let items = value.items
      guard items.contains(where: { $0.kind == .array || $0.kind == .object }) else {
        text += "[\(items.map(\.text).joined(separator: ", "))]"
        return
      }
      open("[")
      for inner in items {
        item()
        self.value(inner)
      }
      close("]")
    case .object:
      open("{")
      for (name, inner) in value.members.sorted(by: { DefinitionDump.precedes($0.name, $1.name) }) {
        item()
        let buffer = OutputBuffer(capacity: 64)
        buffer.appendString(name)
        text += "\(buffer.string): "
        self.value(inner)
      }
      close("}")
    default: text += value.text
    }
  }

  private mutating func newLine() {
    text += "\n" + String(repeating: "  ", count: depth)
  }
}
