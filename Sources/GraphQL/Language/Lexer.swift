/// Reads one token at a time from the bytes of a document (spec section 2.1).
struct Lexer {
  let bytes: UnsafeBufferPointer<UInt8>
  let limits: Limits
  /// Where the next token is looked for.
  var position = 0
  private var comments = 0

  init(bytes: UnsafeBufferPointer<UInt8>, limits: Limits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The byte at an offset, or -1 past the end (NUL is a legal source character).
  @inline(__always)
  private func byte(_ index: Int) -> Int { index < bytes.count ? Int(bytes[index]) : -1 }

  func syntaxError(
    _ offset: Int, _ message: String, code: String = GraphQLError.Code.parseFailed
  ) -> GraphQLError {
    GraphQLError(
      "Syntax Error: " + message, locations: [SourceLocation(offset: offset, in: bytes)], code: code)
  }

  mutating func next() throws(GraphQLError) -> Token {
    while position < bytes.count {
      let start = position
      let byte = bytes[position]
      switch byte {
      case 0x09, 0x0A, 0x0D, 0x20, 0x2C:
        position += 1
      case 0xEF where self.byte(position + 1) == 0xBB && self.byte(position + 2) == 0xBF:
        position += 3
      case UInt8(ascii: "#"): try skipComment()
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        position += 1
        while position < bytes.count, Self.isNameContinue(bytes[position]) { position += 1 }
        return token(.name, start)
      case UInt8(ascii: "{"): return punctuator(.braceLeft)
      case UInt8(ascii: "}"): return punctuator(.braceRight)
      case UInt8(ascii: "("): return punctuator(.parenLeft)
      case UInt8(ascii: ")"): return punctuator(.parenRight)
      case UInt8(ascii: ":"): return punctuator(.colon)
      case UInt8(ascii: "$"): return punctuator(.dollar)
      case UInt8(ascii: "!"): return punctuator(.bang)
      case UInt8(ascii: "="): return punctuator(.equals)
      case UInt8(ascii: "@"): return punctuator(.at)
      case UInt8(ascii: "["): return punctuator(.bracketLeft)
      case UInt8(ascii: "]"): return punctuator(.bracketRight)
      case UInt8(ascii: "|"): return punctuator(.pipe)
      case UInt8(ascii: "&"): return punctuator(.ampersand)
      case UInt8(ascii: "\""):
        if self.byte(position + 1) == 0x22 && self.byte(position + 2) == 0x22 { return try blockString() }
        return try string()
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return try number()
      case UInt8(ascii: "."): return try dots()
      default: throw unexpectedCharacter()
      }
    }
    return Token(kind: .endOfFile, start: UInt32(bytes.count), end: UInt32(bytes.count))
  }

  @inline(__always)
  private func token(_ kind: Token.Kind, _ start: Int) -> Token {
    Token(kind: kind, start: UInt32(start), end: UInt32(position))
  }

  @inline(__always)
  private mutating func punctuator(_ kind: Token.Kind) -> Token {
    position += 1
    return token(kind, position - 1)
  }

  static func isNameStart(_ byte: Int) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
  }

  @inline(__always)
  static func isNameContinue(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F
  }

  private static func isDigit(_ byte: Int) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private mutating func skipComment() throws(GraphQLError) {
    comments += 1
    if comments > limits.maxComments {
      throw syntaxError(
        position, "Document contains more than \(limits.maxComments) comments. Parsing aborted.",
        code: GraphQLError.Code.tooManyComments)
    }
    while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
  }

  private mutating func dots() throws(GraphQLError) -> Token {
    let start = position
    if byte(start + 1) == 0x2E {
      guard byte(start + 2) == 0x2E else { throw syntaxError(start, "Unexpected \"..\", did you mean \"...\"?") }
      position += 3
      return token(.spread, start)
    }
    if Self.isDigit(byte(start + 1)) {
      var end = start + 1
      while Self.isDigit(byte(end)) { end += 1 }
      let digits = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
      throw syntaxError(start, "Invalid number, expected digit before \".\", did you mean \"0.\(digits)\"?")
    }
    throw unexpectedCharacter()
  }

  private func unexpectedCharacter() -> GraphQLError {
    if bytes[position] == UInt8(ascii: "'") {
      return syntaxError(
        position, "Unexpected single quote character ('), did you mean to use a double quote (\")?")
    }
    let isScalar = scalar(position)?.isValid ?? false
    return syntaxError(position, "\(isScalar ? "Unexpected" : "Invalid") character: \(describe(position)).")
  }

  // MARK: Numbers

  private mutating func number() throws(GraphQLError) -> Token {
    let start = position
    var isFloat = false
    if byte(position) == UInt8(ascii: "-") { position += 1 }
    if byte(position) == 0x30 {
      position += 1
      if Self.isDigit(byte(position)) {
        throw syntaxError(position, "Invalid number, unexpected digit after 0: \(describe(position)).")
      }
    } else {
      try digits()
    }
    if byte(position) == 0x2E {
      isFloat = true
      position += 1
      try digits()
    }
    if byte(position) | 0x20 == 0x65 && byte(position) > 0 {
      isFloat = true
      position += 1
      if byte(position) == 0x2B || byte(position) == 0x2D { position += 1 }
      try digits()
    }
    if byte(position) == 0x2E || Self.isNameStart(byte(position)) {
      throw syntaxError(position, "Invalid number, expected digit but got: \(describe(position)).")
    }
    return token(isFloat ? .float : .int, start)
  }

  private mutating func digits() throws(GraphQLError) {
    guard Self.isDigit(byte(position)) else {
      throw syntaxError(position, "Invalid number, expected digit but got: \(describe(position)).")
    }
    while Self.isDigit(byte(position)) { position += 1 }
  }

  // MARK: Strings

  private mutating func string() throws(GraphQLError) -> Token {
    let start = position
    var hasEscapes = false
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x22 {
        position += 1
        var result = token(.string, start)
        result.hasEscapes = hasEscapes
        return result
      }
      if byte == 0x5C {
        hasEscapes = true
        try escape()
      } else if byte == 0x0A || byte == 0x0D {
        break
      } else {
        try character()
      }
    }
    throw syntaxError(position, "Unterminated string.")
  }

  private mutating func blockString() throws(GraphQLError) -> Token {
    let start = position
    position += 3
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x22 && self.byte(position + 1) == 0x22 && self.byte(position + 2) == 0x22 {
        position += 3
        var result = token(.blockString, start)
        result.hasEscapes = true
        return result
      }
      if byte == 0x5C && self.byte(position + 1) == 0x22 && self.byte(position + 2) == 0x22
        && self.byte(position + 3) == 0x22
      {
        position += 4
      } else {
        try character()
      }
    }
    throw syntaxError(position, "Unterminated string.")
  }

  /// Steps over one character of a string.
  @inline(__always)
  private mutating func character() throws(GraphQLError) {
    if bytes[position] < 0x80 {
      position += 1
      return
    }
    guard let scalar = scalar(position), scalar.isValid else {
      throw syntaxError(position, "Invalid character within String: \(describe(position)).")
    }
    position += scalar.length
  }

  private mutating func escape() throws(GraphQLError) {
    switch byte(position + 1) {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
    case 0x75:
      if byte(position + 2) == UInt8(ascii: "{") { try variableWidthEscape() } else { try fixedWidthEscape() }
    default:
      throw syntaxError(position, "Invalid character escape sequence: \"\(excerpt(position, 2))\".")
    }
  }

  private mutating func variableWidthEscape() throws(GraphQLError) {
    var point: UInt32 = 0
    var size = 3
    // Leading zeros are legal without end; the reference reads twelve characters at most.
    while position + size < bytes.count && size < 12 {
      let byte = bytes[position + size]
      size += 1
      if byte == UInt8(ascii: "}") {
        if size < 5 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF) { break }
        position += size
        return
      }
      guard let digit = StringLiteral.hexDigit(byte) else { break }
      point = point &<< 4 | UInt32(digit)
    }
    throw syntaxError(position, "Invalid Unicode escape sequence: \"\(excerpt(position, size))\".")
  }

  private mutating func fixedWidthEscape() throws(GraphQLError) {
    if let code = hexCode(position + 2) {
      if code < 0xD800 || code > 0xDFFF {
        position += 6
        return
      }
      if code < 0xDC00, byte(position + 6) == 0x5C, byte(position + 7) == 0x75, let low = hexCode(position + 8),
        (0xDC00...0xDFFF).contains(low)
      {
        position += 12
        return
      }
    }
    throw syntaxError(position, "Invalid Unicode escape sequence: \"\(excerpt(position, 6))\".")
  }

  private func hexCode(_ index: Int) -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for offset in 0..<4 {
      guard let digit = StringLiteral.hexDigit(bytes[index + offset]) else { return nil }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  // MARK: Characters

  /// The code point at an offset; nil if the bytes are not UTF-8 at all. Encoded surrogates decode, but are not valid.
  private func scalar(_ index: Int) -> (value: UInt32, length: Int, isValid: Bool)? {
    let first = byte(index)
    guard first >= 0 else { return nil }
    if first < 0x80 { return (UInt32(first), 1, true) }
    let length: Int
    var value: UInt32
    let least: UInt32
    switch first {
    case 0xC2...0xDF: (length, value, least) = (2, UInt32(first & 0x1F), 0x80)
    case 0xE0...0xEF: (length, value, least) = (3, UInt32(first & 0x0F), 0x800)
    case 0xF0...0xF4: (length, value, least) = (4, UInt32(first & 0x07), 0x10000)
    default: return nil
    }
    for offset in 1..<length {
      let next = byte(index + offset)
      guard next & 0xC0 == 0x80, next >= 0 else { return nil }
      value = value << 6 | UInt32(next & 0x3F)
    }
    guard value >= least, value <= 0x10FFFF else { return nil }
    return (value, length, !(0xD800...0xDFFF).contains(value))
  }

  /// A character as error messages show it: printable ASCII in quotes, others as U+XXXX.
  private func describe(_ index: Int) -> String {
    guard index < bytes.count else { return "<EOF>" }
    let byte = bytes[index]
    if byte == 0x22 { return "'\"'" }
    if byte >= 0x20 && byte <= 0x7E { return "\"\(Character(Unicode.Scalar(byte)))\"" }
    let value = scalar(index)?.value ?? UInt32(byte)
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Up to `count` characters of the source, for error messages.
  private func excerpt(_ index: Int, _ count: Int) -> String {
    var end = index
    for _ in 0..<count where end < bytes.count { end += scalar(end)?.length ?? 1 }
    return String(decoding: bytes[index..<min(end, bytes.count)], as: UTF8.self)
  }
}
