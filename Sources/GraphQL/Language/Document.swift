/// A parsed document: flat arrays of small nodes that point into each other and into the source's bytes.
///
/// Spec: section 2. Nodes are values without references, so that a document costs a few allocations whatever
/// its size, and walking it touches contiguous memory.
public struct Document: Sendable {
  public let bytes: ContiguousArray<UInt8>
  public internal(set) var operations: [OperationDefinition] = []
  public internal(set) var fragments: [FragmentDefinition] = []
  public internal(set) var typeSystem: [TypeSystemDefinition] = []

  var selections: ContiguousArray<SelectionNode> = []
  var fields: ContiguousArray<FieldNode> = []
  var arguments: ContiguousArray<ArgumentNode> = []
  var directives: ContiguousArray<DirectiveNode> = []
  var values: ContiguousArray<ValueNode> = []
  var objectFields: ContiguousArray<ObjectFieldNode> = []
  var variables: ContiguousArray<VariableNode> = []
  var types: ContiguousArray<TypeNode> = []
  var inputValues: ContiguousArray<InputValueNode> = []
  var fieldDefinitions: ContiguousArray<FieldDefinitionNode> = []
  var enumValues: ContiguousArray<EnumValueNode> = []
  var names: ContiguousArray<ByteRange> = []
  /// What is selected, in source order within each set.
  var rootOperationTypes: ContiguousArray<RootOperationTypeNode> = []

  init(bytes: ContiguousArray<UInt8>) {
    self.bytes = bytes
  }

  public var byteCount: Int { bytes.count }

  public func text(_ range: ByteRange) -> String {
    String(decoding: bytes[range.indices], as: UTF8.self)
  }

  public func location(_ offset: UInt32) -> SourceLocation {
    SourceLocation(offset: Int(offset), in: bytes)
  }

  /// Whether two stretches of the source read the same.
  func equal(_ first: ByteRange, _ second: ByteRange) -> Bool {
    bytes[first.indices].elementsEqual(bytes[second.indices])
  }

  public func fragment(named name: ByteRange) -> FragmentDefinition? {
    fragments.first { equal($0.name, name) }
  }
}

public enum OperationKind: UInt8, Sendable {
  case query, mutation, subscription

  public var name: String {
    switch self {
    case .query: "query"
    case .mutation: "mutation"
    case .subscription: "subscription"
    }
  }
}

public struct OperationDefinition: Sendable {
  public var kind: OperationKind
  public var name: ByteRange
  var description: Int32
  var variables: NodeRange
  var directives: NodeRange
  var selections: NodeRange
  public var start: UInt32
  /// Written as a bare selection set.
  var isShorthand: Bool
}

public struct FragmentDefinition: Sendable {
  var name: ByteRange
  var description: Int32
  var typeCondition: ByteRange
  var directives: NodeRange
  var selections: NodeRange
  var start: UInt32
}

enum SelectionNode: Sendable {
  /// Number of the field in `fields`.
  case field(Int32)
  case spread(name: ByteRange, directives: NodeRange, start: UInt32)
  /// The type condition is empty when there is none.
  case inline(typeCondition: ByteRange, directives: NodeRange, selections: NodeRange, start: UInt32)
}

public struct FieldNode: Sendable {
  var alias: ByteRange
  var name: ByteRange
  var arguments: NodeRange
  var directives: NodeRange
  var selections: NodeRange
  /// Whether braces stand behind the field.
  var hasSelectionSet: Bool
  var start: UInt32

  var responseName: ByteRange { alias.isEmpty ? name : alias }
}

struct ArgumentNode: Sendable {
  var name: ByteRange
  var value: Int32
  var start: UInt32
}

struct DirectiveNode: Sendable {
  var name: ByteRange
  var arguments: NodeRange
  var start: UInt32
}

struct ValueNode: Sendable {
  enum Kind: UInt8, Sendable {
    case variable, int, float, string, blockString, boolean, null, enumeration, list, object
  }

  var kind: Kind
  /// The token; for a variable its name without the dollar sign.
  var text: ByteRange
  /// Items in `values` (through `names` is not needed: items are contiguous) or fields in `objectFields`.
  var children: NodeRange
  var start: UInt32
}

struct ObjectFieldNode: Sendable {
  var name: ByteRange
  var value: Int32
  var start: UInt32
}

struct VariableNode: Sendable {
  var name: ByteRange
  var type: Int32
  /// -1 without a default.
  var defaultValue: Int32
  var directives: NodeRange
  var start: UInt32
}

struct TypeNode: Sendable {
  enum Kind: UInt8, Sendable { case named, list, nonNull }

  var kind: Kind
  var name: ByteRange
  /// The wrapped type; -1 for a named one.
  var inner: Int32
  var start: UInt32
}

// MARK: Type system

struct InputValueNode: Sendable {
  var description: Int32
  var name: ByteRange
  var type: Int32
  var defaultValue: Int32
  var directives: NodeRange
  var start: UInt32
}

struct FieldDefinitionNode: Sendable {
  var description: Int32
  var name: ByteRange
  var arguments: NodeRange
  var type: Int32
  var directives: NodeRange
  var start: UInt32
}

struct EnumValueNode: Sendable {
  var description: Int32
  var name: ByteRange
  var directives: NodeRange
  var start: UInt32
}

struct RootOperationTypeNode: Sendable {
  var operation: OperationKind
  var type: ByteRange
  var start: UInt32
}

public struct TypeSystemDefinition: Sendable {
  enum Kind: UInt8, Sendable {
    case schema, scalar, object, interface, union, enumeration, inputObject, directive
  }

  var kind: Kind
  var isExtension: Bool
  var description: Int32
  var name: ByteRange
  var directives: NodeRange
  /// Implemented interfaces, members of a union, or locations of a directive: a range of `names`.
  var names: NodeRange
  /// Fields of an object or interface.
  var fields: NodeRange
  /// Fields of an input object, or arguments of a directive.
  var inputs: NodeRange
  var enumValues: NodeRange
  var rootTypes: NodeRange
  var isRepeatable: Bool
  var start: UInt32
}
