import HTTPServer
import Synchronization
import TestSupport

/// An identity provider: discovery, keys, userinfo and introspection over real HTTP.
public final class TestProvider: Sendable {
  public struct State: Sendable {
    /// Members of the key set.
    public var keys: [String] = []
    /// What the discovery document says; nil for the provider's own address.
    public var issuer: String?
    /// Answers 500 to everything.
    public var isDown = false
    /// Does not answer at all.
    public var hangs = false
    /// Claims by token, as userinfo and introspection tell them.
    public var claims: [String: String] = [:]
    public var userinfoStatus = 200
    public var counts: [String: Int] = [:]
    /// What was last sent to the introspection.
    public var introspected = (authorization: "", body: "")
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
    let address = Mutex("")
  }

  private let shared: Shared
  public let server: StubServer

  public init() async throws {
    let shared = Shared()
    self.shared = shared
    server = try await StubServer { Self.answer($0, shared) }
    shared.address.withLock { [address = server.address] in $0 = address }
  }

  public var issuer: String { server.address }

  public func change(_ body: (inout State) -> Void) { shared.state.withLock { body(&$0) } }
  public func count(_ path: String) -> Int { shared.state.withLock { $0.counts[path] ?? 0 } }
  public var introspected: (authorization: String, body: String) { shared.state.withLock { $0.introspected } }

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
