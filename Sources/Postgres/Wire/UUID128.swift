/// A UUID as Postgres sends it: 16 bytes, most significant first.
public struct UUID128: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// From the 16 bytes of the binary format.
  init(_ bytes: UnsafeRawBufferPointer) {
    high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  /// From text: 32 hexadecimal digits, with the usual hyphens or without; nil for anything else.
  public init?(_ text: some StringProtocol) {
    // Almost every text has its bytes in a row, and these need no generic code.
    let found = text.utf8.withContiguousStorageIfAvailable { Self.read($0) }
    guard let found = found ?? Array(text.utf8).withUnsafeBufferPointer({ Self.read($0) }) else { return nil }
    self = found
  }

  private static func read(_ text: UnsafeBufferPointer<UInt8>) -> UUID128? {
    guard text.count == 36 || text.count == 32 else { return nil }
    var digits = 0
    var high: UInt64 = 0
    var low: UInt64 = 0
    for (position, byte) in text.enumerated() {
      let digit: UInt64
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte - UInt8(ascii: "A")) + 10
      case UInt8(ascii: "-") where position == 8 || position == 13 || position == 18 || position == 23: continue
      default: return nil
      }
      if digits < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
      digits += 1
    }
    return digits == 32 ? UUID128(high: high, low: low) : nil
  }

  public static func < (first: UUID128, second: UUID128) -> Bool {
    (first.high, first.low) < (second.high, second.low)
  }

  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      write { byte in
        buffer[position] = byte
        position += 1
      }
      return position
    }
  }

  /// Calls `emit` with the 36 characters of the canonical form.
  @inline(__always)
  public func write(_ emit: (UInt8) -> Void) {
    for (word, base) in [(high, 0), (low, 16)] {
      for index in 0..<16 {
        let place = base + index
        if place == 8 || place == 12 || place == 16 || place == 20 { emit(UInt8(ascii: "-")) }
        let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - index * 4)) & 15
        emit(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
      }
    }
  }
}
