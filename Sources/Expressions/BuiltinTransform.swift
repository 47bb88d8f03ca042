/// The transforms that every expression knows; raw values are their names.
public enum BuiltinTransform: String, Sendable, CaseIterable {
  case debug, mapby, stringify, flatten, length, min, max, sum, avg, round, ceil, floor

  func apply(to subject: Value, _ arguments: [Value]) throws(ExpressionError) -> Value {
    switch self {
    case .debug: return subject
    case .mapby: return try mapby(subject, arguments)
    case .stringify: return .string(subject.json)
    case .flatten: return try flatten(subject)
    case .length: return subject.elements.map { .int(Int64($0.count)) } ?? .null
    case .min: return try numbers(subject).min { $0.size < $1.size }?.value ?? .null
    case .max: return try numbers(subject).max { $0.size < $1.size }?.value ?? .null
    case .sum: return try numbers(subject).reduce(into: Sum()) { $0.add($1.value) }.value
    case .avg:
      let all = try numbers(subject)
      return all.isEmpty ? .null : .number(all.reduce(0) { $0 + $1.size } / Double(all.count))
    case .round: return try round(subject, arguments)
    case .ceil: return BuiltinTransform.whole(subject, .up)
    case .floor: return BuiltinTransform.whole(subject, .down)
    }
  }

  /// One key gives the list of the members of that name, several give a list of lists.
  private func mapby(_ subject: Value, _ keys: [Value]) throws(ExpressionError) -> Value {
    guard case .array(let items) = subject else { return .null }
    var result: [Value] = []
    for item in items {
      guard case .object = item else {
        throw ExpressionError(.type, "`mapby` needs a list of objects, found \(item.typeName).")
      }
      let values = keys.map { key in
        if case .string(let name) = key { item[name] ?? .null } else { Value.null }
      }
      result.append(values.count == 1 ? values[0] : .array(values))
    }
    return .array(result)
  }

  private func flatten(_ subject: Value) throws(ExpressionError) -> Value {
    guard case .array(let items) = subject else { return .null }
    var result: [Value] = []
    for item in items {
      guard let elements = item.elements else {
        throw ExpressionError(.type, "`flatten` needs a list of lists, found \(item.typeName).")
      }
      result += elements
    }
    return .array(result)
  }

  /// The numbers of a list; everything else in it is passed over.
  private func numbers(_ subject: Value) throws(ExpressionError) -> [(value: Value, size: Double)] {
    guard let items = subject.elements else {
      throw ExpressionError(.type, "`\(rawValue)` needs a list, found \(subject.typeName).")
    }
    return items.compactMap { item in
      guard let size = item.asNumber, !size.isNaN else { return nil }
      return (item, size)
    }
  }

  private struct Sum {
    var value = Value.int(0)

    mutating func add(_ other: Value) {
      if let a = value.asInt, let b = other.asInt {
        let (sum, overflow) = a.addingReportingOverflow(b)
        if !overflow {
          value = .int(sum)
          return
        }
      }
      value = .number((value.asNumber ?? 0) + (other.asNumber ?? 0))
    }
  }

  /// Half goes away from zero, decided on the decimal digits of the number.
  private func round(_ subject: Value, _ arguments: [Value]) throws(ExpressionError) -> Value {
    guard let size = subject.asNumber, size.isFinite else { return .null }
    var digits = 0
    if let first = arguments.first {
      guard case .int(let given) = first, (-300...300).contains(given) else {
        throw ExpressionError(.type, "`round` needs a number of digits, found \(first.typeName).")
      }
      digits = Int(given)
    }
    let shifted = BuiltinTransform.shift(size, by: digits).rounded(.toNearestOrAwayFromZero)
    return .number(BuiltinTransform.shift(shifted, by: -digits))
  }

  /// Moves the decimal point through the shortest digits of the number, so that 2.675 is half of a cent.
  private static func shift(_ number: Double, by digits: Int) -> Double {
    let text = number.description
    guard let mark = text.firstIndex(of: "e") else { return Double("\(text)e\(digits)") ?? number }
    let exponent = Int(text[text.index(after: mark)...]) ?? 0
    return Double("\(text[..<mark])e\(exponent + digits)") ?? number
  }

  private static func whole(_ subject: Value, _ rule: FloatingPointRoundingRule) -> Value {
    if let value = subject.asInt { return .int(value) }
    guard let value = subject.asNumber, let whole = Int64(exactly: value.rounded(rule)) else { return .null }
    return .int(whole)
  }
}
