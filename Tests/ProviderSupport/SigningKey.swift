import CTestCrypto

/// A key pair of a provider.
public final class SigningKey: @unchecked Sendable {  // never changes; OpenSSL reads a key from any thread
  public let kind: String
  public let identifier: String
  private let key: OpaquePointer

  public init(_ kind: String, identifier: String, bits: Int32 = 2_048) {
    self.kind = kind
    self.identifier = identifier
    guard let key = test_key_make(kind, bits) else { preconditionFailure("OpenSSL knows \(kind).") }
    self.key = key
  }

  deinit {
    test_key_free(key)
  }

  public func part(_ name: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2_048)
    let count = test_key_part(key, name, &bytes, bytes.count)
    return Array(bytes.prefix(count))
  }

  /// The public key as a key set has it.
  public func jwk(extra: String = "") -> String {
    let parts: String
    switch kind {
    case "RSA": parts = "\"kty\":\"RSA\",\"n\":\"\(Self.encode(part("n")))\",\"e\":\"\(Self.encode(part("e")))\""
    case "Ed25519": parts = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\(Self.encode(part("pub")))\""
    default:
      let point = part("pub").dropFirst()
      let half = point.count / 2
      parts = """
        "kty":"EC","crv":"\(kind)","x":"\(Self.encode(Array(point.prefix(half))))","y":"\(Self.encode(Array(point.suffix(half))))"
        """
    }
    return "{\"kid\":\"\(identifier)\",\(parts)\(extra)}"
  }

  /// A token with these claims; the header says what the test wants it to say.
  public func token(_ claims: String, algorithm: String, header: String? = nil) -> String {
    let header = header ?? "{\"alg\":\"\(algorithm)\",\"typ\":\"JWT\",\"kid\":\"\(identifier)\"}"
    let signed = "\(Self.encode(Array(header.utf8))).\(Self.encode(Array(claims.utf8)))"
    let bytes = Array(signed.utf8)
    var signature = [UInt8](repeating: 0, count: 2_048)
    let digest = Int32(algorithm.suffix(3)) ?? 0
    let count = test_key_sign(
      key, digest, algorithm.hasPrefix("PS") ? 1 : 0, bytes, bytes.count, &signature, signature.count)
    return "\(signed).\(Self.encode(Array(signature.prefix(count))))"
  }

  /// A token that is signed with a secret, as HS256 does.
  public static func symmetricToken(_ claims: String, identifier: String, secret: [UInt8]) -> String {
    let signed = "\(encode(Array("{\"alg\":\"HS256\",\"kid\":\"\(identifier)\"}".utf8))).\(encode(Array(claims.utf8)))"
    let bytes = Array(signed.utf8)
    var digest = [UInt8](repeating: 0, count: 64)
    let count = test_hmac_sha256(secret, secret.count, bytes, bytes.count, &digest)
    return "\(signed).\(encode(Array(digest.prefix(count))))"
  }

  public static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var text: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> count) & 63])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << (6 - count)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }
}

/// Keys that several tests use; making them takes a while.
public enum TestKeys {
  public static let rsa = SigningKey("RSA", identifier: "rsa-1")
  public static let other = SigningKey("RSA", identifier: "rsa-2")
  public static let curve = SigningKey("P-256", identifier: "ec-1")
}
