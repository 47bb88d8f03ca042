/// A position in a source text as errors report it: line and column, both from one; columns count code points.
public struct SourceLocation: Sendable, Equatable, Hashable {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The location of a byte offset. A line ends with LF, CR or CR LF (spec section 2.1.2).
  public init(offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    self = SourceLocation(line: 1, column: 1).advanced(over: 0..<min(offset, bytes.count), of: bytes)
  }

  /// The location at the end of a range, for one that is known to be at its start.
  func advanced(over range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> SourceLocation {
    var line = line
    var column = column
    for index in range {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0x0D {
        // A carriage return before a line feed belongs to it.
        if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return SourceLocation(line: line, column: column)
  }
}
