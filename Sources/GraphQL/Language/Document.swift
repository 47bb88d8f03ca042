/// A parsed document: its bytes, its nodes in one flat array, its names as integers. Immutable.
public final class Document: Sendable {
  /// The source text.
  public let source: ContiguousArray<UInt8>
  /// All nodes; the first is the document itself.
  public let nodes: ContiguousArray<Node>
  /// All names.
  public let names: NameTable
  /// The fragments by name; of several with one name, the first.
  let fragments: [NameID: NodeID]

  init(source: ContiguousArray<UInt8>, nodes: ContiguousArray<Node>, names: NameTable) {
    self.source = source
    self.nodes = nodes
    self.names = names
    var fragments: [NameID: NodeID] = [:]
    var definition = nodes[0].children
    while !definition.isNone {
      let node = nodes[definition.index]
      if node.kind == .fragmentDefinition, fragments[node.name] == nil { fragments[node.name] = definition }
      definition = node.next
    }
    self.fragments = fragments
  }

  @inline(__always)
  public subscript(_ id: NodeID) -> Node {
    nodes.withUnsafeBufferPointer { $0[id.index] }
  }

  /// The definitions.
  public var definitions: NodeList { list(nodes[0].children) }

  /// The nodes of the chain that starts at a node.
  public func list(_ first: NodeID) -> NodeList { NodeList(document: self, first: first) }

  /// Number of nodes in the chain.
  public func count(_ first: NodeID) -> Int {
    var count = 0
    var id = first
    while !id.isNone {
      count += 1
      id = self[id].next
    }
    return count
  }

  /// The text of a name.
  public func string(_ name: NameID) -> String { names.string(name) }

  /// The text of a node's name.
  public func name(_ id: NodeID) -> String { names.string(self[id].name) }

  /// The source bytes of a node, as text.
  public func text(_ id: NodeID) -> String {
    let node = self[id]
    return withBytes(node.start, node.end) { String(decoding: $0, as: UTF8.self) }
  }

  /// The source bytes of a range.
  public func withBytes<R>(_ start: UInt32, _ end: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    source.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[Int(start)..<Int(end)])) }
  }

  /// Line and column of a byte offset.
  public func location(offset: UInt32) -> SourceLocation {
    source.withUnsafeBufferPointer { SourceLocation(offset: Int(offset), in: $0) }
  }

  /// Line and column of a node.
  public func location(_ id: NodeID) -> SourceLocation { location(offset: self[id].start) }

  /// Line and column of a node's name.
  public func nameLocation(_ id: NodeID) -> SourceLocation { location(offset: self[id].nameStart) }

  /// The value of a string literal, escapes resolved and block strings dedented.
  public func stringValue(_ id: NodeID) -> String {
    String(decoding: stringBytes(id), as: UTF8.self)
  }

  /// The bytes of a string literal's value.
  public func stringBytes(_ id: NodeID) -> [UInt8] {
    let node = self[id]
    return withBytes(node.start, node.end) { StringLiteral.value(of: $0, isBlock: node.isBlock) }
  }

  /// The description of a definition, or nil.
  public func description(_ id: NodeID) -> String? {
    let description = self[id].description
    return description.isNone ? nil : stringValue(description)
  }
}

/// A chain of sibling nodes.
public struct NodeList: Sequence, IteratorProtocol {
  let document: Document
  var following: NodeID

  init(document: Document, first: NodeID) {
    self.document = document
    following = first
  }

  public mutating func next() -> NodeID? {
    guard !following.isNone else { return nil }
    let id = following
    following = document[id].next
    return id
  }

  /// Whether there is no node.
  public var isEmpty: Bool { following.isNone }
}
