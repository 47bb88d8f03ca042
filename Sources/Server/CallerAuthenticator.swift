import Authentication
import EventLoop
import HTTPClient
import Logging
import Millrace

/// Who a request acts for: what the token says, as extension points see it. One per loop, for every transport.
final class CallerAuthenticator: @unchecked Sendable {  // confined to its loop's thread
  private let authenticator: Authenticator
  /// Makes users of verified tokens; nil for the standard way.
  private let factory: UserFactory?
  private let logger: Logger

  /// - Parameter keys: what all loops know of the provider's keys.
  /// - Throws: when requests to the identity provider cannot be made at all.
  init(
    loop: EventLoop, configuration: ServerConfiguration, keys: ProviderKeys, factory: UserFactory?, logger: Logger
  ) throws {
    let settings = configuration.authentication
    var client: HTTPClient?
    if settings.needsProvider {
      var http = HTTPClientConfiguration()
      http.trust = configuration.providerTrust
      client = try HTTPClient(loop: loop, configuration: http)
    }
    authenticator = Authenticator(loop: loop, configuration: settings, keys: keys, client: client, logger: logger)
    self.factory = factory
    self.logger = logger
  }

  /// The user, when that needs nobody else's answer; otherwise nil, and `authenticate` will find out.
  ///
  /// - Parameter headerValue: of `Authorization`.
  func immediate(headerValue: String?) throws(Refusal) -> User? {
    guard let outcome = authenticator.immediate(headerValue: headerValue) else { return nil }
    let user = Self.user(try outcome.get(), headerValue)
    return needsFactory(user) ? nil : user
  }

  func authenticate(headerValue: String?) async throws(Refusal) -> User {
    let user = Self.user(try await authenticator.authenticate(headerValue: headerValue).get(), headerValue)
    guard needsFactory(user), let factory, let token = user.token else { return user }
    do {
      return try await factory(TokenClaims(token: token, claims: user.claims, standard: user))
    } catch {
      logger.info("The user factory lets the bearer of a token not in.", metadata: ["error": "\(error)"])
      let message = (error as? MillraceError)?.message ?? "The token's bearer is not let in."
      throw Refusal(.invalid, message)
    }
  }

  /// A factory makes users of what a provider says, not of those that the configuration names.
  private func needsFactory(_ user: User) -> Bool {
    factory != nil && user.token != nil && user.hasClaims
  }

  /// As Caluma does, the first group is the one that the user acts for.
  private static func user(_ identity: Identity?, _ headerValue: String?) -> User {
    guard let identity else { return .anonymous }
    return User(
      name: identity.username, groups: identity.groups, claims: identity.claims,
      token: Authenticator.token(headerValue: headerValue))
  }
}

extension Rejection {
  init(_ refusal: Refusal) {
    var fields: [(name: String, value: String)] = []
    if let challenge = refusal.challenge { fields.append(("www-authenticate", challenge)) }
    if refusal.reason == .unavailable { fields.append(("retry-after", "1")) }
    self.init(refusal.status, refusal.code, refusal.message, fields: fields)
  }
}
