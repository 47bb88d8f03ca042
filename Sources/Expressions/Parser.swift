/// Reads the text of an expression, byte by byte. The grammar is that of `pyjexl`: white space may stand around
/// operators and inside brackets, but not before `.`, `[` and `|`.
struct Parser {
  private let bytes: [UInt8]
  private let limits: ExpressionLimits
  private var position = 0
  private var depth = 0
  /// Whether something relative was read since the innermost `[`.
  private var sawRelative = false
  private(set) var nodes: [Node] = []
  private(set) var positions: [Int32] = []

  init(_ text: String, limits: ExpressionLimits) {
    bytes = Array(text.utf8)
    self.limits = limits
  }

  mutating func parse() throws(ExpressionError) -> Node.Index {
    guard bytes.count <= limits.length else {
      throw ExpressionError(.tooLarge, "Expressions may be up to \(limits.length) bytes long.")
    }
    let root = try expression()
    guard position == bytes.count else { throw unexpected("an operator or the end") }
    return root
  }

  // MARK: bytes

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func require(_ byte: UInt8) throws(ExpressionError) {
    guard take(byte) else { throw unexpected("`\(Character(UnicodeScalar(byte)))`") }
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
    position += count
    return true
  }

  private func unexpected(_ expected: String) -> ExpressionError {
    guard position < bytes.count else {
      return ExpressionError(.syntax, "Expected \(expected), found the end.", at: position)
    }
    let found = String(decoding: bytes[position...].prefix(12), as: UTF8.self)
    return ExpressionError(.syntax, "Expected \(expected), found `\(found)`.", at: position)
  }

  private mutating func add(_ node: Node, at start: Int) -> Node.Index {
    nodes.append(node)
    positions.append(Int32(truncatingIfNeeded: start))
    return Node.Index(truncatingIfNeeded: nodes.count - 1)
  }

  private mutating func enter() throws(ExpressionError) {
    depth += 1
    guard depth <= limits.depth else {
      throw ExpressionError(.tooLarge, "Expressions may be nested up to \(limits.depth) levels deep.", at: position)
    }
  }

  // MARK: grammar

  private mutating func expression() throws(ExpressionError) -> Node.Index {
    try enter()
    defer { depth -= 1 }
    skipSpace()
    let start = position
    let test = try binary()
    skipSpace()
    guard take(UInt8(ascii: "?")) else { return test }
    let consequent = try expression()
    try require(UInt8(ascii: ":"))
    let alternate = try expression()
    return add(.conditional(test, consequent, alternate), at: start)
  }

  /// Operands and operators in a row, put together by precedence.
  private mutating func binary() throws(ExpressionError) -> Node.Index {
    var operands = [try operand()]
    var operators: [(symbol: BinaryOperator, position: Int)] = []
    while true {
      let before = position
      skipSpace()
      let start = position
      guard let symbol = takeOperator() else {
        position = before
        break
      }
      skipSpace()
      while let last = operators.last, last.symbol.precedence >= symbol.precedence {
        reduce(&operands, &operators)
      }
      operators.append((symbol, start))
      operands.append(try operand())
    }
    while !operators.isEmpty { reduce(&operands, &operators) }
    return operands[0]
  }

  private mutating func reduce(
    _ operands: inout [Node.Index], _ operators: inout [(symbol: BinaryOperator, position: Int)]
  ) {
    let (symbol, start) = operators.removeLast()
    let right = operands.removeLast()
    let left = operands.removeLast()
    operands.append(add(.binary(symbol, left, right), at: start))
  }

  private mutating func takeOperator() -> BinaryOperator? {
    for candidate in BinaryOperator.ordered {
      let symbol = candidate.rawValue.utf8
      if position + symbol.count <= bytes.count, bytes[position..<position + symbol.count].elementsEqual(symbol) {
        position += symbol.count
        return candidate
      }
    }
    return nil
  }

  private mutating func operand() throws(ExpressionError) -> Node.Index {
    let start = position
    var negations = 0
    while take(UInt8(ascii: "!")) {
      negations += 1
      guard depth + negations <= limits.depth else {
        throw ExpressionError(.tooLarge, "Expressions may be nested up to \(limits.depth) levels deep.", at: position)
      }
      skipSpace()
    }
    var node = try modified()
    for _ in 0..<negations { node = add(.not(node), at: start) }
    return node
  }

  /// A value with the attributes, filters and transforms that follow it.
  private mutating func modified() throws(ExpressionError) -> Node.Index {
    var node = try value()
    while let byte = current {
      let start = position
      switch byte {
      case UInt8(ascii: "."):
        position += 1
        node = add(.attribute(node, try identifier("the name of an attribute")), at: start)
      case UInt8(ascii: "["):
        position += 1
        let outer = sawRelative
        sawRelative = false
        let inner = try expression()
        try require(UInt8(ascii: "]"))
        node = add(sawRelative ? .filter(node, inner) : .subscripted(node, inner), at: start)
        sawRelative = outer
      case UInt8(ascii: "|") where position + 1 < bytes.count && Parser.isNameStart(bytes[position + 1]):
        position += 1
        let name = try identifier("the name of a transform")
        var arguments: [Node.Index] = []
        if take(UInt8(ascii: "(")) {
          arguments = try list()
          try require(UInt8(ascii: ")"))
        }
        node = add(.transform(node, name, arguments), at: start)
      default:
        return node
      }
    }
    return node
  }

  /// One expression or more, separated by commas.
  private mutating func list() throws(ExpressionError) -> [Node.Index] {
    var items = [try expression()]
    while take(UInt8(ascii: ",")) { items.append(try expression()) }
    return items
  }

  private mutating func value() throws(ExpressionError) -> Node.Index {
    let start = position
    guard let byte = current else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return add(.literal(.string(try string(byte))), at: start)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      return add(.literal(try number()), at: start)
    case UInt8(ascii: "("):
      position += 1
      let inner = try expression()
      try require(UInt8(ascii: ")"))
      return inner
    case UInt8(ascii: "["):
      position += 1
      skipSpace()
      if take(UInt8(ascii: "]")) { return add(.array([]), at: start) }
      let items = try list()
      try require(UInt8(ascii: "]"))
      return add(.array(items), at: start)
    case UInt8(ascii: "{"):
      position += 1
      return try object(start)
    case UInt8(ascii: "."):
      position += 1
      let name = try identifier("the name of an attribute")
      sawRelative = true
      return add(.relative(name), at: start)
    default:
      if take("true") { return add(.literal(.bool(true)), at: start) }
      if take("false") { return add(.literal(.bool(false)), at: start) }
      return add(.identifier(try identifier("a value")), at: start)
    }
  }

  private mutating func object(_ start: Int) throws(ExpressionError) -> Node.Index {
    skipSpace()
    if take(UInt8(ascii: "}")) { return add(.object([]), at: start) }
    var members: [(key: String, value: Node.Index)] = []
    repeat {
      skipSpace()
      let key = try identifier("the name of a member")
      skipSpace()
      try require(UInt8(ascii: ":"))
      let value = try expression()
      // The last one of a name counts, at the place of the first.
      if let index = members.firstIndex(where: { $0.key == key }) {
        members[index].value = value
      } else {
        members.append((key, value))
      }
    } while take(UInt8(ascii: ","))
    try require(UInt8(ascii: "}"))
    return add(.object(members), at: start)
  }

  static func isNameStart(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func identifier(_ expected: String) throws(ExpressionError) -> String {
    let start = position
    guard let first = current, Parser.isNameStart(first) else { throw unexpected(expected) }
    position += 1
    while let byte = current, Parser.isNameStart(byte) || Parser.isDigit(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func number() throws(ExpressionError) -> Value {
    let start = position
    let negative = take(UInt8(ascii: "-"))
    guard let first = current, Parser.isDigit(first) else {
      position = start
      throw unexpected("a value")
    }
    var whole: Int64? = 0
    while let byte = current, Parser.isDigit(byte) {
      if let value = whole {
        let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
        let digit = Int64(byte - UInt8(ascii: "0"))
        let (sum, carries) =
          negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
        whole = overflow || carries ? nil : sum
      }
      position += 1
    }
    // A point without a digit behind it begins an attribute.
    if current == UInt8(ascii: "."), position + 1 < bytes.count, Parser.isDigit(bytes[position + 1]) {
      position += 1
      while let byte = current, Parser.isDigit(byte) { position += 1 }
      whole = nil
    }
    if let whole { return .int(whole) }
    return .number(Double(String(decoding: bytes[start..<position], as: UTF8.self)) ?? 0)
  }

  /// The escapes are those of Python; a backslash before any other character stands for itself.
  private mutating func string(_ quote: UInt8) throws(ExpressionError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = current {
      position += 1
      if byte == quote { return String(decoding: content, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &content)
      } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        break
      } else {
        content.append(byte)
      }
    }
    throw ExpressionError(.syntax, "The text that begins here has no end.", at: start)
  }

  private mutating func escape(into content: inout [UInt8]) throws(ExpressionError) {
    let start = position - 1
    guard let byte = current else { return }
    position += 1
    switch byte {
    case UInt8(ascii: "\n"): break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): content.append(byte)
    case UInt8(ascii: "a"): content.append(7)
    case UInt8(ascii: "b"): content.append(8)
    case UInt8(ascii: "t"): content.append(9)
    case UInt8(ascii: "n"): content.append(10)
    case UInt8(ascii: "v"): content.append(11)
    case UInt8(ascii: "f"): content.append(12)
    case UInt8(ascii: "r"): content.append(13)
    case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = byte == UInt8(ascii: "x") ? 2 : byte == UInt8(ascii: "u") ? 4 : 8
      let digits = String(decoding: bytes[position...].prefix(count), as: UTF8.self)
      guard digits.utf8.count == count, digits.utf8.allSatisfy({ Parser.isHexadecimal($0) }),
        let scalar = UInt32(digits, radix: 16).flatMap(UnicodeScalar.init)
      else {
        throw ExpressionError(.syntax, "This escape names no character.", at: start)
      }
      position += count
      content.append(contentsOf: Array(String(Character(scalar)).utf8))
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = UInt32(byte - UInt8(ascii: "0"))
      var count = 1
      while count < 3, let digit = current, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) {
        value = value * 8 + UInt32(digit - UInt8(ascii: "0"))
        position += 1
        count += 1
      }
      if let scalar = UnicodeScalar(value) { content.append(contentsOf: Array(String(Character(scalar)).utf8)) }
    default:
      content.append(UInt8(ascii: "\\"))
      content.append(byte)
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
