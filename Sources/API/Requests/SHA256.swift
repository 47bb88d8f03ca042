import CCrypto

/// SHA-256, by OpenSSL.
///
/// Source: FIPS 180-4.
public enum SHA256 {
  /// The digest in lower-case hexadecimal digits; empty when the library has no room.
  public static func hex(_ bytes: ContiguousArray<UInt8>) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let isDone = bytes.withUnsafeBufferPointer { millrace_sha256($0.baseAddress, $0.count, &digest) }
    guard isDone == 1 else { return "" }
    return String(unsafeUninitializedCapacity: digest.count * 2) { text in
      for (index, byte) in digest.enumerated() {
        text[index * 2] = digit(byte >> 4)
        text[index * 2 + 1] = digit(byte & 15)
      }
      return digest.count * 2
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }

  /// Whether a text is a digest in lower-case hexadecimal digits.
  public static func isHex(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 || $0 &- UInt8(ascii: "a") < 6 }
  }
}
