import GraphQL
import HTTPServer

/// Keeps pages of other origins from using what a browser may do here, such as reach a server on the user's network.
///
/// A browser asks first (CORS) before it sends JSON, or a header field of its own making, to another origin. What it
/// sends without asking is GET, forms, uploads and plain text: of these, mutations are never taken without such a
/// field. Queries are, unless the browser itself says that the request comes from elsewhere.
enum CSRFProtection: String, CaseIterable, Sendable {
  /// As above.
  case on
  /// Queries need the header field as well.
  case strict
  case off

  /// Fields that a page cannot send to another origin without being asked for.
  static let fields: [StaticString] = [
    "graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name", "x-requested-with",
  ]

  static let refusal = GraphQLError(
    "This request could come from a page of another origin: send application/json, or a GraphQL-Require-Preflight "
      + "header field.",
    code: "CSRF_PREFLIGHT_REQUIRED")

  /// What a request may do.
  enum Verdict: Equatable {
    case all, queries, nothing
  }

  func verdict(_ request: HTTPRequest, origins: [String]) -> Verdict {
    guard self != .off, Self.isSimple(request), !Self.fields.contains(where: { request.header($0) != nil }) else {
      return .all
    }
    return self == .strict || Self.isForeign(request, origins) ? .nothing : .queries
  }

  /// Whether a browser would send this to another origin without asking.
  ///
  /// Source: Fetch standard, "CORS-safelisted request-header".
  private static func isSimple(_ request: HTTPRequest) -> Bool {
    switch request.method {
    case .get, .head: true
    // What almost every client sends needs no reading.
    case .post where request.header("content-type", begins: "application/json"): false
    case .post:
      switch MediaType(request.header("content-type"))?.name {
      case nil, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data": true
      default: false
      }
    default: false
    }
  }

  /// Whether the browser says that another origin's page sends it. What is no browser says nothing.
  private static func isForeign(_ request: HTTPRequest, _ origins: [String]) -> Bool {
    if let origin = request.header("origin") {
      if origins.contains("*") || origins.contains(origin) { return false }
      // An origin ends with its authority, which is what the request names as its host.
      if let host = request.header("host"), origin.hasSuffix("://\(host)") { return false }
      return true
    }
    return request.header("sec-fetch-site").map { $0 != "same-origin" && $0 != "none" } ?? false
  }
}
