/// Who is let in, and how tokens are verified.
public struct AuthenticationConfiguration: Sendable {
  public enum Anonymous: String, CaseIterable, Sendable {
    case allow, refuse
  }

  /// How the provider tells what a token that is not verified here means (RFC 7662).
  public struct Introspection: Sendable {
    public var clientIdentifier = ""
    public var clientSecret = ""
  }

  /// Who a request acts as without a token, and with the static one. Nil leaves them anonymous.
  public var developmentUser: Identity?
  /// One token that is known beforehand.
  public var staticToken: String?
  /// Nil refuses as soon as any token is verified.
  public var anonymous: Anonymous?

  /// The issuer of tokens that are verified here; its discovery document names the key set.
  public var issuer: String?
  /// Where the keys are, when there is no discovery document.
  public var keySetEndpoint: String?
  /// Audiences one of which a token has to name; nil takes tokens for anyone.
  public var audiences: Set<String>?
  /// Algorithms that tokens may be signed with.
  public var algorithms: Set<SignatureAlgorithm> = [.rs256, .ps256, .es256, .edDSA, .ed25519]
  /// Seconds by which the provider's clock may differ.
  public var leeway: Int64 = 30
  /// Seconds after which keys are asked for again.
  public var keySetAge: UInt64 = 600
  /// Seconds for which keys are used after that, while the provider does not answer.
  public var keySetStaleFor: UInt64 = 86_400
  /// Milliseconds between two fetches of the keys at least.
  public var keySetCooldown: UInt64 = 5_000

  public var userinfoEndpoint: String?
  public var introspectionEndpoint: String?
  public var introspection = Introspection()
  /// Seconds for which the provider's answer about a token is believed; 0 asks every time.
  public var revalidationTime: Int64 = 30
  /// Tokens whose meaning is kept, per loop.
  public var cacheCapacity = 10_000

  public var usernameClaim = "sub"
  public var groupsClaim = "caluma_groups"
  /// Milliseconds for one request to the provider.
  public var timeout: UInt64 = 5_000

  public init() {}

  /// Tokens are verified here with the provider's keys.
  public var verifiesSignatures: Bool { issuer != nil || keySetEndpoint != nil }
  /// The provider is asked about tokens.
  public var asksProvider: Bool { userinfoEndpoint != nil || introspectionEndpoint != nil }
  public var needsProvider: Bool { verifiesSignatures || asksProvider }
  /// Whether requests can show who they are from.
  public var verifiesTokens: Bool { needsProvider || staticToken != nil }

  public var allowsAnonymous: Bool {
    anonymous.map { $0 == .allow } ?? !verifiesTokens
  }
}
