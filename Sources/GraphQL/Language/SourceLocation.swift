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
    var line = 1
    var column = 1
    var index = 0
    let end = min(offset, bytes.count)
    while index < end {
      let byte = bytes[index]
      index += 1
      if byte == 0x0A || (byte == 0x0D && !(index < bytes.count && bytes[index] == 0x0A && index < end)) {
        line += 1
        column = 1
      } else if byte == 0x0D {
        continue
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.line = line
    self.column = column
  }
}
