/// A place in a source, as clients count it: from 1, in lines that end with LF, CR or CRLF, and in Unicode
/// scalars' UTF-16 units within the line as other implementations do.
public struct SourceLocation: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The location of a byte offset.
  public init(offset: Int, in bytes: ContiguousArray<UInt8>) {
    var line = 1
    var column = 1
    var index = 0
    while index < min(offset, bytes.count) {
      let byte = bytes[index]
      if byte == 0x0A || byte == 0x0D {
        if byte == 0x0D, index + 1 < offset, bytes[index + 1] == 0x0A { index += 1 }
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        // A scalar beyond the basic plane counts twice, as a surrogate pair.
        column += byte >= 0xF0 ? 2 : 1
      }
      index += 1
    }
    self.line = line
    self.column = column
  }
}
