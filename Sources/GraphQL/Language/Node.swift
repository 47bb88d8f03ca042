/// Index of a node in its document.
public struct NodeID: Sendable, Hashable, BitwiseCopyable {
  public let rawValue: UInt32

  @inline(__always)
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// No node.
  public static var none: NodeID { NodeID(.max) }

  @inline(__always)
  public var isNone: Bool { rawValue == .max }

  /// For use as an array index.
  @inline(__always)
  public var index: Int { Int(rawValue) }
}

/// The operation that an operation definition or a root operation type is of.
public enum OperationType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case query, mutation, subscription

  /// The keyword.
  public var keyword: String {
    switch self {
    case .query: "query"
    case .mutation: "mutation"
    case .subscription: "subscription"
    }
  }
}

/// One node of the syntax tree. All kinds share one layout, so that a document is one flat array; the accessors say
/// which kinds use a slot. Lists are chains: a slot holds the first node, `next` leads to its sibling.
public struct Node: Sendable, BitwiseCopyable {
  public var kind: NodeKind
  /// Kind-dependent bits, see `operation`, `isBlock`, `boolean`, `isRepeatable`, `isShorthand`.
  var flags: UInt8 = 0
  /// Bytes of the node in the source.
  public var start: UInt32
  public var end: UInt32 = 0
  /// Where the name's token starts.
  public var nameStart: UInt32 = 0
  /// Name in the document's table: of a definition, field, fragment, argument, directive, variable, enum value or named
  /// type.
  public var name: NameID = .none
  /// Alias of a field.
  public var alias: NameID = .none
  /// Next node of the same list.
  public var next: NodeID = .none
  /// String value that describes a definition.
  public var description: NodeID = .none
  /// First directive.
  public var directives: NodeID = .none
  var first: NodeID = .none
  var second: NodeID = .none
  var third: NodeID = .none

  init(kind: NodeKind, start: UInt32) {
    self.kind = kind
    self.start = start
  }

  /// First argument of a field, directive or fragment spread; first argument definition of a field definition or
  /// directive definition.
  public var arguments: NodeID { first }
  /// First variable definition of an operation or fragment.
  public var variables: NodeID { first }
  /// First interface (named type) of an object or interface type.
  public var interfaces: NodeID { first }
  /// Default value of a variable definition or input value definition.
  public var defaultValue: NodeID { first }
  /// Selection set of an operation, field or fragment.
  public var selectionSet: NodeID { second }
  /// First child: selection of a selection set, value of a list, field of an object value, field definition, enum
  /// value, union member, directive location, root operation type or definition of the document.
  public var children: NodeID { second }
  /// Type of a variable, field, input value or root operation; inner type of a list or non-null type; type condition.
  public var type: NodeID { third }
  /// Type condition of a fragment.
  public var typeCondition: NodeID { third }
  /// Value of an argument or object field.
  public var value: NodeID { third }

  /// Operation of an operation definition or root operation type definition.
  public var operation: OperationType { OperationType(rawValue: flags & 3) ?? .query }
  /// Whether a string value is a block string.
  public var isBlock: Bool { flags & 1 != 0 }
  /// Whether a string value has escapes (or is a block), so that its value differs from its bytes.
  public var hasEscapes: Bool { flags & 2 != 0 }
  /// The value of a Boolean literal.
  public var boolean: Bool { flags & 1 != 0 }
  /// Whether a directive definition is repeatable.
  public var isRepeatable: Bool { flags & 1 != 0 }
  /// Whether an operation is written as a bare selection set.
  public var isShorthand: Bool { flags & 4 != 0 }
  /// The name under which a field answers. Only for fields.
  public var responseName: NameID { alias.isNone ? name : alias }
}
