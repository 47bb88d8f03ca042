import HTTPServer
import WorkflowEngine

/// Who a request acts for.
enum Authentication {
  static func caller(
    of request: HTTPRequest, _ configuration: ServerConfiguration
  ) -> Result<Caller, Rejection> {
    caller(headerValue: request.header("authorization"), configuration)
  }

  /// - Parameter header: the value of `Authorization`, whatever transport brought it.
  static func caller(headerValue header: String?, _ configuration: ServerConfiguration) -> Result<Caller, Rejection> {
    let caller = Caller(user: configuration.developmentUser, group: configuration.developmentGroup)
    guard let expected = configuration.bearerToken else { return .success(caller) }
    guard let header else {
      return .failure(unauthorized("A bearer token is needed."))
    }
    let parts = header.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.first?.lowercased() == "bearer" else { return .failure(unauthorized("No Bearer Authorization header")) }
    guard parts.count > 1 else {
      return .failure(unauthorized("Invalid Authorization header. No credentials provided"))
    }
    guard parts.count == 2 else {
      return .failure(
        unauthorized("Invalid Authorization header. Credentials string should not contain spaces."))
    }
    return isEqual(Array(parts[1].utf8), Array(expected.utf8))
      ? .success(caller) : .failure(unauthorized("The bearer token is not valid."))
  }

  private static func unauthorized(_ message: String) -> Rejection {
    Rejection(401, "UNAUTHENTICATED", message, fields: [("www-authenticate", "Bearer")])
  }

  /// Takes as long for a wrong token as for a right one, so that time tells nothing about it.
  private static func isEqual(_ given: [UInt8], _ expected: [UInt8]) -> Bool {
    guard given.count == expected.count else { return false }
    var difference: UInt8 = 0
    for (first, second) in zip(given, expected) { difference |= first ^ second }
    return difference == 0
  }
}
