/// Finds line and column of many offsets of one source text, each in constant time: the state of counting is kept for
/// the start of every block. Worth its making where errors may have thousands of locations.
struct LocationIndex {
  private static let blockSize = 256

  private let source: ContiguousArray<UInt8>
  private var blocks: ContiguousArray<SourceLocation> = []

  init(_ source: ContiguousArray<UInt8>) {
    self.source = source
    blocks.reserveCapacity(source.count / Self.blockSize + 1)
    source.withUnsafeBufferPointer { bytes in
      var location = SourceLocation(line: 1, column: 1)
      for start in stride(from: 0, through: bytes.count, by: Self.blockSize) {
        blocks.append(location)
        location = location.advanced(over: start..<min(start + Self.blockSize, bytes.count), of: bytes)
      }
    }
  }

  subscript(offset: UInt32) -> SourceLocation {
    let offset = min(Int(offset), source.count)
    let block = offset / Self.blockSize
    return source.withUnsafeBufferPointer { bytes in
      blocks[block].advanced(over: (block * Self.blockSize)..<offset, of: bytes)
    }
  }
}
