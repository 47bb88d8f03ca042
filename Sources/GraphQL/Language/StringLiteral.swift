/// The meaning of quoted text.
///
/// Spec: 2.9.4 "String Value".
enum StringLiteral {
  /// The value of a token's bytes, quotes included. The lexer has checked them.
  static func value(_ bytes: ContiguousArray<UInt8>, _ range: ByteRange, isBlock: Bool) -> String {
    isBlock ? blockValue(bytes, range) : plainValue(bytes, range)
  }

  private static func plainValue(_ bytes: ContiguousArray<UInt8>, _ range: ByteRange) -> String {
    let body = Int(range.start) + 1..<Int(range.end) - 1
    guard bytes[body].contains(UInt8(ascii: "\\")) else { return String(decoding: bytes[body], as: UTF8.self) }
    var scalars = String.UnicodeScalarView()
    var position = body.lowerBound
    var plain = position
    while position < body.upperBound {
      guard bytes[position] == UInt8(ascii: "\\") else {
        position += 1
        continue
      }
      scalars.append(contentsOf: String(decoding: bytes[plain..<position], as: UTF8.self).unicodeScalars)
      do {
        try readEscape(bytes, &position, into: &scalars)
      } catch {
        return String(scalars)
      }
      plain = position
    }
    scalars.append(contentsOf: String(decoding: bytes[plain..<body.upperBound], as: UTF8.self).unicodeScalars)
    return String(scalars)
  }

  /// Reads the escape sequence at `position`, which is a backslash.
  static func readEscape(
    _ bytes: ContiguousArray<UInt8>, _ position: inout Int, into scalars: inout String.UnicodeScalarView
  ) throws(GraphQLError) {
    let start = position
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    func invalid(_ what: String, _ end: Int) -> GraphQLError {
      let text = String(decoding: bytes[start..<min(end, bytes.count)], as: UTF8.self)
      return .syntax("Invalid \(what): \"\(text)\".", at: start, in: bytes)
    }
    let simple: UInt8? =
      switch byte(start + 1) {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte(start + 1)
      case UInt8(ascii: "b"): 0x08
      case UInt8(ascii: "f"): 0x0C
      case UInt8(ascii: "n"): 0x0A
      case UInt8(ascii: "r"): 0x0D
      case UInt8(ascii: "t"): 0x09
      default: nil
      }
    if let simple {
      scalars.append(Unicode.Scalar(simple))
      position = start + 2
      return
    }
    guard byte(start + 1) == UInt8(ascii: "u") else { throw invalid("character escape sequence", start + 2) }
    if byte(start + 2) == UInt8(ascii: "{") {
      var value: UInt32 = 0
      var index = start + 3
      while let digit = hexadecimal(byte(index)), index < start + 12 {
        value = value << 4 | digit
        index += 1
      }
      guard byte(index) == UInt8(ascii: "}"), index > start + 3, let scalar = Unicode.Scalar(value) else {
        throw invalid("Unicode escape sequence", min(index + 1, bytes.count))
      }
      scalars.append(scalar)
      position = index + 1
      return
    }
    guard let first = fixed(bytes, start + 2) else { throw invalid("Unicode escape sequence", start + 6) }
    if let scalar = Unicode.Scalar(first) {
      scalars.append(scalar)
      position = start + 6
      return
    }
    // A leading surrogate needs a trailing one.
    if first < 0xDC00, byte(start + 6) == UInt8(ascii: "\\"), byte(start + 7) == UInt8(ascii: "u"),
      let second = fixed(bytes, start + 8), second >= 0xDC00, second <= 0xDFFF,
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    {
      scalars.append(scalar)
      position = start + 12
      return
    }
    throw invalid("Unicode escape sequence", start + 6)
  }

  private static func fixed(_ bytes: ContiguousArray<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for index in start..<start + 4 {
      guard let digit = hexadecimal(bytes[index]) else { return nil }
      value = value << 4 | digit
    }
    return value
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  /// Spec: `BlockStringValue` – common indentation and blank first and last lines go away.
  private static func blockValue(_ bytes: ContiguousArray<UInt8>, _ range: ByteRange) -> String {
    var lines: [[UInt8]] = [[]]
    var index = Int(range.start) + 3
    let end = Int(range.end) - 3
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\"), index + 3 < end + 3, bytes[index + 1] == UInt8(ascii: "\""),
        bytes[index + 2] == UInt8(ascii: "\""), bytes[index + 3] == UInt8(ascii: "\"")
      {
        lines[lines.count - 1].append(contentsOf: [UInt8](repeating: UInt8(ascii: "\""), count: 3))
        index += 4
        continue
      }
      if byte == 0x0A || byte == 0x0D {
        if byte == 0x0D, index + 1 < end, bytes[index + 1] == 0x0A { index += 1 }
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
      }
      index += 1
    }
    return String(decoding: Array(dedent(lines).joined(separator: [0x0A])), as: UTF8.self)
  }

  private static func dedent(_ input: [[UInt8]]) -> [[UInt8]] {
    func indentation(_ line: [UInt8]) -> Int { line.prefix { $0 == 0x20 || $0 == 0x09 }.count }
    var lines = input
    let common = lines.dropFirst().filter { indentation($0) < $0.count }.map(indentation).min() ?? 0
    for index in lines.indices.dropFirst() { lines[index] = Array(lines[index].dropFirst(common)) }
    while let first = lines.first, indentation(first) == first.count { lines.removeFirst() }
    while let last = lines.last, indentation(last) == last.count { lines.removeLast() }
    return lines
  }

  /// A character as messages show it.
  static func describe(_ bytes: ContiguousArray<UInt8>, _ offset: Int) -> String {
    guard offset < bytes.count else { return "<EOF>" }
    let tail = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
    guard let scalar = tail.unicodeScalars.first else { return "<EOF>" }
    if scalar == "\"" { return "'\"'" }
    if scalar.value >= 0x20, scalar.value <= 0x7E { return "\"\(scalar)\"" }
    var digits = String(scalar.value, radix: 16, uppercase: true)
    while digits.utf8.count < 4 { digits = "0" + digits }
    return "U+\(digits)"
  }
}
