import EventLoop
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

/// Says back what it hears.
private final class EchoSocket: WebSocketHandler {
  private let counts: Counts
  private var socket: WebSocket?

  final class Counts: Sendable {
    let closed = Atomic(0)
  }

  init(_ counts: Counts) { self.counts = counts }

  func opened(_ socket: WebSocket) { self.socket = socket }

  func received(_ text: ContiguousArray<UInt8>) {
    if text.elementsEqual("bye".utf8) {
      socket?.close(4_999, "as you wish")
    } else {
      socket?.send(text)
    }
  }

  func drained() {}

  func closed() {
    counts.closed.add(1, ordering: .relaxed)
    socket = nil
  }

  func serverStops() { socket?.close(WebSocket.CloseCode.goingAway, "") }
}

private final class Upgrading: HTTPHandler, Sendable {
  let counts = EchoSocket.Counts()

  func handle(_ exchange: HTTPExchange) {
    do throws(WebSocketHandshake.Failure) {
      let handshake = try WebSocketHandshake(exchange.request)
      _ = exchange.upgrade(
        fields: [("upgrade", "websocket"), ("sec-websocket-accept", handshake.accept)],
        to: WebSocket(handler: EchoSocket(counts), maximumMessageBytes: 1_000, keepAlive: 100))
    } catch {
      exchange.respond(error.response)
    }
  }
}

@Suite("WebSockets")
struct WebSocketTests {
  private func withSocket(
    _ body: @escaping @Sendable (WebSocketClient, Upgrading, UInt16) async throws -> Void
  ) async throws {
    let handler = Upgrading()
    try await withLoop { loop in
      var configuration = HTTPServerConfiguration()
      configuration.port = 0
      let server = HTTPServer(loop: loop, configuration: configuration, handler: handler, logger: TestLog.logger)
      let port = try server.start()
      try await Task.detached { try await body(WebSocketClient(port: port), handler, port) }.value
      await server.stop(graceMilliseconds: 100)
    }
  }

  private static func next(_ client: WebSocketClient) -> WebSocketClient.Frame {
    while true {
      let frame = client.receive()
      if frame != .ping { return frame }
    }
  }

  @Test(
    "the handshake answers the key as RFC 6455 has it, and messages come whole, in fragments, and with pings between")
  func messages() async throws {
    try await withSocket { client, handler, _ in
      #expect(client.head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      #expect(client.head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
      client.send("hello")
      #expect(Self.next(client) == .text("hello"))
      client.send(opcode: 1, Array("hel".utf8), first: 0)
      client.send(opcode: 9, [1])
      client.send(opcode: 0, [], first: 0)
      client.send(opcode: 0, Array("lo".utf8))
      #expect(Self.next(client) == .pong)
      #expect(Self.next(client) == .text("hello"))
      let long = String(repeating: "é", count: 500)
      client.send(long)
      #expect(Self.next(client) == .text(long))
      client.send("bye")
      #expect(Self.next(client) == .close(4_999, "as you wish"))
      client.send(opcode: 8, [0x03, 0xE8])
      #expect(Self.next(client) == .ended)
      #expect(eventually(within: 5) { handler.counts.closed.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("frames may be cut anywhere")
  func cut() async throws {
    try await withSocket { client, _, _ in
      for byte in WebSocketClient.frame(opcode: 1, Array("slow".utf8)) { client.send(raw: [byte]) }
      #expect(Self.next(client) == .text("slow"))
    }
  }

  @Test(
    "what breaks the protocol ends the connection with its code",
    arguments: [
      ("a binary message", [0x82, 0x81, 0, 0, 0, 0, 65], 1_003),
      ("text that is not UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xFF], 1_007),
      ("a frame without a mask", [0x81, 0x01, 65], 1_002),
      ("a reserved bit", [0xC1, 0x81, 0, 0, 0, 0, 65], 1_002),
      ("a continuation of nothing", [0x80, 0x81, 0, 0, 0, 0, 65], 1_002),
      ("an unknown opcode", [0x83, 0x80, 0, 0, 0, 0], 1_002),
      ("a message that says it is too large", [0x81, 0xFE, 0x03, 0xE9, 0, 0, 0, 0, 65], 1_009),
      ("a ping that is too large", [0x89, 0xFE, 0x00, 0x7E, 0, 0, 0, 0, 65], 1_002),
      ("a ping in pieces", [0x09, 0x81, 0, 0, 0, 0, 65], 1_002),
      ("a length that is none", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1_002),
      ("a close with half a code", [0x88, 0x81, 0, 0, 0, 0, 3], 1_002),
      ("a close without a code", [0x88, 0x80, 0, 0, 0, 0], nil),
    ] as [(String, [UInt8], UInt16?)])
  func violations(name: String, bytes: [UInt8], code: UInt16?) async throws {
    try await withSocket { client, handler, _ in
      client.send(raw: bytes)
      guard case .close(let given, _) = Self.next(client) else {
        Issue.record("\(name): no close frame")
        return
      }
      #expect(given == code, "\(name)")
      #expect(eventually(within: 5) { handler.counts.closed.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("fragments add up to the limit of a message")
  func fragments() async throws {
    try await withSocket { client, _, _ in
      client.send(opcode: 1, [UInt8](repeating: 65, count: 600), first: 0)
      client.send(opcode: 0, [UInt8](repeating: 65, count: 600))
      guard case .close(let code, _) = Self.next(client) else {
        Issue.record("no close frame")
        return
      }
      #expect(code == 1_009)
    }
  }

  @Test("a client is pinged, and one that does not answer is let go")
  func keepAlive() async throws {
    try await withSocket { client, handler, _ in
      #expect(client.receive() == .ping)
      client.send(opcode: 10, [])
      #expect(client.receive() == .ping)
      #expect(client.receive() == .ended)
      #expect(handler.counts.closed.load(ordering: .relaxed) == 1)
    }
  }

  @Test("requests that are no handshake are told what is missing")
  func handshakes() async throws {
    try await withSocket { _, _, port in
      func answer(_ fields: [String]) -> HTTPAnswer {
        // The helper closes after each request, so `Connection` is its own.
        HTTPAnswer.request(port, "GET", "/", fields, nil)
      }
      #expect(answer([]).status == 400)
      #expect(answer(["upgrade: websocket"]).status == 400)
      let old = RawConnection(port: port)
      old.send(
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 8\r\n\r\n")
      #expect(old.receive(until: "\r\n\r\n").contains("426 Upgrade Required"))
      let key = RawConnection(port: port)
      key.send(
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: short\r\n\r\n"
      )
      #expect(key.receive(until: "\r\n\r\n").contains("400 Bad Request"))
    }
  }
}
