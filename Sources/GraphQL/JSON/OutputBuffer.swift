/// The bytes of a response under construction. Nothing is checked for being JSON; the writers know.
public struct OutputBuffer {
  public private(set) var bytes: ContiguousArray<UInt8> = []

  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  public var count: Int { bytes.count }

  public mutating func append(_ byte: UInt8) {
    bytes.append(byte)
  }

  public mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public mutating func append(contentsOf raw: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: raw)
  }

  /// Cuts the buffer back, when what was written since turned out not to count.
  public mutating func truncate(to count: Int) {
    bytes.removeLast(bytes.count - count)
  }

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }

  public mutating func append(integer: Int) {
    if integer < 0 { append(UInt8(ascii: "-")) }
    append(digits: integer.magnitude)
  }

  private mutating func append(digits value: UInt) {
    var rest = value
    var reversed: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &reversed) { scratch in
      var position = scratch.count
      repeat {
        position -= 1
        scratch[position] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[position...]))
    }
  }

  /// Appends a finite number in the shortest form that reads back as the same value; whole numbers have no
  /// fraction, as in JavaScript.
  public mutating func append(double: Double) {
    if double.magnitude < 1e15, let whole = Int(exactly: double) {
      append(integer: whole)
    } else {
      bytes.append(contentsOf: double.description.utf8)
    }
  }

  /// Appends a JSON string.
  public mutating func append(string: String) {
    var copy = string
    copy.withUTF8 { append(stringBytes: UnsafeRawBufferPointer($0)) }
  }

  /// Appends UTF-8 text as a JSON string.
  public mutating func append(stringBytes text: UnsafeRawBufferPointer) {
    bytes.append(UInt8(ascii: "\""))
    var plain = 0
    for index in 0..<text.count {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[plain..<index]))
      plain = index + 1
      append(escape: byte)
    }
    bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[plain...]))
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(escape byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
    default:
      let hexadecimal = Array("0123456789abcdef".utf8)
      append("u00")
      bytes.append(hexadecimal[Int(byte >> 4)])
      bytes.append(hexadecimal[Int(byte & 15)])
    }
  }

  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes(body)
  }
}
