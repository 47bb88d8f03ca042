import Authentication
import EventLoop
import HTTPClient
import Logging
import WorkflowEngine

/// Who a request acts for: what the token says, as the workflow knows it. One per loop, for every transport.
final class CallerAuthenticator: @unchecked Sendable {  // confined to its loop's thread
  private let authenticator: Authenticator

  /// - Throws: when requests to the identity provider cannot be made at all.
  init(loop: EventLoop, configuration: ServerConfiguration, logger: Logger) throws {
    let settings = configuration.authentication
    var client: HTTPClient?
    if settings.needsProvider {
      var http = HTTPClientConfiguration()
      http.trust = configuration.providerTrust
      client = try HTTPClient(loop: loop, configuration: http)
    }
    authenticator = Authenticator(loop: loop, configuration: settings, client: client, logger: logger)
  }

  /// The caller, when that needs nobody else's answer; otherwise nil, and `authenticate` will find out.
  ///
  /// - Parameter headerValue: of `Authorization`.
  func immediate(headerValue: String?) -> Result<Caller, Refusal>? {
    authenticator.immediate(headerValue: headerValue)?.map(Self.caller)
  }

  func authenticate(headerValue: String?) async -> Result<Caller, Refusal> {
    await authenticator.authenticate(headerValue: headerValue).map(Self.caller)
  }

  /// As Caluma does, the first group is the one that the user acts for.
  private static func caller(_ identity: Identity?) -> Caller {
    Caller(user: identity?.username, group: identity?.groups.first)
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
