/// Public keys in the form in which cryptographic libraries read them.
///
/// Source: RFC 5280, section 4.1; RFC 8017, appendix A.1.1; RFC 5480; RFC 8410.
enum SubjectPublicKeyInfo {
  static func rsa(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
    let key = sequence(integer(modulus) + integer(exponent))
    return info(algorithm: identifier([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]) + [0x05, 0x00], key: key)
  }

  /// Nil for a curve that tokens are not signed with.
  static func ellipticCurve(_ name: String, x: [UInt8], y: [UInt8]) -> [UInt8]? {
    let curve: (identifier: [UInt8], bytes: Int)
    switch name {
    case "P-256": curve = ([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], 32)
    case "P-384": curve = ([0x2B, 0x81, 0x04, 0x00, 0x22], 48)
    case "P-521": curve = ([0x2B, 0x81, 0x04, 0x00, 0x23], 66)
    default: return nil
    }
    guard x.count == curve.bytes, y.count == curve.bytes else { return nil }
    let algorithm = identifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]) + identifier(curve.identifier)
    return info(algorithm: algorithm, key: [0x04] + x + y)
  }

  static func ed25519(_ x: [UInt8]) -> [UInt8]? {
    x.count == 32 ? info(algorithm: identifier([0x2B, 0x65, 0x70]), key: x) : nil
  }

  private static func info(algorithm: [UInt8], key: [UInt8]) -> [UInt8] {
    sequence(sequence(algorithm) + element(0x03, [0x00] + key))
  }

  private static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

  private static func identifier(_ bytes: [UInt8]) -> [UInt8] { element(0x06, bytes) }

  /// A number that is not negative: without leading zeros, with one where its first bit would be a sign.
  private static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(bytes.drop { $0 == 0 })
    return element(0x02, (digits.first ?? 0x80) & 0x80 != 0 ? [0x00] + digits : digits)
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }
}
