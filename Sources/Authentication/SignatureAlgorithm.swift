import CCrypto

/// How a token may be signed: with a private key, whose public one the provider publishes. Neither `none` nor a
/// symmetric algorithm has a case here, so that no setting can allow one.
///
/// Source: RFC 7518, section 3.1; RFC 8037; RFC 9864.
public enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
  case rs256 = "RS256"
  case rs384 = "RS384"
  case rs512 = "RS512"
  case ps256 = "PS256"
  case ps384 = "PS384"
  case ps512 = "PS512"
  case es256 = "ES256"
  case es384 = "ES384"
  case es512 = "ES512"
  case edDSA = "EdDSA"
  case ed25519 = "Ed25519"

  /// The kind of key in a key set that it goes with.
  enum KeyType: String {
    case rsa = "RSA"
    case ellipticCurve = "EC"
    case octetPair = "OKP"
  }

  var keyType: KeyType {
    switch self {
    case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: .rsa
    case .es256, .es384, .es512: .ellipticCurve
    case .edDSA, .ed25519: .octetPair
    }
  }

  /// The curve that the key has to be on.
  var curve: String? {
    switch self {
    case .es256: "P-256"
    case .es384: "P-384"
    case .es512: "P-521"
    case .edDSA, .ed25519: "Ed25519"
    default: nil
    }
  }

  var signature: millrace_signature {
    switch self {
    case .rs256, .rs384, .rs512: millrace_rsa_pkcs1
    case .ps256, .ps384, .ps512: millrace_rsa_pss
    case .es256, .es384, .es512: millrace_ecdsa
    case .edDSA, .ed25519: millrace_ed25519
    }
  }

  var digest: Int32 {
    switch self {
    case .rs256, .ps256, .es256: 256
    case .rs384, .ps384, .es384: 384
    case .rs512, .ps512, .es512: 512
    case .edDSA, .ed25519: 0
    }
  }
}
