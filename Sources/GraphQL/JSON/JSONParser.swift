/// Reads JSON text (RFC 8259) into values.
public struct JSONParser {
  /// What is wrong with a text, and at which byte.
  public struct Failure: Error, Equatable {
    public let offset: Int
    public let message: String
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var depth = 0
  private let maximumDepth: Int

  /// - Parameter maximumDepth: nesting of lists and objects that is accepted; the parser recurses.
  public static func parse(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64) throws(Failure) -> Value {
    var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("Unexpected text after the value.") }
    return value
  }

  public static func parse(_ text: String, maximumDepth: Int = 64) throws(Failure) -> Value {
    let bytes = ContiguousArray(text.utf8)
    let result = bytes.withUnsafeBytes { buffer -> Result<Value, Failure> in
      do throws(Failure) {
        return .success(try parse(buffer, maximumDepth: maximumDepth))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  private func failure(_ message: String) -> Failure {
    Failure(offset: position, message: message)
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func value() throws(Failure) -> Value {
    skipSpace()
    guard position < bytes.count else { throw failure("Unexpected end of the text.") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func descend() throws(Failure) {
    depth += 1
    guard depth <= maximumDepth else { throw failure("Nested more than \(maximumDepth) levels deep.") }
  }

  private mutating func object() throws(Failure) -> Value {
    try descend()
    defer { depth -= 1 }
    position += 1
    var fields: [Value.Field] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw failure("Expected a key.") }
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("Expected a colon.") }
      fields.append(Value.Field(name, try value()))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw failure("Expected a comma or the end of the object.") }
      return .object(Self.lastWins(fields))
    }
  }

  /// Of keys that stand twice the last counts, as in every JSON library that clients use.
  private static func lastWins(_ fields: [Value.Field]) -> [Value.Field] {
    guard fields.count > 1 else { return fields }
    var places: [String: Int] = [:]
    var unique: [Value.Field] = []
    for field in fields {
      if let place = places[field.name] {
        unique[place].value = field.value
      } else {
        places[field.name] = unique.count
        unique.append(field)
      }
    }
    return unique
  }

  private mutating func array() throws(Failure) -> Value {
    try descend()
    defer { depth -= 1 }
    position += 1
    var items: [Value] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list(items) }
    while true {
      items.append(try value())
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw failure("Expected a comma or the end of the list.") }
      return .list(items)
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: Value) throws(Failure) -> Value {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count,
      bytes[position..<position + count].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
    else { throw failure("Unexpected character.") }
    position += count
    return value
  }

  private mutating func number() throws(Failure) -> Value {
    let start = position
    var isFloat = false
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) {
      guard digits() else {
        position = start
        throw failure("Unexpected character.")
      }
    }
    if take(UInt8(ascii: ".")) {
      isFloat = true
      guard digits() else { throw failure("Expected a digit.") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isFloat = true
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { throw failure("Expected a digit.") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if !isFloat, let value = Int(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else { throw failure("The number is too large.") }
    return .float(value)
  }

  private mutating func digits() -> Bool {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    return position > start
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    let start = position
    var escaped: [UInt8]?
    var plain = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let tail = bytes[plain..<position]
        position += 1
        guard var text = escaped else { return try validated(Array(tail)) }
        text.append(contentsOf: tail)
        return try validated(text)
      }
      guard byte >= 0x20 else { throw failure("A control character stands in a text.") }
      if byte == UInt8(ascii: "\\") {
        var text = escaped ?? []
        text.append(contentsOf: bytes[plain..<position])
        try escape(into: &text)
        escaped = text
        plain = position
      } else {
        position += 1
      }
    }
    throw failure("A text does not end.")
  }

  private func validated(_ text: [UInt8]) throws(Failure) -> String {
    guard let string = String(validating: text, as: UTF8.self) else { throw failure("A text is not valid UTF-8.") }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    guard position + 1 < bytes.count else { throw failure("A text does not end.") }
    let kind = bytes[position + 1]
    position += 2
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if code >= 0xD800, code <= 0xDBFF, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let trail = try hexadecimal()
        guard trail >= 0xDC00, trail <= 0xDFFF else { throw failure("A surrogate stands alone.") }
        code = 0x10000 + (code - 0xD800) << 10 + (trail - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("A surrogate stands alone.") }
      text.append(contentsOf: String(scalar).utf8)
    default: throw failure("Unknown escape.")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard position + 4 <= bytes.count else { throw failure("A text does not end.") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: throw failure("Expected a hexadecimal digit.")
      }
      position += 1
    }
    return code
  }
}
