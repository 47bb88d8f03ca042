/// A value of the input side: what a variable, an argument or a default comes to.
public enum Value: Hashable, Sendable {
  case null
  case boolean(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  /// The name of an enum value.
  case enumeration(String)
  case list([Value])
  /// Fields in the order in which they were given, or of the schema once coerced.
  case object([Field])

  public struct Field: Hashable, Sendable {
    public var name: String
    public var value: Value

    public init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// A field of an object; nil when the value is no object or has no such field.
  public subscript(_ name: String) -> Value? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.name == name }?.value
  }

  public var isNull: Bool { self == .null }

  public var string: String? {
    switch self {
    case .string(let text), .enumeration(let text): text
    default: nil
    }
  }

  public var int: Int? {
    if case .int(let value) = self { value } else { nil }
  }

  public var boolean: Bool? {
    if case .boolean(let value) = self { value } else { nil }
  }

  public var list: [Value]? {
    if case .list(let items) = self { items } else { nil }
  }

  /// Appends the value as JSON.
  public func write(into output: inout OutputBuffer) {
    switch self {
    case .null: output.append("null")
    case .boolean(let value): output.append(value ? "true" : "false")
    case .int(let value): output.append(integer: value)
    case .float(let value): output.append(double: value)
    case .string(let text), .enumeration(let text): output.append(string: text)
    case .list(let items):
      output.append("[")
      for (number, item) in items.enumerated() {
        if number > 0 { output.append(",") }
        item.write(into: &output)
      }
      output.append("]")
    case .object(let fields):
      output.append("{")
      for (number, field) in fields.enumerated() {
        if number > 0 { output.append(",") }
        output.append(string: field.name)
        output.append(":")
        field.value.write(into: &output)
      }
      output.append("}")
    }
  }

  /// As JSON text.
  public var json: String {
    var output = OutputBuffer()
    write(into: &output)
    return String(decoding: output.bytes, as: UTF8.self)
  }
}

/// A field's coerced arguments: those that were given or have a default.
public struct ArgumentValues: Sendable {
  public let values: [Value.Field]

  public init(_ values: [Value.Field] = []) {
    self.values = values
  }

  /// Nil when the argument was not given.
  public subscript(_ name: String) -> Value? {
    values.first { $0.name == name }?.value
  }
}
