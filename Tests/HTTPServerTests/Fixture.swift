import EventLoop
@testable import HTTPServer
import Synchronization
import TestSupport

/// Answers with what it was asked; `/slow` takes its time, `/held` waits to be released, `/large` is a megabyte.
final class Echo: HTTPHandler, @unchecked Sendable {  // what changes is atomic or confined to the loop's thread
  fileprivate var held: [(HTTPExchange, HTTPResponse)] = []
  private var underWay = 0
  /// How many slow requests were under way at once.
  private(set) var mostUnderWay = 0
  private let count = Atomic(0)
  /// How many requests came here.
  var handled: Int { count.load(ordering: .relaxed) }

  func handle(_ exchange: HTTPExchange) {
    count.add(1, ordering: .relaxed)
    let request = exchange.request
    let path = request.path
    if path == "/large" {
      exchange.respond(HTTPResponse(status: 200, body: ContiguousArray(repeating: UInt8(ascii: "x"), count: 1 << 20)))
      return
    }
    let body = request.withBody { String(decoding: $0, as: UTF8.self) }
    let answer = HTTPResponse(
      status: path == "/empty" ? 204 : 200, contentType: "text/plain", text: "\(request.method) \(path) [\(body)]")
    if path == "/slow" {
      underWay += 1
      mostUnderWay = max(mostUnderWay, underWay)
      exchange.loop.timer(after: 20) {
        self.underWay -= 1
        exchange.respond(answer)
      }
    } else if path == "/held" {
      held.append((exchange, answer))
    } else {
      exchange.respond(answer)
    }
  }
}

extension Echo {
  /// Answers what is held. On the loop's thread.
  func release() {
    for (exchange, answer) in held { exchange.respond(answer) }
    held = []
  }
}

/// A server on a loop of its own.
final class TestServer: Sendable {
  let server: HTTPServer
  let port: UInt16
  let handler = Echo()
  private let group: EventLoopGroup

  init(_ change: (inout HTTPServerConfiguration) -> Void = { _ in }) async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    self.group = group
    let loop = group.loops[0]
    var configuration = HTTPServerConfiguration()
    configuration.port = 0
    change(&configuration)
    let (settings, handler) = (configuration, handler)
    (server, port) = try await loop.run {
      let server = HTTPServer(loop: loop, configuration: settings, handler: handler, logger: TestLog.logger)
      return (server, try server.start())
    }
  }

  func stop(graceMilliseconds: UInt64 = 500) async throws {
    let server = server
    try await server.loop.run { await server.stop(graceMilliseconds: graceMilliseconds) }
  }

  /// Waits, for at most ten seconds, until the condition holds on the loop.
  func wait(until condition: @escaping @Sendable (HTTPServer) -> Bool) async throws -> Bool {
    let server = server
    return try await server.loop.run {
      for _ in 0..<2_000 {
        if condition(server) { return true }
        try await server.loop.sleep(milliseconds: 5)
      }
      return false
    }
  }

  func end() {
    group.stop()
    group.join()
  }
}

func withServer(
  _ change: @Sendable (inout HTTPServerConfiguration) -> Void = { _ in },
  _ body: @Sendable (TestServer) async throws -> Void
) async throws {
  let server = try await TestServer(change)
  do {
    try await body(server)
  } catch {
    server.end()
    throw error
  }
  try await server.stop()
  server.end()
}

/// Sends everything, then listens until the server closes.
func exchange(_ server: TestServer, _ text: String) -> String {
  let connection = RawConnection(port: server.port)
  connection.send(text)
  connection.finishSending()
  return connection.receiveAll()
}
