/// Block strings as text (spec section 2.9.4).
enum BlockString {
  /// Whether a value survives being printed as a block string and read back.
  static func isPrintable(_ value: [UInt8]) -> Bool {
    if value.isEmpty { return true }
    var isEmptyLine = true
    var hasIndent = false
    var hasCommonIndent = true
    var seenFilledLine = false
    for byte in value {
      switch byte {
      case 0x0A:
        if isEmptyLine && !seenFilledLine { return false }
        seenFilledLine = true
        isEmptyLine = true
        hasIndent = false
      case 0x09, 0x20: hasIndent = hasIndent || isEmptyLine
      case 0...0x0F: return false
      default:
        hasCommonIndent = hasCommonIndent && hasIndent
        isEmptyLine = false
      }
    }
    return !isEmptyLine && !(hasCommonIndent && seenFilledLine)
  }

  /// A block string with the value; `minimize` leaves out every line break that is not needed.
  static func print(_ value: [UInt8], minimize: Bool = false) -> String {
    var escaped = [UInt8]()
    var index = 0
    while index < value.count {
      if value[index] == 0x22, index + 2 < value.count, value[index + 1] == 0x22, value[index + 2] == 0x22 {
        escaped += Array("\\\"\"\"".utf8)
        index += 3
      } else {
        escaped.append(value[index])
        index += 1
      }
    }
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    index = 0
    while index < escaped.count {
      if escaped[index] == 0x0A || escaped[index] == 0x0D {
        lines.append(escaped[start..<index])
        if escaped[index] == 0x0D, index + 1 < escaped.count, escaped[index + 1] == 0x0A { index += 1 }
        start = index + 1
      }
      index += 1
    }
    lines.append(escaped[start...])
    let isSingleLine = lines.count == 1
    // A leading line break keeps the common indentation of the lines below from being taken away.
    let forceLeading =
      lines.count > 1 && lines.dropFirst().allSatisfy { $0.isEmpty || $0.first == 0x20 || $0.first == 0x09 }
    let endsInTriple = escaped.suffix(4).elementsEqual("\\\"\"\"".utf8)
    let forceTrailing = (value.last == 0x22 && !endsInTriple) || value.last == 0x5C
    let length = value.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
    let multiline = !minimize && (!isSingleLine || length > 70 || forceTrailing || forceLeading || endsInTriple)
    let skipLeading = isSingleLine && (value.first == 0x20 || value.first == 0x09)
    let before = (multiline && !skipLeading) || forceLeading ? "\n" : ""
    let after = multiline || forceTrailing ? "\n" : ""
    return "\"\"\"" + before + String(decoding: escaped, as: UTF8.self) + after + "\"\"\""
  }
}

/// Quoted strings as text (spec section 2.9.4).
enum StringPrinter {
  static func print(_ value: [UInt8]) -> String {
    var out: [UInt8] = [0x22]
    func escape(_ text: String) { out += Array(text.utf8) }
    var index = 0
    while index < value.count {
      let byte = value[index]
      switch byte {
      case 0x22: escape("\\\"")
      case 0x5C: escape("\\\\")
      case 0x08: escape("\\b")
      case 0x09: escape("\\t")
      case 0x0A: escape("\\n")
      case 0x0C: escape("\\f")
      case 0x0D: escape("\\r")
      case 0..<0x20, 0x7F: hex(byte, &out)
      case 0xC2 where index + 1 < value.count && value[index + 1] < 0xA0:
        hex(value[index + 1], &out)
        index += 1
      default: out.append(byte)
      }
      index += 1
    }
    out.append(0x22)
    return String(decoding: out, as: UTF8.self)
  }

  private static func hex(_ byte: UInt8, _ out: inout [UInt8]) {
    let digits = String(byte, radix: 16, uppercase: true)
    out += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
  }
}
