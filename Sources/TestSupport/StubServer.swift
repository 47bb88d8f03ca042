import EventLoop
import HTTPServer

/// An HTTP server of a test's own on a loop of its own; it answers what the test says.
public final class StubServer: Sendable {
  private let server: HTTPServer
  private let group: EventLoopGroup
  public let port: UInt16

  public var address: String { "http://127.0.0.1:\(port)" }

  private final class Handler: HTTPHandler {
    let answer: @Sendable (HTTPRequest) -> HTTPResponse?

    init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse?) {
      self.answer = answer
    }

    func handle(_ exchange: HTTPExchange) {
      if let response = answer(exchange.request) { exchange.respond(response) }
    }
  }

  /// - Parameters:
  ///   - port: 0 for one that the system chooses.
  ///   - answer: called on the server's loop; nil leaves the client without an answer.
  public init(port: UInt16 = 0, _ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse?) async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    self.group = group
    let loop = group.loops[0]
    (server, self.port) = try await loop.run {
      var configuration = HTTPServerConfiguration()
      configuration.port = port
      let server = HTTPServer(
        loop: loop, configuration: configuration, handler: Handler(answer), logger: TestLog.logger)
      return (server, try server.start())
    }
  }

  /// Closes the port and all connections.
  public func stop() async {
    try? await server.loop.run { [server] in await server.stop(graceMilliseconds: 0) }
  }

  deinit {
    group.stop()
    group.join()
  }
}
