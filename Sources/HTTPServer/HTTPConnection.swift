import CLibuv
import EventLoop
import Glibc

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

  private var base: UnsafeMutablePointer<uv_handle_t> {
    UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
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
    guard !lifecycle.isLingering else { return }
    var rest = bytes
    take(&rest)
    if !rest.isEmpty, lifecycle.acceptsRequests {
      leftover.append(contentsOf: rest)
      stopReading()
    }
    flush()
  }

  /// Takes requests out of the bytes, as many as there is room for.
  private func take(_ bytes: inout UnsafeRawBufferPointer) {
    while !bytes.isEmpty, lifecycle.acceptsRequests, canTakeMore {
      let (count, outcome) = parser.read(bytes)
      bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      switch outcome {
      case .needsMore: break
      case .request(let request): begin(request)
      case .failure(let failure): refuse(failure)
      }
    }
    if lifecycle.acceptsRequests {
      lifecycle.progress(inHeader: parser.isInHeader, inBody: parser.isInBody, at: loop.now)
    } else if !bytes.isEmpty {
      lifecycle.leftBytesUnread()
    }
  }

  private func takeLeftover() {
    let held = leftover
    leftover = []
    held.withUnsafeBytes { bytes in
      var rest = bytes
      take(&rest)
      if lifecycle.acceptsRequests { leftover.append(contentsOf: rest) }
    }
  }

  private func begin(_ request: HTTPRequest) {
    let closes = lifecycle.requestArrived(keepsAlive: request.keepsAlive && !server.isStopping, at: loop.now)
    let exchange = HTTPExchange(request: request, loop: loop, connection: self, closes: closes)
    exchanges.append(exchange)
    server.handler.handle(exchange)
  }

  /// Answers in the handler's place, after the answers under way, and ends.
  func refuse(_ failure: RequestFailure) {
    lifecycle.requestFailed()
    let exchange = HTTPExchange(request: HTTPRequest(), loop: loop, connection: self, closes: true)
    exchanges.append(exchange)
    exchange.respond(failure.response)
  }

  private var canTakeMore: Bool {
    exchanges.count < configuration.maximumPipelined && output.count + writing < configuration.highWaterMark
  }

  /// No request has begun that the client would miss.
  private var isBetweenRequests: Bool { !parser.isWithinRequest && leftover.isEmpty }

  private func ended(isClean: Bool) {
    stopReading()
    guard isClean, !lifecycle.isLingering else {
      close()
      return
    }
    // A client that only closed its sending side still gets its answers.
    if lifecycle.peerEnded(isWaiting: !exchanges.isEmpty || !output.isEmpty || writing > 0) { close() }
  }

  // MARK: Answering

  /// An answer is there; it leaves when those before it have left.
  func exchangeFinished() {
    while let first = exchanges.first, let response = first.response {
      exchanges.removeFirst()
      first.connection = nil
      let isLast = first.closes || server.isStopping && exchanges.isEmpty && isBetweenRequests
      write(response, to: first.request, isLast: isLast)
      guard isLast else { continue }
      lifecycle.lastAnswerWritten()
      for rest in exchanges { rest.connection = nil }
      exchanges = []
    }
    server.markDirty(self)
  }

  private func write(_ response: HTTPResponse, to request: HTTPRequest, isLast: Bool) {
    let hasBody = response.status != 204 && response.status != 304
    output.append(text: "HTTP/1.1 ")
    output.append(decimal: response.status)
    output.append(UInt8(ascii: " "))
    output.append(text: HTTPResponse.reason(response.status))
    output.append(text: "\r\ndate: ")
    output.append(contentsOf: server.date)
    if hasBody {
      output.append(text: "\r\ncontent-length: ")
      output.append(decimal: response.body.count)
    }
    for field in response.fields {
      output.append(text: "\r\n")
      output.append(contentsOf: field.name.utf8)
      output.append(text: ": ")
      output.append(contentsOf: field.value.utf8)
    }
    if isLast {
      output.append(text: "\r\nconnection: close")
    } else if request.isHTTP10 {
      output.append(text: "\r\nconnection: keep-alive")
    }
    output.append(text: "\r\n\r\n")
    if hasBody, request.method != .head { output.append(contentsOf: response.body) }
  }

  /// Writes what has gathered, and goes on reading when there is room. Answers whether there was anything to do.
  @discardableResult
  func flush() -> Bool {
    var worked = false
    while !lifecycle.isClosed, !lifecycle.isLingering {
      if parser.expectsContinue, exchanges.isEmpty, lifecycle.acceptsRequests {
        parser.continueSent()
        output.append(text: "HTTP/1.1 100 Continue\r\n\r\n")
      }
      if !output.isEmpty, writing == 0 {
        worked = true
        writeOut()
        continue
      }
      if output.isEmpty, writing == 0, exchanges.isEmpty,
        lifecycle.closesWhenWritten || server.isStopping && isBetweenRequests
      {
        finish()
        return true
      }
      guard !isReading, canTakeMore, lifecycle.acceptsRequests, !lifecycle.peerHasEnded else { break }
      worked = true
      if leftover.isEmpty {
        lifecycle.resumedReading(at: loop.now)
        startReading()
      } else {
        takeLeftover()
      }
    }
    return worked
  }

  private func finish() {
    switch lifecycle.allWritten(at: loop.now) {
    case .close:
      close()
    case .linger:
      var descriptor: uv_os_fd_t = -1
      uv_fileno(base, &descriptor)
      shutdown(descriptor, Int32(SHUT_WR))
      startReading()
    }
  }

  private func writeOut() {
    let count = output.count
    let written = output.withUnsafeMutableBytes { bytes -> Int in
      var buffer = uv_buf_init(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(count))
      return Int(uv_try_write(stream, &buffer, 1))
    }
    guard written >= 0 || written == Int(UV_EAGAIN.rawValue) else {
      close()
      return
    }
    writing = count - max(written, 0)
    lifecycle.wrote(remaining: writing, at: loop.now)
    let request = writing > 0 ? WriteRequest(output.suffix(writing), connection: self) : nil
    output.removeAll(keepingCapacity: output.capacity <= 65_536)
    request?.start(on: stream)
  }

  func writeFinished(_ status: Int32) {
    writing = 0
    guard status == 0 else {
      close()
      return
    }
    lifecycle.wrote(remaining: 0, at: loop.now)
    flush()
  }

  // MARK: Time

  /// Called from time to time; ends what takes too long.
  func checkDeadlines() {
    let now = loop.now
    if writing > 0 { lifecycle.wrote(remaining: uv_stream_get_write_queue_size(stream), at: now) }
    switch lifecycle.expired(at: now, isWaiting: !exchanges.isEmpty, configuration) {
    case .nothing:
      break
    case .requestTimeout:
      // While others are under way, the connection does not read, or the client has something to wait for.
      guard exchanges.isEmpty else { return }
      refuse(.timeout)
      flush()
    case .close:
      close()
    }
  }

  func close() {
    guard !lifecycle.isClosed else { return }
    lifecycle.closed()
    for exchange in exchanges { exchange.connection = nil }
    exchanges = []
    server.closed(self)
    uv_close(base) { handle in
      guard let handle, let data = handle.pointee.data else { return }
      Unmanaged<HTTPConnection>.fromOpaque(data).release()
      UnsafeMutableRawPointer(handle).deallocate()
    }
  }
}
