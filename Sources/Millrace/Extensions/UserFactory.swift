/// Makes the user of a request from a verified token.
///
/// - Throws: when the token's bearer may not be let in; the request is answered with status 401 then.
public typealias UserFactory = @Sendable (TokenClaims) async throws -> User

/// A verified token, as a user factory gets it.
public struct TokenClaims: Sendable {
  public let token: String
  public let claims: JSON
  /// The user that the server would make of the token by its settings for names and groups.
  public let standard: User

  public init(token: String, claims: JSON, standard: User) {
    self.token = token
    self.claims = claims
    self.standard = standard
  }
}
