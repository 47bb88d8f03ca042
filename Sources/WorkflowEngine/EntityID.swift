/// The id of a case, a work item, a flow or a document: sixteen bytes without a meaning to the engine.
public struct EntityID: Hashable, Sendable, Comparable, LosslessStringConvertible {
  /// The first eight bytes, big-endian.
  public var high: UInt64
  /// The last eight bytes, big-endian.
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Ids are made by the server with random low bytes, so that these are enough.
  public func hash(into hasher: inout Hasher) { hasher.combine(low) }

  public static func < (left: EntityID, right: EntityID) -> Bool {
    left.high != right.high ? left.high < right.high : left.low < right.low
  }

  /// The canonical text of a UUID, lower case.
  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      for index in 0..<16 {
        let word = index < 8 ? high : low
        let byte = UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index % 8)))
        if index == 4 || index == 6 || index == 8 || index == 10 {
          buffer[position] = UInt8(ascii: "-")
          position += 1
        }
        for digit in [byte >> 4, byte & 15] {
          buffer[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
          position += 1
        }
      }
      return position
    }
  }

  /// Reads 32 hexadecimal digits, with or without dashes between the groups; nil for anything else.
  public init?(_ text: some StringProtocol) {
    var words: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for byte in text.utf8 {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      case UInt8(ascii: "-") where digits == 8 || digits == 12 || digits == 16 || digits == 20: continue
      default: return nil
      }
      guard digits < 32 else { return nil }
      if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
      digits += 1
    }
    guard digits == 32 else { return nil }
    self.init(high: words.0, low: words.1)
  }
}
