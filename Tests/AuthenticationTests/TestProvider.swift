import Authentication
import EventLoop
import Expressions
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport

/// An identity provider: discovery, keys, userinfo and introspection over real HTTP.
final class TestProvider: Sendable {
  struct State: Sendable {
    /// Members of the key set.
    var keys: [String] = []
    /// What the discovery document says; nil for the provider's own address.
    var issuer: String?
    /// Answers 500 to everything.
    var isDown = false
    /// Does not answer at all.
    var hangs = false
    /// Claims by token, as userinfo and introspection tell them.
    var claims: [String: String] = [:]
    var userinfoStatus = 200
    var counts: [String: Int] = [:]
    /// What was last sent to the introspection.
    var introspected = (authorization: "", body: "")
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
    let address = Mutex("")
  }

  private let shared: Shared
  let server: StubServer

  init() async throws {
    let shared = Shared()
    self.shared = shared
    server = try await StubServer { Self.answer($0, shared) }
    shared.address.withLock { [address = server.address] in $0 = address }
  }

  var issuer: String { server.address }

  func change(_ body: (inout State) -> Void) { shared.state.withLock { body(&$0) } }
  func count(_ path: String) -> Int { shared.state.withLock { $0.counts[path] ?? 0 } }
  var introspected: (authorization: String, body: String) { shared.state.withLock { $0.introspected } }

  private static func answer(_ request: HTTPRequest, _ shared: Shared) -> HTTPResponse? {
    let address = shared.address.withLock { $0 }
    return shared.state.withLock { state -> HTTPResponse? in
      let path = request.path
      state.counts[path, default: 0] += 1
      if state.hangs { return nil }
      if state.isDown { return HTTPResponse(status: 500, contentType: "text/plain", text: "down") }
      switch path {
      case "/.well-known/openid-configuration":
        return json("{\"issuer\":\"\(state.issuer ?? address)\",\"jwks_uri\":\"\(address)/keys\"}")
      case "/keys": return json("{\"keys\":[\(state.keys.joined(separator: ","))]}")
      case "/userinfo":
        let token = request.header("authorization")?.dropFirst("Bearer ".count) ?? ""
        guard let claims = state.claims[String(token)] else {
          return HTTPResponse(status: 401, contentType: "text/plain", text: "who?")
        }
        return json(claims, status: state.userinfoStatus)
      case "/introspect":
        let body = request.withBody { String(decoding: $0, as: UTF8.self) }
        state.introspected = (request.header("authorization") ?? "", body)
        let token = body.split(separator: "&").first { $0.hasPrefix("token=") }?.dropFirst("token=".count) ?? ""
        return json(state.claims[String(token)] ?? "{\"active\":false}")
      default: return HTTPResponse(status: 404)
      }
    }
  }

  private static func json(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", text: text)
  }
}

/// The time of a test, which only the test moves.
final class TestClock: Sendable {
  private let seconds = Mutex<Int64>(1_700_000_000)

  var now: Int64 { seconds.withLock { $0 } }
  func advance(_ by: Int64) { seconds.withLock { $0 += by } }
}

/// A provider, and an authenticator that believes it.
struct Fixture: Sendable {
  let provider: TestProvider
  let authenticator: Authenticator
  let clock: TestClock

  static func with<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration, TestProvider) -> Void,
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    let provider = try await TestProvider()
    provider.change { $0.keys = [TestKeys.rsa.jwk(), TestKeys.curve.jwk()] }
    let result = try await withLoop { loop in
      var configuration = AuthenticationConfiguration()
      configuration.keySetCooldown = 0
      configure(&configuration, provider)
      let clock = TestClock()
      let client = try HTTPClient(loop: loop)
      defer { client.close() }
      let authenticator = Authenticator(
        loop: loop, configuration: configuration, client: client, logger: TestLog.logger, now: { clock.now })
      return try await body(Fixture(provider: provider, authenticator: authenticator, clock: clock))
    }
    await provider.server.stop()
    return result
  }

  /// Tokens are verified with the provider's keys.
  static func withKeys<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    try await with({ configuration, provider in
      configuration.issuer = provider.issuer
      configuration.audiences = ["millrace"]
      configure(&configuration)
    }, body)
  }

  func authenticate(_ token: String) async -> Authenticator.Outcome {
    await authenticator.authenticate(headerValue: "Bearer \(token)")
  }

  /// Good claims, but for what the test changes.
  func claims(
    issuer: String? = nil, audience: String = "\"millrace\"", expiresIn: Int64 = 300, extra: String = ""
  ) -> String {
    """
    {"iss":"\(issuer ?? provider.issuer)","aud":\(audience),"exp":\(clock.now + expiresIn),"sub":"ada",\
    "caluma_groups":["clerks","heads"]\(extra)}
    """
  }
}

extension Result where Success == Identity?, Failure == Refusal {
  var user: String? { if case .success(let identity) = self { identity?.username } else { nil } }
  var refusal: Refusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
