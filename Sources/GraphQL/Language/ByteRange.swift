/// A half-open range of bytes in a source text.
public struct ByteRange: Sendable, Equatable, BitwiseCopyable {
  /// Offset of the first byte.
  public var start: UInt32
  /// Offset after the last byte.
  public var end: UInt32

  public init(start: UInt32, end: UInt32) {
    self.start = start
    self.end = end
  }

  /// Number of bytes.
  public var count: Int { Int(end &- start) }
}
