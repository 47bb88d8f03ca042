/// Splits a source into tokens.
///
/// Spec: section 2.1 and appendix B.2. Works on UTF-8 bytes; whether they are UTF-8 is checked once by `Parser`.
struct Lexer {
  let bytes: ContiguousArray<UInt8>
  private(set) var position = 0

  init(_ bytes: ContiguousArray<UInt8>) {
    self.bytes = bytes
  }

  private func byte(_ index: Int) -> UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  mutating func next() throws(GraphQLError) -> Token {
    skipIgnored()
    let start = position
    guard let first = byte(position) else {
      return Token(kind: .endOfFile, range: ByteRange(bytes.count, bytes.count))
    }
    let punctuator: Token.Kind? =
      switch first {
      case UInt8(ascii: "!"): .bang
      case UInt8(ascii: "$"): .dollar
      case UInt8(ascii: "&"): .ampersand
      case UInt8(ascii: "("): .parenLeft
      case UInt8(ascii: ")"): .parenRight
      case UInt8(ascii: ":"): .colon
      case UInt8(ascii: "="): .equals
      case UInt8(ascii: "@"): .at
      case UInt8(ascii: "["): .bracketLeft
      case UInt8(ascii: "]"): .bracketRight
      case UInt8(ascii: "{"): .braceLeft
      case UInt8(ascii: "|"): .pipe
      case UInt8(ascii: "}"): .braceRight
      default: nil
      }
    if let punctuator {
      position += 1
      return Token(kind: punctuator, range: ByteRange(start, position))
    }
    if first == UInt8(ascii: ".") {
      if byte(start + 1) == first, byte(start + 2) == first {
        position += 3
        return Token(kind: .spread, range: ByteRange(start, position))
      }
      if byte(start + 1) == first {
        throw error("Unexpected \"..\", did you mean \"...\"?", at: start)
      }
      if let digit = byte(start + 1), isDigit(digit) {
        var end = start + 1
        while let byte = byte(end), isDigit(byte) { end += 1 }
        let digits = text(start + 1, end)
        throw error("Invalid number, expected digit before \".\", did you mean \"0.\(digits)\"?", at: start)
      }
      throw error("Unexpected character: \".\".", at: start)
    }
    if isNameStart(first) {
      while let byte = byte(position), isNameContinue(byte) { position += 1 }
      return Token(kind: .name, range: ByteRange(start, position))
    }
    if isDigit(first) || first == UInt8(ascii: "-") { return try number() }
    if first == UInt8(ascii: "\"") {
      if byte(start + 1) == first, byte(start + 2) == first { return try blockString() }
      return try string()
    }
    if first == UInt8(ascii: "'") {
      throw error("Unexpected single quote character ('), did you mean to use a double quote (\")?", at: start)
    }
    throw error("Unexpected character: \(describe(start)).", at: start)
  }

  /// Byte order marks, white space, line terminators, commas and comments.
  private mutating func skipIgnored() {
    while let byte = byte(position) {
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","):
        position += 1
      case 0xEF where self.byte(position + 1) == 0xBB && self.byte(position + 2) == 0xBF:
        position += 3
      case UInt8(ascii: "#"):
        while let byte = self.byte(position), byte != 0x0A, byte != 0x0D { position += 1 }
      default:
        return
      }
    }
  }

  // MARK: Numbers

  private mutating func number() throws(GraphQLError) -> Token {
    let start = position
    var isFloat = false
    if byte(position) == UInt8(ascii: "-") { position += 1 }
    if byte(position) == UInt8(ascii: "0") {
      position += 1
      if let digit = byte(position), isDigit(digit) {
        throw error("Invalid number, unexpected digit after 0: \(describe(position)).", at: position)
      }
    } else {
      try digits()
    }
    if byte(position) == UInt8(ascii: ".") {
      isFloat = true
      position += 1
      try digits()
    }
    if let exponent = byte(position), exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
      isFloat = true
      position += 1
      if let sign = byte(position), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    if let after = byte(position), after == UInt8(ascii: ".") || isNameStart(after) {
      throw error("Invalid number, expected digit but got: \(describe(position)).", at: position)
    }
    return Token(kind: isFloat ? .float : .int, range: ByteRange(start, position))
  }

  private mutating func digits() throws(GraphQLError) {
    guard let first = byte(position), isDigit(first) else {
      throw error("Invalid number, expected digit but got: \(describe(position)).", at: position)
    }
    while let byte = byte(position), isDigit(byte) { position += 1 }
  }

  // MARK: Strings

  private mutating func string() throws(GraphQLError) -> Token {
    let start = position
    position += 1
    while let byte = byte(position) {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return Token(kind: .string, range: ByteRange(start, position))
      case 0x0A, 0x0D:
        throw error("Unterminated string.", at: position)
      case UInt8(ascii: "\\"):
        var scalars = String.UnicodeScalarView()
        try StringLiteral.readEscape(bytes, &position, into: &scalars)
      default:
        position += 1
      }
    }
    throw error("Unterminated string.", at: position)
  }

  private mutating func blockString() throws(GraphQLError) -> Token {
    let start = position
    let quote = UInt8(ascii: "\"")
    position += 3
    while let byte = byte(position) {
      if byte == quote, self.byte(position + 1) == quote, self.byte(position + 2) == quote {
        position += 3
        return Token(kind: .blockString, range: ByteRange(start, position))
      }
      if byte == UInt8(ascii: "\\"), self.byte(position + 1) == quote, self.byte(position + 2) == quote,
        self.byte(position + 3) == quote
      {
        position += 4
      } else {
        position += 1
      }
    }
    throw error("Unterminated string.", at: position)
  }

  // MARK: Characters

  private func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private func describe(_ offset: Int) -> String {
    StringLiteral.describe(bytes, offset)
  }

  private func error(_ message: String, at offset: Int) -> GraphQLError {
    .syntax(message, at: offset, in: bytes)
  }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

@inline(__always)
func isNameStart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
}

@inline(__always)
func isNameContinue(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

extension GraphQLError {
  static func syntax(_ message: String, at offset: Int, in bytes: ContiguousArray<UInt8>) -> GraphQLError {
    GraphQLError(
      "Syntax Error: " + message, locations: [SourceLocation(offset: offset, in: bytes)],
      code: "GRAPHQL_PARSE_FAILED")
  }
}
