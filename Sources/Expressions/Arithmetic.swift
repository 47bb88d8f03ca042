import Glibc

/// The binary operators that look at both operands, with Python's rules.
enum Arithmetic {
  /// What looking at both operands costs: for `in` and `intersects` everything may be compared with everything.
  static func steps(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Int {
    switch symbol {
    case .contained, .intersects:
      let (pairs, overflow) = (left.cost / 16).multipliedReportingOverflow(by: right.cost / 16)
      return overflow ? .max : 1 + pairs / 16
    case .equal, .notEqual: return 1 + min(left.treeCost, right.treeCost) / 64
    default: return 1 + (left.cost + right.cost) / 256
    }
  }

  /// Roughly the bytes that the result will have, known before it is made. Repetition counts what a list holds
  /// as often as it is repeated: it is shared, but walking over the result meets it every time.
  static func size(_ symbol: BinaryOperator, _ left: Value, _ right: Value) -> Int {
    switch symbol {
    case .plus: return left.cost + right.cost
    case .times:
      let (value, count) = left.asInt == nil ? (left, right.asInt ?? 1) : (right, left.asInt ?? 1)
      switch value {
      case .string, .array:
        let (size, overflow) = value.treeCost.multipliedReportingOverflow(by: Int(max(count, 1)))
        return overflow ? .max : size
      default: return 16
      }
    default: return 16
    }
  }

  static func apply(_ symbol: BinaryOperator, _ left: Value, _ right: Value) throws(ExpressionError) -> Value {
    switch symbol {
    case .equal: return .bool(left == right)
    case .notEqual: return .bool(left != right)
    case .less: return .bool(try isLess(left, right, "<"))
    case .greater: return .bool(try isLess(right, left, ">"))
    case .lessOrEqual: return .bool(try isLessOrEqual(left, right, "<="))
    case .greaterOrEqual: return .bool(try isLessOrEqual(right, left, ">="))
    case .contained: return .bool(try contains(right, left))
    case .intersects: return .bool(try intersects(left, right))
    case .plus:
      switch (left, right) {
      case (.string(let a), .string(let b)): return .string(a + b)
      case (.array(let a), .array(let b)): return .array(a + b)
      default: return try compute(symbol, left, right)
      }
    case .times:
      if case .string(let text) = left, let count = right.asInt {
        return .string(String(repeating: text, count: Int(max(count, 0))))
      }
      if case .string(let text) = right, let count = left.asInt {
        return .string(String(repeating: text, count: Int(max(count, 0))))
      }
      if case .array(let items) = left, let count = right.asInt { return .array(repeated(items, count)) }
      if case .array(let items) = right, let count = left.asInt { return .array(repeated(items, count)) }
      return try compute(symbol, left, right)
    default: return try compute(symbol, left, right)
    }
  }

  private static func repeated(_ items: [Value], _ count: Int64) -> [Value] {
    guard count > 0 else { return [] }
    return Array((0..<Int(count)).lazy.map { _ in items }.joined())
  }

  private static func mismatch(_ symbol: String, _ left: Value, _ right: Value) -> ExpressionError {
    ExpressionError(.type, "`\(symbol)` does not work between \(left.typeName) and \(right.typeName).")
  }

  // MARK: comparison

  private static func isLess(_ left: Value, _ right: Value, _ symbol: String) throws(ExpressionError) -> Bool {
    if let a = left.asInt, let b = right.asInt { return a < b }
    if let a = left.asNumber, let b = right.asNumber { return a < b }
    switch (left, right) {
    case (.string(let a), .string(let b)):
      return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
    case (.array(let a), .array(let b)):
      for (x, y) in zip(a, b) where x != y { return try isLess(x, y, symbol) }
      return a.count < b.count
    default:
      throw mismatch(symbol, left, right)
    }
  }

  private static func isLessOrEqual(
    _ left: Value, _ right: Value, _ symbol: String
  ) throws(ExpressionError) -> Bool {
    if let a = left.asInt, let b = right.asInt { return a <= b }
    if let a = left.asNumber, let b = right.asNumber { return a <= b }
    switch (left, right) {
    case (.string, .string): return !(try isLess(right, left, symbol))
    case (.array(let a), .array(let b)):
      for (x, y) in zip(a, b) where x != y { return try isLessOrEqual(x, y, symbol) }
      return a.count <= b.count
    default:
      throw mismatch(symbol, left, right)
    }
  }

  // MARK: membership

  private static func contains(_ container: Value, _ element: Value) throws(ExpressionError) -> Bool {
    switch (container, element) {
    case (.array(let items), _): return items.contains(element)
    case (.object(let members), .string(let key)): return members.contains { $0.key == key }
    case (.object, _): return false
    case (.string(let text), .string(let part)): return text.containsBytes(of: part)
    default: throw mismatch("in", element, container)
    }
  }

  private static func intersects(_ left: Value, _ right: Value) throws(ExpressionError) -> Bool {
    guard let items = left.elements, right.elements != nil else { throw mismatch("intersects", left, right) }
    for item in items where try contains(right, item) { return true }
    return false
  }

  // MARK: numbers

  private static func compute(
    _ symbol: BinaryOperator, _ left: Value, _ right: Value
  ) throws(ExpressionError) -> Value {
    guard let x = left.asNumber, let y = right.asNumber else { throw mismatch(symbol.rawValue, left, right) }
    let isDivision = symbol == .divide || symbol == .floorDivide || symbol == .modulo
    guard !(isDivision && y == 0) else { throw ExpressionError(.arithmetic, "division by zero") }
    if let a = left.asInt, let b = right.asInt, let exact = whole(symbol, a, b) { return .int(exact) }
    let result: Double
    switch symbol {
    case .plus: result = x + y
    case .minus: result = x - y
    case .times: result = x * y
    case .divide: result = x / y
    case .floorDivide: result = (x / y).rounded(.down)
    case .modulo:
      let rest = x.truncatingRemainder(dividingBy: y)
      result = rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
    case .power:
      guard !(x == 0 && y < 0) else { throw ExpressionError(.arithmetic, "division by zero") }
      result = pow(x, y)
    default: throw mismatch(symbol.rawValue, left, right)
    }
    guard result.isFinite || !x.isFinite || !y.isFinite else {
      throw ExpressionError(.arithmetic, "The result of `\(symbol.rawValue)` is out of range.")
    }
    return .number(result)
  }

  /// The result as a whole number, nil if it is none or does not fit.
  private static func whole(_ symbol: BinaryOperator, _ a: Int64, _ b: Int64) -> Int64? {
    func checked(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? {
      result.overflow ? nil : result.partialValue
    }
    switch symbol {
    case .plus: return checked(a.addingReportingOverflow(b))
    case .minus: return checked(a.subtractingReportingOverflow(b))
    case .times: return checked(a.multipliedReportingOverflow(by: b))
    case .floorDivide:
      guard let quotient = checked(a.dividedReportingOverflow(by: b)) else { return nil }
      return quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient
    case .modulo:
      guard let rest = checked(a.remainderReportingOverflow(dividingBy: b)) else { return 0 }
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    case .power:
      guard b >= 0 else { return nil }
      if a == 0 || a == 1 { return b == 0 ? 1 : a }
      if a == -1 { return b % 2 == 0 ? 1 : -1 }
      var result: Int64 = 1
      guard b < 64 else { return nil }
      for _ in 0..<b {
        guard let next = checked(result.multipliedReportingOverflow(by: a)) else { return nil }
        result = next
      }
      return result
    default: return nil
    }
  }
}

extension String {
  func containsBytes(of part: String) -> Bool {
    let text = Array(utf8), part = Array(part.utf8)
    guard !part.isEmpty else { return true }
    guard text.count >= part.count else { return false }
    for start in 0...(text.count - part.count) where text[start] == part[0] {
      if text[start..<start + part.count].elementsEqual(part) { return true }
    }
    return false
  }
}
