/// Values of string literals that the lexer has accepted (spec section 2.9.4).
enum StringLiteral {
  /// The value of a literal, given its bytes with quotes.
  static func value(of literal: UnsafeBufferPointer<UInt8>, isBlock: Bool) -> [UInt8] {
    isBlock ? blockValue(literal) : quotedValue(literal)
  }

  private static func quotedValue(_ literal: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(literal.count)
    var index = 1
    let end = literal.count - 1
    while index < end {
      let byte = literal[index]
      guard byte == 0x5C else {
        out.append(byte)
        index += 1
        continue
      }
      index += 1
      switch literal[index] {
      case UInt8(ascii: "b"): out.append(8)
      case UInt8(ascii: "f"): out.append(12)
      case UInt8(ascii: "n"): out.append(10)
      case UInt8(ascii: "r"): out.append(13)
      case UInt8(ascii: "t"): out.append(9)
      case UInt8(ascii: "u"):
        var point: UInt32 = 0
        if literal[index + 1] == UInt8(ascii: "{") {
          index += 2
          while literal[index] != UInt8(ascii: "}") {
            point = point &<< 4 | UInt32(hexDigit(literal[index]) ?? 0)
            index += 1
          }
        } else {
          point = fixed(literal, index + 1)
          index += 4
          if point & 0xFC00 == 0xD800 {
            point = 0x10000 + ((point & 0x3FF) << 10) + (fixed(literal, index + 3) & 0x3FF)
            index += 6
          }
        }
        appendScalar(point, to: &out)
      case let other: out.append(other)
      }
      index += 1
    }
    return out
  }

  private static func fixed(_ literal: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt32 {
    var point: UInt32 = 0
    for offset in 0..<4 { point = point << 4 | UInt32(hexDigit(literal[index + offset]) ?? 0) }
    return point
  }

  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  static func appendScalar(_ point: UInt32, to out: inout [UInt8]) {
    if point < 0x80 {
      out.append(UInt8(point))
    } else if point < 0x800 {
      out.append(UInt8(0xC0 | point >> 6))
      out.append(UInt8(0x80 | point & 0x3F))
    } else if point < 0x10000 {
      out.append(UInt8(0xE0 | point >> 12))
      out.append(UInt8(0x80 | point >> 6 & 0x3F))
      out.append(UInt8(0x80 | point & 0x3F))
    } else {
      out.append(UInt8(0xF0 | point >> 18 & 7))
      out.append(UInt8(0x80 | point >> 12 & 0x3F))
      out.append(UInt8(0x80 | point >> 6 & 0x3F))
      out.append(UInt8(0x80 | point & 0x3F))
    }
  }

  /// Spec `BlockStringValue`.
  private static func blockValue(_ literal: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var lines: [[UInt8]] = [[]]
    var index = 3
    let end = literal.count - 3
    while index < end {
      let byte = literal[index]
      if byte == 0x5C, index + 3 < end + 0 || index + 4 <= end, literal[index + 1] == 0x22, literal[index + 2] == 0x22,
        literal[index + 3] == 0x22
      {
        lines[lines.count - 1].append(contentsOf: [0x22, 0x22, 0x22])
        index += 4
      } else if byte == 0x0A || byte == 0x0D {
        index += byte == 0x0D && literal[index + 1] == 0x0A ? 2 : 1
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
        index += 1
      }
    }
    return dedent(lines)
  }

  /// Removes the common indentation of all lines but the first, and blank lines at both ends; joins with LF.
  static func dedent(_ lines: [[UInt8]]) -> [UInt8] {
    var common = Int.max
    var firstFilled: Int?
    var lastFilled = -1
    for (index, line) in lines.enumerated() {
      let indent = line.prefix { $0 == 0x20 || $0 == 0x09 }.count
      if indent == line.count { continue }
      firstFilled = firstFilled ?? index
      lastFilled = index
      if index != 0 && indent < common { common = indent }
    }
    guard let firstFilled else { return [] }
    var out = [UInt8]()
    for index in firstFilled...lastFilled {
      if index > firstFilled { out.append(0x0A) }
      out.append(contentsOf: index == 0 ? lines[index][...] : lines[index].dropFirst(common))
    }
    return out
  }
}
