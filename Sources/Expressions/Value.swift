/// A value of an expression: JSON, with whole numbers kept apart from others.
public enum Value: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case number(Double)
  case string(String)
  case array([Value])
  case object([Member])

  /// One member of an object. Keys are unique within an object.
  public struct Member: Sendable, Equatable {
    public var key: String
    public var value: Value

    public init(key: String, value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// What error messages call the type.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .number: "number"
    case .string: "text"
    case .array: "list"
    case .object: "object"
    }
  }

  /// Python's truth: null, false, zero, and empty texts, lists and objects are false.
  public var isTrue: Bool {
    switch self {
    case .null: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .number(let value): value != 0
    case .string(let value): !value.isEmpty
    case .array(let value): !value.isEmpty
    case .object(let value): !value.isEmpty
    }
  }

  /// Booleans count as one and zero.
  var asInt: Int64? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    default: nil
    }
  }

  /// Booleans count as one and zero.
  var asNumber: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The member of an object; null if there is none.
  public subscript(key: String) -> Value? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value ?? .null
  }

  /// Roughly the bytes that this value occupies itself, without what it holds.
  var cost: Int {
    switch self {
    case .string(let value): 16 + value.utf8.count
    case .array(let value): 32 + 16 * value.count
    case .object(let value): 32 + 48 * value.count
    default: 16
    }
  }

  /// The same with everything that it holds.
  var treeCost: Int {
    switch self {
    case .array(let items): items.reduce(cost) { $0 &+ $1.treeCost }
    case .object(let members): members.reduce(cost) { $0 &+ $1.value.treeCost }
    default: cost
    }
  }
}

extension Value: Equatable {
  /// Python's equality: types have to match, but a number equals another of the same size, and true equals one.
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): return true
    case (.string(let a), .string(let b)): return a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): return a == b
    case (.object(let a), .object(let b)):
      guard a.count == b.count else { return false }
      let other = Dictionary(b.lazy.map { ($0.key, $0.value) }) { _, last in last }
      return a.allSatisfy { other[$0.key] == $0.value }
    default:
      if let a = left.asInt, let b = right.asInt { return a == b }
      if let a = left.asNumber, let b = right.asNumber { return a == b }
      return false
    }
  }
}
