/// Values as text.
extension Value {
  /// Compact JSON with everything beyond ASCII escaped.
  public var json: String {
    var text: [UInt8] = []
    write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func write(to text: inout [UInt8]) {
    switch self {
    case .null: text += Array("null".utf8)
    case .bool(let value): text += Array((value ? "true" : "false").utf8)
    case .int(let value): text += Array(value.description.utf8)
    case .number(let value): text += Array(Value.digits(value).utf8)
    case .string(let value): Value.write(value, to: &text)
    case .array(let items):
      text.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        item.write(to: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        Value.write(member.key, to: &text)
        text.append(UInt8(ascii: ":"))
        member.value.write(to: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  /// Swift and Python agree on the shortest digits, but for the sign of an exponent and where it begins.
  private static func digits(_ value: Double) -> String {
    let text = value.description
    guard let mark = text.firstIndex(of: "e") else { return text }
    var mantissa = String(text[..<mark])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    var exponent = text[text.index(after: mark)...]
    let sign = exponent.hasPrefix("-") ? "-" : "+"
    if exponent.hasPrefix("-") || exponent.hasPrefix("+") { exponent.removeFirst() }
    return mantissa + "e" + sign + (exponent.count < 2 ? "0" : "") + exponent
  }

  private static func write(_ value: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for unit in value.utf16 {
      switch unit {
      case 0x22: text += Array("\\\"".utf8)
      case 0x5C: text += Array("\\\\".utf8)
      case 0x08: text += Array("\\b".utf8)
      case 0x09: text += Array("\\t".utf8)
      case 0x0A: text += Array("\\n".utf8)
      case 0x0C: text += Array("\\f".utf8)
      case 0x0D: text += Array("\\r".utf8)
      case 0x20...0x7E: text.append(UInt8(unit))
      default:
        let digits = String(unit, radix: 16)
        text += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      }
    }
    text.append(UInt8(ascii: "\""))
  }

  /// How messages show a literal: texts in single quotes inside of lists, bare on their own.
  var shown: String {
    if case .string(let value) = self { return value }
    return quoted
  }

  private var quoted: String {
    switch self {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .string(let value): "'\(value)'"
    case .array(let items): "[\(items.map(\.quoted).joined(separator: ", "))]"
    default: json
    }
  }
}
