import CLibuv
import EventLoop

/// One client's connection: reads requests, keeps their answers in order, writes.
final class HTTPConnection {
  let loop: EventLoop
  private let server: HTTPServer
  private let configuration: HTTPServerConfiguration
  private let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
  private let parser: RequestParser
  private var lifecycle = ConnectionLifecycle()
  /// Requests in the order in which they came; answers leave in this order.
  private var exchanges: [HTTPExchange] = []
  private var output: ContiguousArray<UInt8> = []
  /// Bytes that libuv still has to write.
  private var writing = 0
  private var isReading = false
  /// The last answer is about a request that was not read to its end.
  private var isRefused = false
  /// Bytes that came while too much was under way.
  private var leftover: ContiguousArray<UInt8> = []

  init(server: HTTPServer, loop: EventLoop, configuration: HTTPServerConfiguration) {
    self.server = server
    self.loop = loop
    self.configuration = configuration
    parser = RequestParser(configuration)
    uv_tcp_init(loop.uv, handle)
    // The handle keeps this object alive until it is closed.
    handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    lifecycle.opened(at: loop.now)
  }

  private var stream: UnsafeMutablePointer<uv_stream_t> {
    UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> HTTPConnection? {
    data.map { Unmanaged<HTTPConnection>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Takes the connection that waits on a listening socket.
  func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> Bool {
    guard uv_accept(listener, stream) == 0 else { return false }
    uv_tcp_nodelay(handle, 1)
    startReading()
    return true
  }

  // MARK: Reading

  private func startReading() {
    guard !isReading, !lifecycle.isClosed else { return }
    isReading = true
    uv_read_start(
      stream,
      { handle, _, buffer in
        guard let connection = HTTPConnection.of(handle?.pointee.data), let buffer else { return }
        buffer.pointee = uv_buf_init(
          connection.server.readBuffer.baseAddress, UInt32(connection.server.readBuffer.count))
      },
      { handle, count, buffer in
        guard let connection = HTTPConnection.of(handle?.pointee.data) else { return }
        if count > 0 {
          connection.received(UnsafeRawBufferPointer(start: buffer?.pointee.base, count: count))
        } else if count < 0 {
          connection.ended(isClean: count == Int(UV_EOF.rawValue))
        }
      })
  }

  private func stopReading() {
    guard isReading else { return }
    isReading = false
    uv_read_stop(stream)
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard lifecycle.acceptsRequests else { return }
    guard canTakeMore else {
      leftover.append(contentsOf: bytes)
      stopReading()
      return
    }
    let (requests, failure) = parser.read(bytes)
    for request in requests where lifecycle.acceptsRequests {
      let closes = lifecycle.requestArrived(keepsAlive: request.keepsAlive && !server.isStopping)
      let exchange = HTTPExchange(request: request, loop: loop, connection: self, closes: closes)
      exchanges.append(exchange)
      server.handler.handle(exchange)
    }
    if let failure, lifecycle.acceptsRequests {
      isRefused = true
      _ = lifecycle.requestArrived(keepsAlive: false)
      let exchange = HTTPExchange(request: HTTPRequest(), loop: loop, connection: self, closes: true)
      exchanges.append(exchange)
      exchange.respond(.failure(status: failure.status, code: failure.code, message: failure.message))
    }
    if parser.expectsContinue, exchanges.isEmpty {
      output.append(contentsOf: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
    lifecycle.progress(inHeader: parser.isInHeader, inBody: parser.isInBody, at: loop.now)
    if !canTakeMore { stopReading() }
    flush()
  }

  private var canTakeMore: Bool {
    exchanges.count < configuration.maximumPipelined && output.count + writing < configuration.highWaterMark
  }

  private func ended(isClean: Bool) {
    stopReading()
    // A client that only closed its sending side still gets its answers.
    if !isClean || lifecycle.peerEnded(isWaiting: !exchanges.isEmpty || writing > 0) { close() }
  }

  // MARK: Answering

  /// An answer is there; it leaves when those before it have left.
  func exchangeFinished() {
    while let first = exchanges.first, let response = first.response {
      exchanges.removeFirst()
      write(response, to: first)
      if first.closes {
        lifecycle.lastAnswerWritten()
        for rest in exchanges { rest.connection = nil }
        exchanges = []
      }
    }
    server.markDirty(self)
  }

  private func write(_ response: HTTPResponse, to exchange: HTTPExchange) {
    let isHead = exchange.request.method == .head
    output.append(text: "HTTP/1.1 ")
    output.append(decimal: response.status)
    output.append(UInt8(ascii: " "))
    output.append(text: HTTPResponse.reason(response.status))
    output.append(text: "\r\ndate: ")
    output.append(contentsOf: server.date)
    if response.status != 204, response.status != 304 {
      output.append(text: "\r\ncontent-length: ")
      output.append(decimal: response.body.count)
    }
    for field in response.fields {
      output.append(text: "\r\n")
      output.append(contentsOf: field.name.utf8)
      output.append(text: ": ")
      output.append(contentsOf: field.value.utf8)
    }
    if exchange.closes {
      output.append(text: "\r\nconnection: close")
    } else if exchange.request.isHTTP10 {
      output.append(text: "\r\nconnection: keep-alive")
    }
    output.append(text: "\r\n\r\n")
    if !isHead { output.append(contentsOf: response.body) }
  }

  /// Writes what has gathered. Answers whether there was anything to do.
  @discardableResult
  func flush() -> Bool {
    guard !lifecycle.isClosed else { return false }
    var worked = false
    if !output.isEmpty, writing == 0 {
      worked = true
      writeOut()
    }
    if output.isEmpty, writing == 0, lifecycle.closesWhenWritten, exchanges.isEmpty {
      guard !lifecycle.isLingering else { return worked }
      if isRefused, lifecycle.linger(at: loop.now) { linger() } else { close() }
      return true
    }
    if canTakeMore, !isReading, lifecycle.acceptsRequests, !lifecycle.peerHasEnded {
      worked = true
      let held = leftover
      leftover = []
      startReading()
      if !held.isEmpty { held.withUnsafeBytes { received($0) } }
    }
    return worked
  }

  /// Tells the client that nothing more comes, and reads on until it ends too.
  private func linger() {
    let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
    let code = uv_shutdown(request, stream) { request, _ in request?.deallocate() }
    if code < 0 { request.deallocate() }
    startReading()
  }

  private func writeOut() {
    let count = output.count
    let written = output.withUnsafeMutableBytes { bytes -> Int in
      var buffer = uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(count))
      return Int(uv_try_write(stream, &buffer, 1))
    }
    if written == count {
      output.removeAll(keepingCapacity: count <= 65_536)
      lifecycle.wrote(at: loop.now, isDone: true)
      return
    }
    if written < 0, written != Int(UV_EAGAIN.rawValue) {
      close()
      return
    }
    let rest = Array(output.dropFirst(max(written, 0)))
    output = []
    writing = rest.count
    lifecycle.wrote(at: loop.now, isDone: false)
    WriteRequest(rest, connection: self).start(on: stream)
  }

  fileprivate func writeFinished(_ status: Int32) {
    writing = 0
    guard status == 0 else {
      close()
      return
    }
    lifecycle.wrote(at: loop.now, isDone: true)
    flush()
  }

  // MARK: Time

  /// Called from time to time; ends what takes too long.
  func checkDeadlines() {
    let now = loop.now
    switch lifecycle.expired(at: now, isWaiting: !exchanges.isEmpty, configuration) {
    case .nothing:
      break
    case .requestTimeout:
      guard exchanges.isEmpty else { return }
      _ = lifecycle.requestArrived(keepsAlive: false)
      let exchange = HTTPExchange(request: HTTPRequest(), loop: loop, connection: self, closes: true)
      exchanges.append(exchange)
      exchange.respond(
        .failure(status: 408, code: "REQUEST_TIMEOUT", message: "The request did not arrive in time."))
      flush()
    case .close:
      close()
    }
  }

  /// The server stops: an idle connection goes at once, another after its answers.
  func stop() {
    if exchanges.isEmpty, output.isEmpty, writing == 0, !parser.isInBody, !parser.isInHeader {
      close()
    } else {
      lifecycle.lastAnswerWritten()
      server.markDirty(self)
    }
  }

  /// Answers that there is no room, and ends.
  func refuse() {
    _ = lifecycle.requestArrived(keepsAlive: false)
    let exchange = HTTPExchange(request: HTTPRequest(), loop: loop, connection: self, closes: true)
    exchanges.append(exchange)
    var response = HTTPResponse.failure(
      status: 503, code: "TOO_MANY_CONNECTIONS", message: "The server has no room for another connection.")
    response.fields.append(("retry-after", "1"))
    exchange.respond(response)
    flush()
  }

  func close() {
    guard !lifecycle.isClosed else { return }
    lifecycle.closed()
    for exchange in exchanges { exchange.connection = nil }
    exchanges = []
    server.closed(self)
    uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
      guard let handle, let data = handle.pointee.data else { return }
      Unmanaged<HTTPConnection>.fromOpaque(data).release()
      UnsafeMutableRawPointer(handle).deallocate()
    }
  }
}

/// Bytes on their way; keeps them and the connection alive until libuv is done.
private final class WriteRequest {
  private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
  private let bytes: UnsafeMutableRawBufferPointer
  private let connection: HTTPConnection

  init(_ bytes: [UInt8], connection: HTTPConnection) {
    self.bytes = .allocate(byteCount: bytes.count, alignment: 1)
    self.bytes.copyBytes(from: bytes)
    self.connection = connection
  }

  func start(on stream: UnsafeMutablePointer<uv_stream_t>) {
    var buffer = uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
    request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    let code = uv_write(request, stream, &buffer, 1) { request, status in
      guard let request, let data = request.pointee.data else { return }
      Unmanaged<WriteRequest>.fromOpaque(data).takeRetainedValue().finish(status)
    }
    if code < 0 {
      Unmanaged.passUnretained(self).release()
      finish(code)
    }
  }

  private func finish(_ status: Int32) {
    request.deallocate()
    bytes.deallocate()
    connection.writeFinished(status)
  }
}

extension ContiguousArray<UInt8> {
  mutating func append(text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(decimal value: Int) {
    if value >= 10 { append(decimal: value / 10) }
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }
}
