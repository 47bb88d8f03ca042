/// Base64 as in RFC 4648 section 4, with padding: what global ids and cursors are written in.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Calls `emit` with each character of the encoding.
  @inline(__always)
  public static func encode(_ bytes: some Collection<UInt8>, emit: (UInt8) -> Void) {
    var pending: UInt32 = 0
    var count = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        for shift in [18, 12, 6, 0] as [UInt32] { emit(alphabet[Int(pending >> shift & 63)]) }
        pending = 0
        count = 0
      }
    }
    if count == 1 {
      emit(alphabet[Int(pending >> 2 & 63)])
      emit(alphabet[Int(pending << 4 & 63)])
      emit(UInt8(ascii: "="))
      emit(UInt8(ascii: "="))
    } else if count == 2 {
      emit(alphabet[Int(pending >> 10 & 63)])
      emit(alphabet[Int(pending >> 4 & 63)])
      emit(alphabet[Int(pending << 2 & 63)])
      emit(UInt8(ascii: "="))
    }
  }

  /// The decoded bytes, or nil when the text is not base64. Padding may be missing.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 3 / 4)
    var pending: UInt32 = 0
    var bits = 0
    var ended = false
    for byte in text {
      if byte == UInt8(ascii: "=") {
        ended = true
        continue
      }
      guard !ended, let digit = value(of: byte) else { return nil }
      pending = pending << 6 | digit
      bits += 6
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
      }
    }
    // A single digit left over carries no whole byte.
    return bits == 6 ? nil : output
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
