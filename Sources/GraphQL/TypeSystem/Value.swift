/// A coerced input value, as resolvers see it; also an untyped JSON value before coercion.
public indirect enum Value: Sendable, Equatable {
  case null
  case boolean(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  /// The name of an enum value.
  case enumValue(String)
  case list([Value])
  case object(ValueObject)

  /// Whether the value is null.
  public var isNull: Bool { self == .null }

  /// The text of a string or enum value.
  public var string: String? {
    switch self {
    case .string(let text), .enumValue(let text): text
    default: nil
    }
  }

  /// The integer, also of a float that has no fraction.
  public var int: Int64? {
    switch self {
    case .int(let number): number
    case .float(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// The number as a float.
  public var float: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  /// The Boolean.
  public var boolean: Bool? {
    if case .boolean(let flag) = self { flag } else { nil }
  }

  /// The items of a list.
  public var list: [Value]? {
    if case .list(let items) = self { items } else { nil }
  }

  /// The fields of an object.
  public var object: ValueObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// A field of an object; nil if the field is absent or this is no object. A present null is `.null`.
  public subscript(name: String) -> Value? { object?[name] }
}

/// Ordered fields of an input object or JSON object. An absent field and a null one differ.
public struct ValueObject: Sendable, Equatable {
  /// One field.
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: Value

    public init(name: String, value: Value) {
      self.name = name
      self.value = value
    }
  }

  /// The fields in order.
  public var fields: [Field]

  public init(_ fields: [Field] = []) { self.fields = fields }

  /// The value of a field, or nil if it is absent.
  public subscript(name: String) -> Value? {
    get { fields.last { $0.name == name }?.value }
    set {
      if let index = fields.lastIndex(where: { $0.name == name }) {
        if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
      } else if let newValue {
        fields.append(Field(name: name, value: newValue))
      }
    }
  }
}
