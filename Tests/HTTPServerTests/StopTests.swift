import EventLoop
@testable import HTTPServer
import TestSupport
import Testing

@Suite("A stopping HTTP server")
struct StopTests {
  private func waitUntilHandled(_ server: TestServer) async throws {
    _ = try await server.wait { _ in server.handler.handled > 0 }
  }

  /// On the server's loop, so that it begins at once, however many other tests wait for a thread.
  private static func stop(_ server: TestServer) -> Task<Void, any Error> {
    Task(executorPreference: server.server.loop.taskExecutor) { try await server.stop(graceMilliseconds: 5_000) }
  }

  @Test("finishes what is under way, says that the connection ends, and takes nothing new")
  func finishes() async throws {
    let server = try await TestServer()
    let connection = RawConnection(port: server.port)
    connection.send("GET /held HTTP/1.1\r\nhost: a\r\n\r\n")
    try await waitUntilHandled(server)
    let stopping = Self.stop(server)
    let isStopping = try await server.wait { server in server.isStopping }
    #expect(isStopping)
    server.server.loop.execute { server.handler.release() }
    try await stopping.value
    let answer = connection.receiveAll()
    #expect(answer.contains("get /held"))
    #expect(answer.contains("connection: close"))
    #expect(!RawConnection(port: server.port).isConnected)
    server.end()
  }

  @Test("waits for the rest of a request that has begun")
  func waitsForBody() async throws {
    let server = try await TestServer()
    let connection = RawConnection(port: server.port)
    connection.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\nPOST /y HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\no")
    _ = connection.receive(until: "get /x []")
    let stopping = Self.stop(server)
    _ = try await server.wait { $0.isStopping }
    connection.send("k")
    let answer = connection.receiveAll()
    #expect(answer.contains("post /y [ok]"))
    #expect(answer.contains("connection: close"))
    try await stopping.value
    server.end()
  }

  @Test("lets idle connections go at once")
  func idle() async throws {
    let server = try await TestServer()
    let connection = RawConnection(port: server.port)
    connection.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
    _ = connection.receive(until: "[]")
    try await server.stop(graceMilliseconds: 60_000)
    #expect(connection.receiveAll().isEmpty)
    server.end()
  }

  @Test("closes what is left after the grace period")
  func grace() async throws {
    let server = try await TestServer()
    let connection = RawConnection(port: server.port)
    connection.send("POST /y HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\no")
    _ = try await server.wait { $0.connectionCount == 1 }
    try await server.stop(graceMilliseconds: 50)
    #expect(connection.receiveAll().isEmpty)
    server.end()
  }

  @Test("may lose its loop with requests and answers under way")
  func lostLoop() async throws {
    let server = try await TestServer()
    let connections = ["/held", "/large", "/x"].map { path in
      let connection = RawConnection(port: server.port)
      connection.send(String(repeating: "GET \(path) HTTP/1.1\r\nhost: a\r\n\r\n", count: 12))
      return connection
    }
    try await waitUntilHandled(server)
    server.end()
    #expect(connections.allSatisfy { $0.receiveAll().count >= 0 })
  }
}
