/// A type with its list and non-null wrappers (spec section 3.4.1), in 16 bytes.
public struct TypeReference: Sendable, Hashable, BitwiseCopyable {
  /// The innermost type.
  public var named: TypeID
  /// Two bits per wrapper, the outermost lowest: 1 is a list, 2 is non-null.
  var wrappers: UInt64

  /// Most wrappers a reference holds.
  static let maxWrappers = 32

  /// The bare type.
  public init(_ named: TypeID) {
    self.named = named
    wrappers = 0
  }

  init(named: TypeID, wrappers: UInt64) {
    self.named = named
    self.wrappers = wrappers
  }

  /// Whether null is not a value.
  @inline(__always) public var isNonNull: Bool { wrappers & 3 == 2 }
  /// Whether the outermost wrapper is a list; false for a non-null list.
  @inline(__always) public var isList: Bool { wrappers & 3 == 1 }
  /// Whether there is no wrapper.
  @inline(__always) public var isNamed: Bool { wrappers == 0 }
  /// The type without its outermost wrapper.
  @inline(__always) public var ofType: TypeReference { TypeReference(named: named, wrappers: wrappers >> 2) }
  /// The type without non-null on the outside.
  @inline(__always) public var nullable: TypeReference { isNonNull ? ofType : self }
  /// The list type of this type.
  public var list: TypeReference { TypeReference(named: named, wrappers: wrappers << 2 | 1) }
  /// The non-null type of this type.
  public var nonNull: TypeReference { isNonNull ? self : TypeReference(named: named, wrappers: wrappers << 2 | 2) }
}
