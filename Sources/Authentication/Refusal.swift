/// Why a request is not let in.
///
/// Source: RFC 6750, section 3.
public struct Refusal: Error, Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// There is no token, and anonymous requests are not allowed.
    case missing
    /// The `Authorization` field is not of the form `Bearer <token>`.
    case malformed
    /// The token is not good.
    case invalid
    /// Whether the token is good cannot be found out at the moment.
    case unavailable
  }

  public let reason: Reason
  /// A sentence for the client. It holds nothing of the token.
  public let message: String

  public init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  /// The HTTP status: 401, or 503 when trying again later may help.
  public var status: Int { reason == .unavailable ? 503 : 401 }

  /// The code of a GraphQL error.
  public var code: String { reason == .unavailable ? "UNAVAILABLE" : "UNAUTHENTICATED" }

  /// The value of `WWW-Authenticate`; nil where none belongs.
  public var challenge: String? {
    switch reason {
    case .missing: "Bearer"
    case .malformed: "Bearer error=\"invalid_request\", error_description=\"\(quoted)\""
    case .invalid: "Bearer error=\"invalid_token\", error_description=\"\(quoted)\""
    case .unavailable: nil
    }
  }

  /// What may stand in a description: printable ASCII without quotes and backslashes.
  private var quoted: String {
    String(
      message.unicodeScalars.filter { (0x20...0x7E).contains($0.value) && $0 != "\"" && $0 != "\\" }.map(Character.init)
    )
  }

  static func invalid(_ message: String) -> Refusal { Refusal(.invalid, message) }
  static let unavailable = Refusal(.unavailable, "The identity provider cannot be reached at the moment.")
}
