import CCrypto
import Expressions

/// One public key of a provider's key set.
///
/// Source: RFC 7517, section 4; RFC 7518, section 6; RFC 8037, section 2.
final class VerificationKey: @unchecked Sendable {  // never changes; OpenSSL reads a key from any thread
  /// Bits of an RSA modulus: fewer are not safe (RFC 7518, section 3.3), more cost too much.
  private static let modulusBits: ClosedRange<Int32> = 2_048...8_192

  /// How tokens name the key.
  let identifier: String?
  private let type: SignatureAlgorithm.KeyType
  private let curve: String?
  /// The one algorithm that the provider uses the key with, when it says so.
  private let algorithm: String?
  private let encoded: [UInt8]
  private let key: OpaquePointer

  /// Nil for a key that is not for checking signatures, or of a kind that is not known, or not sound.
  init?(_ jwk: Value) {
    guard case .string(let typeName)? = jwk["kty"], let type = SignatureAlgorithm.KeyType(rawValue: typeName),
      Self.isForSignatures(jwk)
    else { return nil }
    let curve = Self.text(jwk["crv"])
    let der: [UInt8]?
    switch type {
    case .rsa:
      guard let modulus = Self.bytes(jwk["n"]), let exponent = Self.bytes(jwk["e"]), exponent.count <= 8 else {
        return nil
      }
      der = SubjectPublicKeyInfo.rsa(modulus: modulus, exponent: exponent)
    case .ellipticCurve:
      guard let curve, let x = Self.bytes(jwk["x"]), let y = Self.bytes(jwk["y"]) else { return nil }
      der = SubjectPublicKeyInfo.ellipticCurve(curve, x: x, y: y)
    case .octetPair:
      guard curve == "Ed25519", let x = Self.bytes(jwk["x"]) else { return nil }
      der = SubjectPublicKeyInfo.ed25519(x)
    }
    guard let der, let key = millrace_public_key_read(der, der.count) else { return nil }
    guard type != .rsa || Self.modulusBits.contains(millrace_public_key_bits(key)) else {
      millrace_public_key_free(key)
      return nil
    }
    identifier = Self.text(jwk["kid"])
    algorithm = Self.text(jwk["alg"])
    self.type = type
    self.curve = curve
    encoded = der
    self.key = key
  }

  deinit {
    millrace_public_key_free(key)
  }

  private static func isForSignatures(_ jwk: Value) -> Bool {
    if let use = text(jwk["use"]), use != "sig" { return false }
    if case .array(let operations)? = jwk["key_ops"], !operations.contains("verify") { return false }
    return true
  }

  private static func text(_ value: Value?) -> String? {
    if case .string(let text)? = value { text } else { nil }
  }

  private static func bytes(_ value: Value?) -> [UInt8]? {
    text(value).flatMap { Base64URL.decode($0) }
  }

  /// Whether both are one key under one name.
  func isSame(as other: VerificationKey) -> Bool {
    encoded == other.encoded && identifier == other.identifier && algorithm == other.algorithm
  }

  /// Whether a token that names this key and algorithm may be checked with it.
  func matches(_ identifier: String?, _ algorithm: SignatureAlgorithm) -> Bool {
    if let identifier {
      // Byte for byte: for Swift, texts that only look alike are equal.
      guard let own = self.identifier, own.utf8.elementsEqual(identifier.utf8) else { return false }
    }
    guard type == algorithm.keyType, self.algorithm == nil || self.algorithm == algorithm.rawValue else { return false }
    return algorithm.curve == nil || algorithm.curve == curve
  }

  func isSignature(_ signature: [UInt8], of bytes: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
    guard !signature.isEmpty else { return false }
    return millrace_public_key_verify(
      key, algorithm.signature, algorithm.digest, signature, signature.count, bytes, bytes.count) == 1
  }
}
