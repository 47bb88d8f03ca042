import EventLoop
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
  private static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "text/plain", text: text)
  }

  /// A server that tells what it was asked, and a client.
  private func withEcho<Result: Sendable>(
    _ change: @escaping @Sendable (inout HTTPClientConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (HTTPClient, String) async throws -> Result
  ) async throws -> Result {
    let server = try await StubServer { request in
      switch request.path {
      case "/never": return nil
      case "/large": return Self.text(String(repeating: "x", count: 100_000))
      case "/moved": return HTTPResponse(status: 302, fields: [("location", "/there")])
      case "/round": return HTTPResponse(status: 302, fields: [("location", "/round")])
      case "/missing": return Self.text("nothing", status: 404)
      default:
        let body = request.withBody { String(decoding: $0, as: UTF8.self) }
        let type = request.header("content-type") ?? "none"
        return HTTPResponse(
          status: 200, fields: [("X-Given", request.header("x-given") ?? "none"), ("x-twice", "1"), ("x-twice", "2")],
          body: ContiguousArray("\(request.method) \(request.path) \(type) [\(body)]".utf8))
      }
    }
    let result = try await withLoop { loop in
      var configuration = HTTPClientConfiguration()
      change(&configuration)
      let client = try HTTPClient(loop: loop, configuration: configuration)
      defer { client.close() }
      return try await body(client, server.address)
    }
    await server.stop()
    return result
  }

  private static func string(_ response: HTTPClientResponse) -> String {
    String(decoding: response.body, as: UTF8.self)
  }

  @Test("method, address, fields and body arrive as given, and so does the answer")
  func roundTrip() async throws {
    try await withEcho { client, address in
      let got = try await client.send(HTTPClientRequest("GET", "\(address)/a?b=c", headers: [("X-Given", "yes")]))
      #expect(got.status == 200)
      #expect(got.header("x-given") == "yes")
      #expect(got.headers.filter { $0.name == "x-twice" }.map(\.value) == ["1", "2"])
      #expect(Self.string(got) == "get /a none []")
      let posted = try await client.send(
        HTTPClientRequest(
          "POST", "\(address)/p", headers: [("content-type", "application/json")], body: Array("{}".utf8)))
      #expect(Self.string(posted) == "post /p application/json [{}]")
      let empty = try await client.send(HTTPClientRequest("POST", "\(address)/p"))
      #expect(Self.string(empty) == "post /p none []")
      let put = try await client.send(HTTPClientRequest("PUT", "\(address)/u", body: [0x61, 0x00, 0x62]))
      #expect(Self.string(put) == "put /u none [a\u{0}b]")
      let head = try await client.send(HTTPClientRequest("HEAD", "\(address)/h"))
      #expect(head.status == 200 && head.body.isEmpty)
      let missing = try await client.send(HTTPClientRequest("GET", "\(address)/missing"))
      #expect(missing.status == 404 && Self.string(missing) == "nothing")
    }
  }

  @Test("a hundred requests at once share the connections that the limit allows")
  func parallel() async throws {
    let opened = Mutex(0)
    let count = try await withEcho({
      $0.maximumConnections = 4
      $0.connectFilter = { _ in
        opened.withLock { $0 += 1 }
        return true
      }
    }) { client, address in
      await withTaskGroup(of: Bool.self) { tasks in
        for number in 0..<100 {
          tasks.addTask {
            guard let answer = try? await client.send(HTTPClientRequest("GET", "\(address)/\(number)")) else {
              return false
            }
            return Self.string(answer) == "get /\(number) none []"
          }
        }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
    }
    #expect(count == 100)
    #expect(opened.withLock { $0 } <= 4)
  }

  @Test("a body over the limit fails, or is cut when the request says so")
  func bodyLimit() async throws {
    try await withEcho { client, address in
      var request = HTTPClientRequest("GET", "\(address)/large", maximumBodyBytes: 1_000)
      await #expect(throws: HTTPClientError.responseTooLarge(limit: 1_000)) { try await client.send(request) }
      request.truncatesBody = true
      let cut = try await client.send(request)
      #expect(cut.status == 200 && cut.body.count == 1_000 && cut.isTruncated)
      request.maximumBodyBytes = 100_000
      let whole = try await client.send(request)
      #expect(whole.body.count == 100_000 && !whole.isTruncated)
    }
  }

  @Test("a redirect is an answer unless the request follows it, and it is not followed forever")
  func redirects() async throws {
    try await withEcho { client, address in
      let moved = try await client.send(HTTPClientRequest("GET", "\(address)/moved"))
      #expect(moved.status == 302 && moved.header("location") == "/there")
      let followed = try await client.send(HTTPClientRequest("GET", "\(address)/moved", followsRedirects: true))
      #expect(followed.status == 200 && followed.header("location") == nil)
      #expect(Self.string(followed) == "get /there none []")
      await #expect(throws: HTTPClientError.self) {
        try await client.send(HTTPClientRequest("GET", "\(address)/round", followsRedirects: true))
      }
    }
  }

  @Test("the filter sees the resolved address and keeps the connection from being opened")
  func filter() async throws {
    let seen = Mutex<[NetworkAddress]>([])
    try await withEcho({
      $0.connectFilter = { peer in
        seen.withLock { $0.append(peer) }
        return peer.isPublic
      }
    }) { client, address in
      let port = address.split(separator: ":").last.map(String.init) ?? ""
      for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let error = await #expect(throws: HTTPClientError.self) {
          try await client.send(HTTPClientRequest("GET", "http://\(host):\(port)/"))
        }
        guard case .addressRefused? = error else {
          Issue.record("\(host): \(String(describing: error))")
          continue
        }
      }
    }
    #expect(seen.withLock { $0.contains { $0.bytes == [127, 0, 0, 1] } })
  }

  @Test("a server that does not answer ends in a timeout, a closed port in no connection")
  func failures() async throws {
    try await withEcho { client, address in
      await #expect(throws: HTTPClientError.timedOut) {
        try await client.send(HTTPClientRequest("GET", "\(address)/never", timeout: 50))
      }
      let error = await #expect(throws: HTTPClientError.self) {
        try await client.send(HTTPClientRequest("GET", "http://127.0.0.1:1/"))
      }
      guard case .couldNotConnect? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test("cancelling the task ends the request, closing the client all of them")
  func ends() async throws {
    try await withEcho { client, address in
      let task = Task { try await client.send(HTTPClientRequest("GET", "\(address)/never")) }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      let other = client.loop.start {
        await #expect(throws: HTTPClientError.closed) {
          try await client.send(HTTPClientRequest("GET", "\(address)/never"))
        }
      }
      client.close()
      await other.value
      await #expect(throws: HTTPClientError.closed) { try await client.send(HTTPClientRequest("GET", address)) }
    }
  }

  @Test("requests under way end with the loop")
  func loopEnds() async throws {
    let asked = Atomic(false)
    let server = try await StubServer { _ in
      asked.store(true, ordering: .relaxed)
      return nil
    }
    let group = try EventLoopGroup(count: 1)
    group.start()
    let loop = group.loops[0]
    let client = try await loop.run { try HTTPClient(loop: loop) }
    let task = Task { try await client.send(HTTPClientRequest("GET", server.address, timeout: 60_000)) }
    #expect(eventually(within: 10) { asked.load(ordering: .relaxed) })
    group.stop()
    group.join()
    await #expect(throws: (any Error).self) { try await task.value }
    await server.stop()
  }

  @Test(
    "what would end a line early is refused before anything is sent",
    arguments: [
      HTTPClientRequest("GET / HTTP/1.1\r\nx:", "http://127.0.0.1/"), HTTPClientRequest("GET", "file:///etc/passwd"),
      HTTPClientRequest("GET", "http://127.0.0.1/\r\nx: y"), HTTPClientRequest("GET", "gopher://127.0.0.1/"),
      HTTPClientRequest("GET", "http://127.0.0.1/", headers: [("x", "a\r\nb: c")]),
      HTTPClientRequest("GET", "http://127.0.0.1/", headers: [("x:y", "a")]), HTTPClientRequest("GET", "http://"),
    ])
  func injection(request: HTTPClientRequest) async throws {
    try await withEcho { client, _ in
      let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
      guard case .invalidRequest? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }
}
