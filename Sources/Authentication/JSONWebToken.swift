import Expressions

/// A token in three parts, its header read, its claims not believed yet.
///
/// Source: RFC 7519; RFC 7515, sections 4 and 5.2; RFC 8725.
struct JSONWebToken {
  let algorithm: SignatureAlgorithm
  let keyIdentifier: String?
  private let signedBytes: [UInt8]
  private let payload: [UInt8]
  private let signature: [UInt8]

  /// Three parts: whatever looks so is checked here, and not taken for another kind of token when it fails.
  static func hasShape(_ token: String) -> Bool {
    token.utf8.count { $0 == UInt8(ascii: ".") } == 2
  }

  /// - Throws: why the token cannot be good, whatever its signature.
  init(_ token: String, allowed: Set<SignatureAlgorithm>) throws(Refusal) {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2]), let header = Self.object(header)
    else { throw .invalid("The token is not a JSON Web Token.") }
    guard case .string(let name)? = header["alg"], let algorithm = SignatureAlgorithm(rawValue: name),
      allowed.contains(algorithm)
    else { throw .invalid("The token's algorithm is not allowed.") }
    // An extension that has to be understood is not; and the header's own keys and addresses are never looked at.
    guard header["crit"]?.isNull == true else { throw .invalid("The token needs an extension that is not known.") }
    if case .string(let type)? = header["typ"] {
      let type = type.lowercased()
      guard ["jwt", "at+jwt", "application/jwt", "application/at+jwt"].contains(type) else {
        throw .invalid("The token is not an access token.")
      }
    }
    switch header["kid"] {
    case .string(let identifier)?: keyIdentifier = identifier
    case .null?: keyIdentifier = nil
    default: throw .invalid("The token's key identifier is not a text.")
    }
    self.algorithm = algorithm
    self.payload = payload
    self.signature = signature
    signedBytes = Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
  }

  /// The claims, once one of the keys has signed them.
  ///
  /// - Throws: when none has, or what was signed is no object.
  func claims(signedBy keys: [VerificationKey]) throws(Refusal) -> Value {
    guard keys.contains(where: { $0.isSignature(signature, of: signedBytes, algorithm) }) else {
      throw .invalid("The token's signature is not valid.")
    }
    guard let claims = Self.object(payload) else { throw .invalid("The token's claims are not an object.") }
    return claims
  }

  /// When a token says that it expires; nil when it says nothing. Not verified: good for nothing but to ask the
  /// provider again earlier.
  static func claimedExpiry(_ token: String) -> Int64? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Base64URL.decode(parts[1]), let claims = object(payload) else { return nil }
    return ClaimsPolicy.seconds(claims["exp"])
  }

  private static func object(_ bytes: [UInt8]) -> Value? {
    guard let text = String(validating: bytes, as: UTF8.self), let value = Value(json: text), case .object = value
    else {
      return nil
    }
    return value
  }
}

extension Value {
  var isNull: Bool { if case .null = self { true } else { false } }
}
