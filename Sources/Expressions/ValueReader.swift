extension Value {
  /// Reads JSON text: what clients send as `context` and `meta`.
  ///
  /// Nil if the text is not JSON, or nested deeper than `depth` levels. Of two members with one name the last
  /// counts. Whole numbers that do not fit into 64 bits become floating-point numbers.
  public init?(json: String, depth: Int = 64) {
    var reader = ValueReader(bytes: Array(json.utf8), depth: depth)
    guard let value = reader.document() else { return nil }
    self = value
  }
}

/// A reader of JSON (RFC 8259) over bytes.
private struct ValueReader {
  let bytes: [UInt8]
  var depth: Int
  var position = 0

  init(bytes: [UInt8], depth: Int) {
    self.bytes = bytes
    self.depth = depth
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  mutating func document() -> Value? {
    guard let value = value() else { return nil }
    return position == bytes.count ? value : nil
  }

  private mutating func value() -> Value? {
    skipSpace()
    defer { skipSpace() }
    switch current {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return string().map(Value.string)
    case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return take("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func array() -> Value? {
    guard depth > 0 else { return nil }
    depth -= 1
    defer { depth += 1 }
    position += 1
    skipSpace()
    var items: [Value] = []
    if take(UInt8(ascii: "]")) { return .array(items) }
    repeat {
      guard let item = value() else { return nil }
      items.append(item)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .array(items) : nil
  }

  private mutating func object() -> Value? {
    guard depth > 0 else { return nil }
    depth -= 1
    defer { depth += 1 }
    position += 1
    skipSpace()
    var members: [Value.Member] = []
    var places: [String: Int] = [:]
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\""), let key = string() else { return nil }
      skipSpace()
      guard take(UInt8(ascii: ":")), let value = value() else { return nil }
      if let place = places[key] {
        members[place].value = value
      } else {
        places[key] = members.count
        members.append(Value.Member(key: key, value: value))
      }
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .object(members) : nil
  }

  private func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  private mutating func digits() -> Bool {
    guard isDigit(current) else { return false }
    while isDigit(current) { position += 1 }
    return true
  }

  private mutating func number() -> Value? {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let leadingZero = current == UInt8(ascii: "0")
    let first = position
    guard digits(), !(leadingZero && position - first > 1) else { return nil }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      guard digits() else { return nil }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { return nil }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let whole = Int64(text) { return .int(whole) }
    return Double(text).map(Value.number)
  }

  private mutating func string() -> String? {
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escape = current else { return nil }
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(escape)
        case UInt8(ascii: "b"): content.append(8)
        case UInt8(ascii: "f"): content.append(12)
        case UInt8(ascii: "n"): content.append(10)
        case UInt8(ascii: "r"): content.append(13)
        case UInt8(ascii: "t"): content.append(9)
        case UInt8(ascii: "u"):
          guard let scalar = scalar() else { return nil }
          content.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: return nil
        }
      case 0..<0x20: return nil
      default: content.append(byte)
      }
    }
    return nil
  }

  /// The character of `\uXXXX`, or of two that make a surrogate pair; a lone surrogate becomes U+FFFD.
  private mutating func scalar() -> UnicodeScalar? {
    guard let first = unit() else { return nil }
    guard (0xD800..<0xE000).contains(first) else { return UnicodeScalar(first) }
    guard first < 0xDC00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
      return "\u{FFFD}"
    }
    let before = position
    position += 2
    guard let second = unit() else { return nil }
    guard (0xDC00..<0xE000).contains(second) else {
      position = before
      return "\u{FFFD}"
    }
    return UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private mutating func unit() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for _ in 0..<4 {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(bytes[position] - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(bytes[position] - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(bytes[position] - UInt8(ascii: "A") + 10)
      default: return nil
      }
      position += 1
    }
    return value
  }
}
