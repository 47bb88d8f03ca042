/// The six kinds of named types (spec section 3.4).
public enum TypeKind: UInt8, Sendable, BitwiseCopyable {
  case scalar, object, interface, union, `enum`, inputObject

  /// The name of `__TypeKind`.
  public var name: String {
    switch self {
    case .scalar: "SCALAR"
    case .object: "OBJECT"
    case .interface: "INTERFACE"
    case .union: "UNION"
    case .enum: "ENUM"
    case .inputObject: "INPUT_OBJECT"
    }
  }

  /// Whether selections apply to it.
  @inline(__always) public var isComposite: Bool { self == .object || self == .interface || self == .union }
  /// Whether it stands for several object types.
  @inline(__always) public var isAbstract: Bool { self == .interface || self == .union }
  /// Whether it is a scalar or an enum.
  @inline(__always) public var isLeaf: Bool { self == .scalar || self == .enum }
  /// Whether it can be the type of an argument.
  @inline(__always) public var isInput: Bool { isLeaf || self == .inputObject }
  /// Whether it can be the type of a field.
  @inline(__always) public var isOutput: Bool { self != .inputObject }
}
