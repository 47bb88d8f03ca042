/// Writes the tape of a JSON text.
struct JSONParser {
  typealias Failure = JSONDocument.Failure

  let bytes: UnsafeBufferPointer<UInt8>
  let maxDepth: Int
  private var tape = ContiguousArray<JSONDocument.Element>()
  private var position = 0
  private var depth = 0

  /// The elements of a text, which is one JSON value.
  static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int
  ) throws(Failure) -> ContiguousArray<JSONDocument.Element> {
    var parser = JSONParser(bytes: bytes, maxDepth: maxDepth)
    try parser.parse()
    return parser.tape
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
    self.bytes = bytes
    self.maxDepth = maxDepth
    tape.reserveCapacity(bytes.count / 8 + 4)
  }

  private mutating func parse() throws(Failure) {
    try value()
    skipSpace()
    guard position == bytes.count else { throw failure("unexpected text after the JSON value") }
  }

  private func failure(_ problem: String) -> Failure { Failure(problem: problem, offset: position) }

  private func byte(_ index: Int) -> Int { index < bytes.count ? Int(bytes[index]) : -1 }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func append(_ kind: JSONDocument.Kind, _ start: Int, _ end: Int, escapes: Bool = false) {
    tape.append(
      JSONDocument.Element(
        kind: kind, hasEscapes: escapes, start: UInt32(start), end: UInt32(end), next: UInt32(tape.count + 1)))
  }

  private mutating func value() throws(Failure) {
    skipSpace()
    switch byte(position) {
    case 0x7B: try container(.object)
    case 0x5B: try container(.array)
    case 0x22: try string()
    case 0x74: try literal("true", .true)
    case 0x66: try literal("false", .false)
    case 0x6E: try literal("null", .null)
    case 0x2D, 0x30...0x39: try number()
    case -1: throw failure("unexpected end")
    default: throw failure("unexpected character")
    }
  }

  private mutating func literal(_ text: StaticString, _ kind: JSONDocument.Kind) throws(Failure) {
    for offset in 0..<text.utf8CodeUnitCount where byte(position + offset) != Int(text.utf8Start[offset]) {
      throw failure("unexpected character")
    }
    append(kind, position, position + text.utf8CodeUnitCount)
    position += text.utf8CodeUnitCount
  }

  private mutating func container(_ kind: JSONDocument.Kind) throws(Failure) {
    depth += 1
    guard depth <= maxDepth else {
      throw Failure(problem: "nested deeper than \(maxDepth) levels", offset: position, isTooDeep: true)
    }
    let close = kind == .object ? 0x7D : 0x5D
    let index = tape.count
    append(kind, position, position)
    position += 1
    skipSpace()
    if byte(position) == close {
      position += 1
    } else {
      while true {
        if kind == .object {
          skipSpace()
          guard byte(position) == 0x22 else { throw failure("expected a member name") }
          try string()
          skipSpace()
          guard byte(position) == 0x3A else { throw failure("expected a colon") }
          position += 1
        }
        try value()
        skipSpace()
        let next = byte(position)
        guard next == 0x2C || next == close else { throw failure("expected a comma or the end") }
        position += 1
        if next == close { break }
      }
    }
    tape[index].end = UInt32(position)
    tape[index].next = UInt32(tape.count)
    depth -= 1
  }

  private mutating func number() throws(Failure) {
    let start = position
    if byte(position) == 0x2D { position += 1 }
    if byte(position) == 0x30 { position += 1 } else { try digits() }
    if byte(position) == 0x2E {
      position += 1
      try digits()
    }
    if byte(position) == 0x65 || byte(position) == 0x45 {
      position += 1
      if byte(position) == 0x2B || byte(position) == 0x2D { position += 1 }
      try digits()
    }
    append(.number, start, position)
  }

  private mutating func digits() throws(Failure) {
    guard (0x30...0x39).contains(byte(position)) else { throw failure("expected a digit") }
    while (0x30...0x39).contains(byte(position)) { position += 1 }
  }

  private mutating func string() throws(Failure) {
    position += 1
    let start = position
    var escapes = false
    var ascii = true
    while true {
      switch byte(position) {
      case -1: throw failure("unterminated string")
      case 0x22:
        if !ascii {
          // UTF-8 is checked once per string that needs it.
          guard String(validating: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self) != nil else {
            throw failure("a string is not valid UTF-8")
          }
        }
        append(.string, start, position, escapes: escapes)
        position += 1
        return
      case 0x5C:
        escapes = true
        switch byte(position + 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
        case 0x75:
          for offset in 2..<6 {
            guard position + offset < bytes.count, StringLiteral.hexDigit(bytes[position + offset]) != nil else {
              throw failure("invalid escape")
            }
          }
          position += 6
        default: throw failure("invalid escape")
        }
      case 0..<0x20: throw failure("control character in a string")
      case let byte:
        if byte >= 0x80 { ascii = false }
        position += 1
      }
    }
  }

  /// The text of a string with escapes. A lone surrogate becomes U+FFFD.
  static func unescape(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var out = [UInt8]()
    out.reserveCapacity(bytes.count)
    func code(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 << 4 | UInt32(StringLiteral.hexDigit(bytes[index + $1]) ?? 0) }
    }
    var index = 0
    while index < bytes.count {
      guard bytes[index] == 0x5C else {
        out.append(bytes[index])
        index += 1
        continue
      }
      index += 2
      switch bytes[index - 1] {
      case 0x62: out.append(8)
      case 0x66: out.append(12)
      case 0x6E: out.append(10)
      case 0x72: out.append(13)
      case 0x74: out.append(9)
      case 0x75:
        var point = code(index)
        index += 4
        if point & 0xFC00 == 0xD800, index + 6 <= bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75 {
          let low = code(index + 2)
          if low & 0xFC00 == 0xDC00 {
            point = 0x10000 + ((point & 0x3FF) << 10) + (low & 0x3FF)
            index += 6
          }
        }
        StringLiteral.appendScalar(point & 0xF800 == 0xD800 ? 0xFFFD : point, to: &out)
      case let other: out.append(other)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
