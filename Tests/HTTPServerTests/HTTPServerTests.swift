import EventLoop
@testable import HTTPServer
import TestSupport
import Testing

/// Answers with what it was asked.
private final class Echo: HTTPHandler {
  func handle(_ exchange: HTTPExchange) {
    let request = exchange.request
    let body = request.withBody { String(decoding: $0, as: UTF8.self) }
    let answer = HTTPResponse(status: 200, contentType: "text/plain", text: "\(request.method) \(request.path) [\(body)]")
    // Answers out of order, to show that responses keep the order of the requests.
    if request.path == "/slow" {
      exchange.loop.timer(after: 80) { exchange.respond(answer) }
    } else {
      exchange.respond(answer)
    }
  }
}

@Suite("HTTP/1.1")
struct HTTPServerTests {
  private func withServer(
    _ change: @escaping @Sendable (inout HTTPServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (UInt16) throws -> Void
  ) async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    var configuration = HTTPServerConfiguration()
    configuration.port = 0
    change(&configuration)
    let settings = configuration
    let (server, port) = try await loop.run {
      let server = HTTPServer(loop: loop, configuration: settings, handler: Echo(), logger: TestLog.logger)
      return (server, try server.start())
    }
    let result = Result { try body(port) }
    try await loop.run { await server.stop(graceMilliseconds: 500) }
    group.stop()
    group.join()
    try result.get()
  }

  private func exchange(_ port: UInt16, _ text: String) -> String {
    let connection = RawConnection(port: port)
    connection.send(text)
    connection.finishSending()
    return connection.receiveAll()
  }

  @Test("pipelined requests are answered in their order, also when the first takes longer")
  func pipelining() async throws {
    try await withServer { port in
      let answer = exchange(
        port, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      let slow = try #require(answer.firstRange(of: "get /slow"))
      let fast = try #require(answer.firstRange(of: "get /fast"))
      #expect(slow.lowerBound < fast.lowerBound)
    }
  }

  @Test("a body comes with its length or in chunks")
  func bodies() async throws {
    try await withServer { port in
      #expect(exchange(port, "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nxyz").contains("post /a [xyz]"))
      #expect(
        exchange(port, "POST /b HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\n\r\n")
          .contains("post /b [xyz]"))
    }
  }

  @Test("a client that waits for leave to send its body gets it")
  func expectContinue() async throws {
    try await withServer { port in
      let connection = RawConnection(port: port)
      connection.send("POST /c HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
      #expect(connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
      connection.send("ok")
      #expect(connection.receive(until: "[ok]").contains("200 OK"))
    }
  }

  @Test("HEAD has the length of the body but not the body")
  func head() async throws {
    try await withServer { port in
      let answer = exchange(port, "HEAD /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      #expect(answer.contains("content-length: 10"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test("HTTP/1.0 closes unless it is asked to stay")
  func version10() async throws {
    try await withServer { port in
      #expect(exchange(port, "GET /x HTTP/1.0\r\n\r\n").contains("connection: close"))
    }
  }

  @Test(
    "what is wrong with a request decides the status",
    arguments: [
      ("GET nonsense\r\n\r\n", 400), ("BREW /x HTTP/1.1\r\nhost: a\r\n\r\n", 501), ("GET /x HTTP/1.1\r\n\r\n", 400), ("GET /x HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n", 400),
      ("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
      ("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
      ("POST /x HTTP/1.1\r\nhost: a\r\n\r\n", 411), ("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n", 413),
      ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nhost: a\r\n\r\n", 414),
      ("GET /x HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n", 417),
      ("GET /x HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
      ("POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", 501),
      ("GET /x HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    ])
  func refused(request: String, status: Int) async throws {
    try await withServer { port in
      let answer = exchange(port, request)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(80))")
      #expect(answer.contains("connection: close"))
      #expect(answer.contains("\"errors\""))
    }
  }

  @Test("chunks beyond the limit are refused")
  func chunkedTooLarge() async throws {
    try await withServer({ $0.maximumBodyBytes = 10 }) { port in
      let answer = exchange(port, "POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test("a header that comes too slowly is answered 408")
  func slowHeader() async throws {
    try await withServer({ $0.headerTimeout = 300 }) { port in
      let connection = RawConnection(port: port)
      connection.send("GET /x HTTP/1.1\r\nho")
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test("a body that comes too slowly is answered 408")
  func slowBody() async throws {
    try await withServer({ $0.bodyTimeout = 300 }) { port in
      let connection = RawConnection(port: port)
      connection.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test("an idle connection is closed")
  func idle() async throws {
    try await withServer({ $0.idleTimeout = 300 }) { port in
      let connection = RawConnection(port: port)
      #expect(connection.receiveAll().isEmpty)
    }
  }

  @Test("a client that sends a refused body to its end still reads the answer")
  func refusedBodyIsDrained() async throws {
    try await withServer { port in
      let connection = RawConnection(port: port)
      connection.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 8000000\r\n\r\n")
      connection.send([UInt8](repeating: 0x78, count: 8_000_000))
      connection.finishSending()
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test("a connection too many is told so")
  func connectionLimit() async throws {
    try await withServer({ $0.maximumConnections = 1 }) { port in
      let first = RawConnection(port: port)
      first.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
      #expect(first.receive(until: "[]").contains("200 OK"))
      let second = RawConnection(port: port)
      let answer = second.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.contains("retry-after: 1"))
    }
  }

  @Test("a client that reads slowly gets everything, and does not fill the memory")
  func backPressure() async throws {
    try await withServer({ $0.highWaterMark = 65_536 }) { port in
      let connection = RawConnection(port: port)
      let body = String(repeating: "x", count: 60_000)
      let request = "POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 60000\r\n\r\n\(body)"
      for _ in 0..<8 { connection.send(request) }
      connection.finishSending()
      let answer = connection.receiveAll()
      #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 8)
    }
  }

  @Test("a stopping server finishes what is under way and takes nothing new")
  func gracefulStop() async throws {
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    let (server, port) = try await loop.run {
      var configuration = HTTPServerConfiguration()
      configuration.port = 0
      let server = HTTPServer(loop: loop, configuration: configuration, handler: Echo(), logger: TestLog.logger)
      return (server, try server.start())
    }
    let connection = RawConnection(port: port)
    connection.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n")
    try await loop.run { try await loop.sleep(milliseconds: 20) }
    try await loop.run { await server.stop(graceMilliseconds: 2_000) }
    #expect(connection.receiveAll().contains("get /slow"))
    #expect(!RawConnection(port: port).isConnected)
    group.stop()
    group.join()
  }
}

@Suite("The life of a connection")
struct ConnectionLifecycleTests {
  @Test("the last answer ends it, not the request")
  func lastAnswer() {
    var life = ConnectionLifecycle()
    life.opened(at: 0)
    #expect(life.acceptsRequests)
    let isLast = life.requestArrived(keepsAlive: false)
    #expect(isLast)
    #expect(!life.acceptsRequests)
    #expect(!life.closesWhenWritten)
    life.lastAnswerWritten()
    #expect(life.closesWhenWritten)
  }

  @Test("the clock of a header starts with its first byte and does not start again")
  func headerClock() {
    var life = ConnectionLifecycle()
    var limits = HTTPServerConfiguration()
    limits.headerTimeout = 100
    life.opened(at: 0)
    life.progress(inHeader: true, inBody: false, at: 10)
    life.progress(inHeader: true, inBody: false, at: 90)
    #expect(life.expired(at: 100, isWaiting: false, limits) == .nothing)
    #expect(life.expired(at: 111, isWaiting: false, limits) == .requestTimeout)
  }

  @Test("the rest of a refused request is waited for, but not for ever")
  func lingering() {
    var life = ConnectionLifecycle()
    life.opened(at: 0)
    _ = life.requestArrived(keepsAlive: false)
    life.lastAnswerWritten()
    let lingers = life.linger(at: 10)
    #expect(lingers)
    let again = life.linger(at: 11)
    #expect(!again)
    #expect(life.expired(at: 2_010, isWaiting: false, HTTPServerConfiguration()) == .nothing)
    #expect(life.expired(at: 2_011, isWaiting: false, HTTPServerConfiguration()) == .close)
  }

  @Test("a client that only stopped sending is not hung up on")
  func halfClosed() {
    var life = ConnectionLifecycle()
    let endsWhileWaiting = life.peerEnded(isWaiting: true)
    #expect(!endsWhileWaiting)
    #expect(life.closesWhenWritten)
    var idle = ConnectionLifecycle()
    let endsWhenIdle = idle.peerEnded(isWaiting: false)
    #expect(endsWhenIdle)
  }
}
