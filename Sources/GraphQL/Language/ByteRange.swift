/// A stretch of a source's bytes.
public struct ByteRange: Hashable, Sendable {
  public var start: UInt32
  public var end: UInt32

  public init(_ start: Int, _ end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
  }

  public static let empty = ByteRange(0, 0)

  public var isEmpty: Bool { start == end }
  public var indices: Range<Int> { Int(start)..<Int(end) }
}

/// A contiguous run of nodes in one of a document's arrays.
public struct NodeRange: Hashable, Sendable {
  public var start: UInt32
  public var end: UInt32

  public init(_ start: Int, _ end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
  }

  public static let empty = NodeRange(0, 0)

  public var isEmpty: Bool { start == end }
  public var count: Int { Int(end - start) }
  public var indices: Range<Int> { Int(start)..<Int(end) }
}
