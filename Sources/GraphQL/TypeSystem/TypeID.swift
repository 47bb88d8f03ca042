/// Index of a type in its schema.
public struct TypeID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32
  @inline(__always) public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// No type.
  public static var none: TypeID { TypeID(.max) }
  @inline(__always) public var isNone: Bool { rawValue == .max }
  @inline(__always) public var index: Int { Int(rawValue) }
}

/// Index of an object's or interface's field in its schema.
public struct FieldID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32
  @inline(__always) public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// No field.
  public static var none: FieldID { FieldID(.max) }
  @inline(__always) public var isNone: Bool { rawValue == .max }
  @inline(__always) public var index: Int { Int(rawValue) }
}

/// Index of an argument or input field in its schema.
public struct InputValueID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32
  @inline(__always) public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  /// No input value.
  public static var none: InputValueID { InputValueID(.max) }
  @inline(__always) public var isNone: Bool { rawValue == .max }
  @inline(__always) public var index: Int { Int(rawValue) }
}

/// Index of a directive in its schema.
public struct DirectiveID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32
  @inline(__always) public init(_ rawValue: UInt32) { self.rawValue = rawValue }
  @inline(__always) public var index: Int { Int(rawValue) }
}
