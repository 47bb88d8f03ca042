import EventLoop
import Synchronization
import TestSupport
import Testing

@testable import HTTPServer

/// Streams, upgrades and bodies in parts.
private final class Streaming: HTTPHandler, @unchecked Sendable {  // confined to the loop's thread, but for the flags
  let closed = Atomic(0)
  let drained = Atomic(0)
  let written = Atomic(0)
  let stopped = Atomic(0)
  var stream: HTTPResponseStream?
  var exchange: HTTPExchange?
  let receiver = Counting()

  func handle(_ exchange: HTTPExchange) {
    self.exchange = exchange
    switch exchange.request.path {
    case "/three":
      let stream = exchange.respondInParts(status: 200, fields: [("content-type", "text/plain")])
      for part in ["one", "", "three times as long"] { stream?.write(ContiguousArray(part.utf8)) }
      exchange.loop.timer(after: 5) { stream?.finish() }
    case "/endless":
      let stream = exchange.respondInParts(status: 200, fields: [])
      self.stream = stream
      stream?.onClose = { self.closed.add(1, ordering: .relaxed) }
      stream?.onStop = {
        self.stopped.add(1, ordering: .relaxed)
        stream?.finish()
      }
      stream?.write(ContiguousArray("begin".utf8))
    case "/fill":
      let stream = exchange.respondInParts(status: 200, fields: [])
      stream?.onDrain = { [weak stream] in
        self.drained.add(1, ordering: .relaxed)
        guard let stream else { return }
        self.fill(stream)
      }
      stream?.onClose = { self.closed.add(1, ordering: .relaxed) }
      if let stream { fill(stream) }
    case "/upgrade":
      if !exchange.upgrade(fields: [("upgrade", "shout")], to: Shout(self)) {
        exchange.respond(HTTPResponse(status: 400))
      }
    case "/wait":
      exchange.onClose = { self.closed.add(1, ordering: .relaxed) }
    case "/body":
      let parts = (exchange.bodyReceiver as? Counting)?.count ?? -1
      exchange.respond(
        HTTPResponse(status: 200, contentType: "text/plain", text: "\(parts) \(exchange.request.bodyCount)"))
    default:
      exchange.respond(HTTPResponse(status: 200, contentType: "text/plain", text: exchange.peer))
    }
  }

  private func fill(_ stream: HTTPResponseStream) {
    while stream.isWritable {
      stream.write(ContiguousArray(repeating: UInt8(ascii: "x"), count: 10_000))
      written.add(10_000, ordering: .relaxed)
    }
  }

  func bodyReceiver(for request: HTTPRequest) -> (any HTTPBodyReceiver)? {
    request.path == "/body" ? receiver : nil
  }
}

/// Counts a body's bytes, and pauses after every part.
private final class Counting: HTTPBodyReceiver, @unchecked Sendable {  // confined to the loop's thread
  let maximumBytes = 3_000_000
  var isReady = true
  var onReady: (() -> Void)?
  var count = 0
  let abandonedCount = Atomic(0)

  func receive(_ bytes: UnsafeRawBufferPointer) -> HTTPRefusal? {
    if bytes.contains(UInt8(ascii: "!")) { return HTTPRefusal(status: 422, code: "NO", message: "Not this.") }
    count += bytes.count
    isReady = false
    EventLoop.current?.timer(after: 1) {
      self.isReady = true
      self.onReady?()
    }
    return nil
  }

  func abandoned() { abandonedCount.add(1, ordering: .relaxed) }
}

/// Answers in capitals; closes at an exclamation mark.
private final class Shout: UpgradedProtocol {
  private let handler: Streaming
  private var socket: UpgradedSocket?

  init(_ handler: Streaming) { self.handler = handler }

  func started(_ socket: UpgradedSocket) { self.socket = socket }

  func received(_ bytes: UnsafeRawBufferPointer) {
    socket?.write(ContiguousArray(String(decoding: bytes, as: UTF8.self).uppercased().utf8))
    if bytes.contains(UInt8(ascii: "!")) { socket?.close() }
  }

  func drained() {}
  func closed() { handler.closed.add(1, ordering: .relaxed) }

  func serverStops() {
    handler.stopped.add(1, ordering: .relaxed)
    socket?.write(ContiguousArray("bye".utf8))
    socket?.close()
  }
}

@Suite("Streams and upgrades")
struct StreamTests {
  private func withStreaming(
    _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Streaming, UInt16, HTTPServer) async throws -> Void
  ) async throws {
    let handler = Streaming()
    var configuration = HTTPServerConfiguration()
    configuration.port = 0
    change(&configuration)
    let settings = configuration
    try await withLoop { loop in
      let server = HTTPServer(loop: loop, configuration: settings, handler: handler, logger: TestLog.logger)
      let port = try server.start()
      // The clients block, so they have a thread of their own.
      try await Task.detached { try await body(handler, port, server) }.value
      await server.stop(graceMilliseconds: 100)
    }
  }

  @Test("an answer in parts is chunked, and the connection serves the next request after it")
  func chunked() async throws {
    try await withStreaming { _, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /three HTTP/1.1\r\nhost: a\r\n\r\nGET /peer HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      let text = client.receiveAll()
      #expect(text.contains("transfer-encoding: chunked\r\n"))
      #expect(text.contains("\r\n\r\n3\r\none\r\n13\r\nthree times as long\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"))
      #expect(text.hasSuffix("127.0.0.1"))
    }
  }

  @Test("a client of HTTP/1.0 gets the body up to the connection's end")
  func http10() async throws {
    try await withStreaming { _, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /three HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
      let text = client.receiveAll()
      #expect(!text.contains("transfer-encoding"))
      #expect(text.contains("connection: close"))
      #expect(text.hasSuffix("\r\n\r\nonethree times as long"))
    }
  }

  @Test("a client that ends while a stream is under way has left, and the handler is told once")
  func leaves() async throws {
    try await withStreaming { handler, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
      #expect(client.receive(until: "begin").contains("begin"))
      client.finishSending()
      #expect(eventually(within: 10) { handler.closed.load(ordering: .relaxed) == 1 })
      _ = client.receiveAll()
      #expect(handler.closed.load(ordering: .relaxed) == 1)
    }
  }

  @Test("a client that resets its connection while it waits is noticed")
  func leavesWhileWaiting() async throws {
    try await withStreaming { handler, port, server in
      do {
        let client = RawConnection(port: port)
        client.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(eventually(within: 10) { handler.exchange != nil })
        client.reset()
      }
      #expect(eventually(within: 10) { handler.closed.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("a writer pauses at the high mark while the client does not read, and goes on when it does")
  func backPressure() async throws {
    try await withStreaming { handler, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /fill HTTP/1.1\r\nhost: a\r\n\r\n")
      // The kernel's buffers take what they take; then the writer stands still.
      var before = -1
      #expect(
        eventually(within: 20) {
          let now = handler.written.load(ordering: .relaxed)
          defer { before = now }
          return now > 0 && now == before
        })
      let stood = handler.written.load(ordering: .relaxed)
      _ = client.receive(atLeast: stood)
      #expect(eventually(within: 20) { handler.written.load(ordering: .relaxed) > stood })
      #expect(handler.drained.load(ordering: .relaxed) > 0)
    }
  }

  @Test("an upgraded connection belongs to the other protocol, with bytes that came along, and closes when told")
  func upgrade() async throws {
    try await withStreaming { handler, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /upgrade HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: shout\r\n\r\nearly ")
      #expect(client.receive(until: "EARLY ").hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
      client.send("late!")
      let text = client.receiveAll()
      #expect(text == "LATE!")
      client.finishSending()
      #expect(eventually(within: 10) { handler.closed.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("a request that others wait before cannot be upgraded")
  func upgradeBehindOthers() async throws {
    try await withStreaming { _, port, _ in
      let client = RawConnection(port: port)
      client.send("GET /three HTTP/1.1\r\nhost: a\r\n\r\nGET /upgrade HTTP/1.1\r\nhost: a\r\n\r\n")
      #expect(client.receive(until: "400 Bad Request").contains("0\r\n\r\nHTTP/1.1 400"))
    }
  }

  @Test("a stop tells streams and other protocols, and waits for their last bytes")
  func stop() async throws {
    try await withStreaming { handler, port, server in
      let (stream, socket) = (RawConnection(port: port), RawConnection(port: port))
      stream.send("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
      _ = stream.receive(until: "begin")
      socket.send("GET /upgrade HTTP/1.1\r\nhost: a\r\n\r\n")
      _ = socket.receive(until: "\r\n\r\n")
      try await server.loop.run { await server.stop(graceMilliseconds: 5_000) }
      #expect(stream.receiveAll() == "\r\n0\r\n\r\n" || handler.stopped.load(ordering: .relaxed) == 2)
      #expect(socket.receiveAll() == "bye")
    }
  }

  @Test("a body in parts is read as fast as its receiver takes it, beyond the limit of those in memory")
  func body() async throws {
    try await withStreaming({ $0.maximumBodyBytes = 1_000 }) { _, port, _ in
      let client = RawConnection(port: port)
      client.send("POST /body HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2000000\r\n\r\n")
      client.send([UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000))
      #expect(client.receiveAll().hasSuffix("\r\n\r\n2000000 0"))
    }
  }

  @Test("a receiver can refuse a body, and learns when it will not be completed")
  func refusedBody() async throws {
    try await withStreaming { handler, port, _ in
      let client = RawConnection(port: port)
      client.send("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nno!")
      #expect(client.receiveAll().hasPrefix("HTTP/1.1 422 "))
      let tooLong = RawConnection(port: port)
      tooLong.send("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 3000001\r\n\r\n")
      #expect(tooLong.receiveAll().hasPrefix("HTTP/1.1 413 "))
      do {
        let gone = RawConnection(port: port)
        gone.send("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc")
      }
      #expect(eventually(within: 10) { handler.receiver.abandonedCount.load(ordering: .relaxed) == 3 })
    }
  }
}
