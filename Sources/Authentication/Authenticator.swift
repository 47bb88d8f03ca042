import EventLoop
import Expressions
import Glibc
import HTTPClient
import Logging

/// Finds out who a request is from. One per loop; it knows nothing of HTTP but the value of `Authorization`, so that
/// other transports can ask it as well.
///
/// A token that is not good is refused, never taken for an anonymous request.
public final class Authenticator: @unchecked Sendable {  // confined to its loop's thread
  /// `nil` is an anonymous request that is allowed.
  public typealias Outcome = Result<Identity?, Refusal>

  /// Seconds for which a token that was verified here is not verified again.
  private static let verifiedFor: Int64 = 60
  /// Seconds for which the provider is not asked again about a token that it refused.
  private static let refusedFor: Int64 = 5
  /// Tokens about which the provider is asked at once; more are told to come back.
  private static let mostUnderWay = 1_024

  private let configuration: AuthenticationConfiguration
  private let loop: EventLoop
  private let provider: IdentityProvider?
  private let logger: Logger
  private let policy: ClaimsPolicy
  private let now: @Sendable () -> Int64
  private let keys: ProviderKeys
  private var cache: TokenCache
  /// Of the keys that the tokens in the cache were verified with.
  private var revision: Int
  private var underWay: [TokenHash: Task<Result<Identity, Refusal>, Never>] = [:]

  /// - Parameters:
  ///   - keys: what all loops know of the provider's keys.
  ///   - client: for requests to the provider; needed when the configuration needs a provider.
  ///   - now: the time in seconds since 1970.
  public init(
    loop: EventLoop, configuration: AuthenticationConfiguration, keys: ProviderKeys, client: HTTPClient?,
    logger: Logger,
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.configuration = configuration
    self.loop = loop
    self.logger = logger
    self.now = now
    provider = client.map { IdentityProvider(configuration: configuration, client: $0) }
    policy = ClaimsPolicy(
      issuer: configuration.issuer, audiences: configuration.audiences, leeway: configuration.leeway,
      usernameClaim: configuration.usernameClaim, groupsClaim: configuration.groupsClaim)
    self.keys = keys
    revision = keys.revision
    cache = TokenCache(capacity: configuration.cacheCapacity)
  }

  /// Who the request is from, when that needs nobody else's answer; otherwise nil, and `authenticate` will find out.
  public func immediate(headerValue: String?) -> Outcome? {
    let token: String
    switch BearerToken(headerValue: headerValue) {
    case .none: return withoutToken()
    case .malformed(let message):
      return isOpen ? .success(configuration.developmentUser) : .failure(Refusal(.malformed, message))
    case .token(let text): token = text
    }
    if let expected = configuration.staticToken, BearerToken.isEqual(token, expected) {
      return .success(configuration.developmentUser)
    }
    guard configuration.needsProvider else {
      return isOpen
        ? .success(configuration.developmentUser) : .failure(.invalid("The bearer token is not valid."))
    }
    if revision != keys.revision {
      // A key was withdrawn: what it has signed is good no longer, and the cache does not know which tokens these are.
      revision = keys.revision
      cache = TokenCache(capacity: configuration.cacheCapacity)
    }
    let hash = TokenHash(token)
    if let known = cache.outcome(hash, now: now()) { return known.map { $0 } }
    guard configuration.verifiesSignatures, JSONWebToken.hasShape(token) else {
      return configuration.asksProvider ? nil : .failure(.invalid("The token is not a JSON Web Token."))
    }
    return verify(token, hash, mayFetch: true).map { $0.map { $0 } }
  }

  /// Who the request is from. The provider is asked when it has to be, once for all requests with the same token.
  public func authenticate(headerValue: String?) async -> Outcome {
    if let outcome = immediate(headerValue: headerValue) { return outcome }
    guard case .token(let token) = BearerToken(headerValue: headerValue) else { return withoutToken() }
    let hash = TokenHash(token)
    if configuration.verifiesSignatures, JSONWebToken.hasShape(token) {
      await fetchKeys()?.value
      return (verify(token, hash, mayFetch: false) ?? .failure(.unavailable)).map { $0 }
    }
    return await ask(token, hash).map { $0 }
  }

  /// The token of a value of `Authorization`, whether it is good or not.
  public static func token(headerValue: String?) -> String? {
    if case .token(let token) = BearerToken(headerValue: headerValue) { token } else { nil }
  }

  /// Nobody is kept out: there is a development user, and nothing that a token could be checked against.
  private var isOpen: Bool {
    configuration.developmentUser != nil && configuration.staticToken == nil && !configuration.needsProvider
  }

  private func withoutToken() -> Outcome {
    if configuration.staticToken == nil, let user = configuration.developmentUser { return .success(user) }
    return configuration.allowsAnonymous ? .success(nil) : .failure(Refusal(.missing, "A bearer token is needed."))
  }

  // MARK: Tokens that are verified here

  /// Nil when the provider's keys have to be fetched first.
  private func verify(_ token: String, _ hash: TokenHash, mayFetch: Bool) -> Result<Identity, Refusal>? {
    do throws(Refusal) {
      let parsed = try JSONWebToken(token, allowed: configuration.algorithms)
      let decision = keys.decide(
        identifier: parsed.keyIdentifier, algorithm: parsed.algorithm, now: loop.now, mayFetch: mayFetch)
      let found: [VerificationKey]
      switch decision {
      case .keys(let keys): found = keys
      case .keysAndRefresh(let keys):
        found = keys
        fetchKeys()
      case .fetch: return nil
      case .unknown: throw .invalid("The token's key is not one of the provider's.")
      case .unavailable: throw .unavailable
      }
      let claims = try parsed.claims(signedBy: found)
      let time = now()
      try policy.check(claims, now: time, expires: true)
      let identity = try policy.identity(claims)
      let end = min(time + Self.verifiedFor, ClaimsPolicy.seconds(claims["exp"]) ?? time)
      cache.insert(.success(identity), hash, until: end, now: time)
      return .success(identity)
    } catch {
      return .failure(error)
    }
  }

  @discardableResult
  private func fetchKeys() -> Task<Void, Never>? {
    keys.fetch(on: loop) { [provider] in
      guard let provider else { throw IdentityProvider.Failure(description: "There is no HTTP client.") }
      return try await provider.keys()
    } failed: { [logger] error in
      logger.warning("The identity provider's keys cannot be fetched.", metadata: ["error": "\(error)"])
    }
  }

  // MARK: Tokens that the provider is asked about

  private func ask(_ token: String, _ hash: TokenHash) async -> Result<Identity, Refusal> {
    if let task = underWay[hash] { return await task.value }
    guard underWay.count < Self.mostUnderWay else { return .failure(.unavailable) }
    let task = Task(executorPreference: loop.taskExecutor) { [self] in
      let outcome = await askProvider(token, hash)
      underWay[hash] = nil
      return outcome
    }
    underWay[hash] = task
    return await task.value
  }

  private func askProvider(_ token: String, _ hash: TokenHash) async -> Result<Identity, Refusal> {
    let answer: Value?
    do {
      guard let provider else { throw IdentityProvider.Failure(description: "There is no HTTP client.") }
      answer = try await provider.claims(of: token)
    } catch {
      logger.warning("The identity provider does not tell about a token.", metadata: ["error": "\(error)"])
      return .failure(.unavailable)
    }
    let time = now()
    var end = time + configuration.revalidationTime
    let outcome: Result<Identity, Refusal>
    do throws(Refusal) {
      guard let answer else { throw .invalid("The identity provider does not accept the token.") }
      // The endpoint of the issuer itself need not repeat who and for whom it is; introspection may say it.
      var policy = policy
      let isUserinfo = configuration.introspectionEndpoint == nil
      if isUserinfo {
        policy.issuer = nil
        policy.audiences = nil
      } else if case .null? = answer["iss"] {
        policy.issuer = nil
      }
      try policy.check(answer, now: time, expires: false)
      outcome = .success(try policy.identity(answer))
      for expiry in [ClaimsPolicy.seconds(answer["exp"]), JSONWebToken.claimedExpiry(token)] {
        if let expiry { end = min(end, expiry) }
      }
    } catch {
      outcome = .failure(error)
      end = time + min(configuration.revalidationTime, Self.refusedFor)
    }
    cache.insert(outcome, hash, until: end, now: time)
    return outcome
  }
}
