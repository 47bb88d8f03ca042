import Expressions
import HTTPClient
import Logging

/// Requests to the identity provider.
struct IdentityProvider: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let configuration: AuthenticationConfiguration
  let client: HTTPClient

  // MARK: Keys

  /// The keys that the provider signs with now.
  ///
  /// - Throws: why there are none.
  func keys() async throws -> [VerificationKey] {
    let set = try await object(HTTPClientRequest("GET", try await keySetAddress(), timeout: configuration.timeout))
    guard case .array(let items)? = set["keys"] else { throw Failure(description: "The key set has no list of keys.") }
    let keys = items.prefix(100).compactMap { VerificationKey($0) }
    guard !keys.isEmpty else {
      throw Failure(description: "The key set has no key that tokens could be verified with.")
    }
    return keys
  }

  /// Source: OpenID Connect Discovery 1.0, section 4.
  private func keySetAddress() async throws -> String {
    if let address = configuration.keySetEndpoint { return address }
    guard let issuer = configuration.issuer else { throw Failure(description: "There is no issuer.") }
    let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
    let document = try await object(
      HTTPClientRequest("GET", "\(base)/.well-known/openid-configuration", timeout: configuration.timeout))
    guard case .string(let named)? = document["issuer"], named.utf8.elementsEqual(issuer.utf8) else {
      throw Failure(description: "The discovery document is of another issuer.")
    }
    guard case .string(let address)? = document["jwks_uri"] else {
      throw Failure(description: "The discovery document names no key set.")
    }
    // Keys that come without protection would make the issuer's protection worthless.
    guard address.hasPrefix("https://") || !issuer.hasPrefix("https://") else {
      throw Failure(description: "The discovery document names a key set without TLS.")
    }
    return address
  }

  private func object(_ request: HTTPClientRequest) async throws -> Value {
    let response = try await client.send(request)
    guard response.status == 200 else { throw Failure(description: "\(request.url) answered \(response.status).") }
    return try Self.object(response.body, of: request.url)
  }

  private static func object(_ body: [UInt8], of address: String) throws(Failure) -> Value {
    guard let text = String(validating: body, as: UTF8.self), let value = Value(json: text), case .object = value else {
      throw Failure(description: "\(address) did not answer with a JSON object.")
    }
    return value
  }

  // MARK: Tokens

  /// What the provider says about a token.
  ///
  /// - Returns: the claims, or nil when the token is not good.
  /// - Throws: why the provider did not say.
  func claims(of token: String) async throws -> Value? {
    if configuration.introspectionEndpoint != nil { return try await introspect(token) }
    return try await userinfo(token)
  }

  /// Source: OpenID Connect Core 1.0, section 5.3.
  private func userinfo(_ token: String) async throws -> Value? {
    guard let address = configuration.userinfoEndpoint else { return nil }
    let response = try await client.send(
      HTTPClientRequest(
        "GET", address, headers: [("authorization", "Bearer \(token)"), ("accept", "application/json")],
        timeout: configuration.timeout))
    switch response.status {
    case 200: return try Self.object(response.body, of: address)
    case 400, 401, 403: return nil
    default: throw Failure(description: "\(address) answered \(response.status).")
    }
  }

  /// Source: RFC 7662, section 2.
  private func introspect(_ token: String) async throws -> Value? {
    guard let address = configuration.introspectionEndpoint else { return nil }
    let client = configuration.introspection
    let credentials = "\(FormText.encode(client.clientIdentifier)):\(FormText.encode(client.clientSecret))"
    var headers = [
      (name: "content-type", value: "application/x-www-form-urlencoded"), (name: "accept", value: "application/json"),
    ]
    if !client.clientIdentifier.isEmpty { headers.append(("authorization", "Basic \(FormText.base64(credentials))")) }
    let body = "token=\(FormText.encode(token))&token_type_hint=access_token"
    let claims = try await object(
      HTTPClientRequest("POST", address, headers: headers, body: Array(body.utf8), timeout: configuration.timeout))
    guard case .bool(let isActive)? = claims["active"] else {
      throw Failure(description: "\(address) does not say whether the token is active.")
    }
    return isActive ? claims : nil
  }
}
