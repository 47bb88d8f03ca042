import CLibuv
import EventLoop
import Glibc

/// One client's connection: reads requests, keeps their answers in order, writes.
final class HTTPConnection {
  let loop: EventLoop
  private let server: HTTPServer
  private let configuration: HTTPServerConfiguration
  /// The client's address, without its port.
  private(set) var peer = ""
  private let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
  private var descriptor: uv_os_fd_t = -1
  private let parser: RequestParser
  private var lifecycle = ConnectionLifecycle()
  /// Requests in the order in which they came; answers leave in this order.
  private var exchanges: [HTTPExchange] = []
  private var output: ContiguousArray<UInt8> = []
  /// Bytes that libuv still has to write.
  private var writing = 0
  private var isReading = false
  /// The server flushes this connection at the end of the tick.
  var isDirty = false
  /// Bytes that came while too much was under way.
  private var leftover: ContiguousArray<UInt8> = []
  /// Who has the connection after an upgrade.
  private var upgraded: (socket: UpgradedSocket, next: any UpgradedProtocol)?

  init(server: HTTPServer, loop: EventLoop, configuration: HTTPServerConfiguration) {
    self.server = server
    self.loop = loop
    self.configuration = configuration
    parser = RequestParser(configuration, bodyReceiver: server.handler.bodyReceiver)
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

  /// The connection of a handle, which keeps it alive for as long as libuv calls back.
  private static func of(_ data: UnsafeMutableRawPointer?, _ body: (HTTPConnection) -> Void) {
    guard let data else { return }
    Unmanaged<HTTPConnection>.fromOpaque(data)._withUnsafeGuaranteedRef { body($0) }
  }

  /// Takes the connection that waits on a listening socket.
  func accept(from listener: UnsafeMutablePointer<uv_stream_t>) -> Bool {
    guard uv_accept(listener, stream) == 0 else { return false }
    uv_tcp_nodelay(handle, 1)
    uv_fileno(base, &descriptor)
    peer = PeerAddress.text(of: handle)
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
        HTTPConnection.of(handle?.pointee.data) { connection in
          let free = connection.server.readBuffer
          buffer?.pointee = uv_buf_init(free.baseAddress, UInt32(free.count))
        }
      },
      { handle, count, buffer in
        HTTPConnection.of(handle?.pointee.data) { connection in
          if count > 0 {
            connection.received(UnsafeRawBufferPointer(start: buffer?.pointee.base, count: count))
          } else if count < 0 {
            connection.ended(isClean: count == Int(UV_EOF.rawValue))
          }
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
    if !rest.isEmpty, lifecycle.acceptsRequests { leftover.append(contentsOf: rest) }
    if !leftover.isEmpty || !bodyIsReady || upgraded != nil && !canTakeMore { stopReading() }
    // Not yet: clients are woken more seldom, and have more to do then, when the answers of a tick leave together.
    server.markDirty(self)
  }

  private var bodyIsReady: Bool { parser.receiver?.isReady ?? true }

  /// Goes on reading once whoever takes the body takes more of it.
  private func waitForReceiver() {
    guard let receiver = parser.receiver, receiver.onReady == nil else { return }
    receiver.onReady = { [weak self] in
      guard let self else { return }
      self.server.markDirty(self)
    }
  }

  /// Takes requests out of the bytes, as many as there is room for.
  private func take(_ bytes: inout UnsafeRawBufferPointer) {
    while !bytes.isEmpty, lifecycle.acceptsRequests, canTakeMore {
      let (count, outcome) = parser.read(bytes)
      bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      switch outcome {
      case .needsMore: waitForReceiver()
      case .request(let request): begin(request, parser.takeReceiver())
      case .failure(let failure):
        parser.takeReceiver()?.abandoned()
        refuse(failure)
      }
    }
    if lifecycle.acceptsRequests {
      lifecycle.progress(
        inHeader: parser.isInHeader, inBody: parser.isInBody,
        streamed: parser.receiver == nil ? nil : parser.streamedBytes,
        at: loop.now)
    } else if let upgraded {
      if !bytes.isEmpty { upgraded.next.received(bytes) }
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
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

  private func begin(_ request: HTTPRequest, _ receiver: (any HTTPBodyReceiver)?) {
    let closes = lifecycle.requestArrived(keepsAlive: request.keepsAlive && !server.isStopping, at: loop.now)
    let exchange = HTTPExchange(
      request: request, loop: loop, connection: self, closes: closes, peer: peer, bodyReceiver: receiver)
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
      && bodyIsReady
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
    while let first = exchanges.first {
      let isLast: Bool
      if let stream = first.stream {
        guard write(stream, of: first) else { break }
        isLast = first.closes || stream.endsConnection
        exchanges.removeFirst()
      } else if let response = first.takeResponse() {
        exchanges.removeFirst()
        isLast = first.closes || server.isStopping && exchanges.isEmpty && isBetweenRequests
        write(response, to: first.request, isLast: isLast)
      } else {
        break
      }
      first.connection = nil
      guard isLast else { continue }
      lifecycle.lastAnswerWritten()
      let rest = exchanges
      exchanges = []
      for exchange in rest { exchange.clientLeft() }
    }
    server.markDirty(self)
  }

  /// Writes what there is of an answer in parts. Answers whether that was all of it.
  private func write(_ stream: HTTPResponseStream, of exchange: HTTPExchange) -> Bool {
    if !stream.headIsWritten {
      stream.headIsWritten = true
      lifecycle.streamBegan()
      writeHead(stream.status, stream.fields)
      if !stream.endsConnection, !exchange.request.isHTTP10 { output.append(text: "\r\ntransfer-encoding: chunked") }
      if exchange.closes || stream.endsConnection { output.append(text: "\r\nconnection: close") }
      output.append(text: "\r\n\r\n")
    }
    stream.take(into: &output, writing: writing)
    if stream.isFinished { lifecycle.streamEnded() }
    return stream.isFinished
  }

  private func write(_ response: HTTPResponse, to request: HTTPRequest, isLast: Bool) {
    let hasBody = response.status != 204 && response.status != 304
    writeHead(response.status, response.fields)
    if hasBody {
      output.append(text: "\r\ncontent-length: ")
      output.append(decimal: response.body.count)
    }
    if isLast {
      output.append(text: "\r\nconnection: close")
    } else if request.isHTTP10 {
      output.append(text: "\r\nconnection: keep-alive")
    }
    output.append(text: "\r\n\r\n")
    if hasBody, request.method != .head { output.append(contentsOf: response.body) }
  }

  /// The status and the fields, without the end of the last line.
  private func writeHead(_ status: Int, _ fields: [(name: String, value: String)]) {
    if status == 200 {
      output.append(contentsOf: server.okHead)
    } else {
      HTTPResponse.beginHead(status, at: server.date, to: &output)
    }
    for field in fields { output.append(field: field.name, field.value) }
  }

  // MARK: Streams and other protocols

  var streamMarks: WaterMarks {
    WaterMarks(high: configuration.streamHighWaterMark, low: configuration.streamLowWaterMark)
  }

  /// Hands the connection over. Answers whether it could.
  func upgrade(
    _ exchange: HTTPExchange, _ fields: [(name: String, value: String)], to next: any UpgradedProtocol
  ) -> Bool {
    guard exchanges.count == 1, exchanges[0] === exchange, lifecycle.acceptsRequests, !server.isStopping else {
      return false
    }
    exchanges = []
    exchange.connection = nil
    lifecycle.upgraded()
    writeHead(101, fields)
    output.append(text: "\r\nconnection: upgrade\r\n\r\n")
    server.markDirty(self)
    let socket = UpgradedSocket(loop: loop, peer: peer, connection: self, marks: streamMarks)
    upgraded = (socket, next)
    next.started(socket)
    // Bytes that came while other requests were under way.
    let held = leftover
    leftover = []
    if !held.isEmpty { held.withUnsafeBytes { next.received($0) } }
    return true
  }

  /// Sends bytes of another protocol. Answers how many are on their way.
  func write(_ bytes: ContiguousArray<UInt8>) -> Int {
    output.append(contentsOf: bytes)
    server.markDirty(self)
    return output.count + writing
  }

  func closeUpgraded() {
    lifecycle.lastAnswerWritten()
    lifecycle.leftBytesUnread()
    server.markDirty(self)
  }

  /// The server stops: who holds the connection without an end in sight is asked to end.
  func serverStops() {
    upgraded?.next.serverStops()
    for exchange in exchanges { exchange.stream?.onStop?() }
    flush()
  }

  /// Tells writers how much is on its way.
  private func tellWriters() {
    let remaining = output.count + writing
    if let upgraded {
      if upgraded.socket.sent(remaining: remaining) { upgraded.next.drained() }
    } else {
      exchanges.first?.stream?.sent(remaining: remaining)
    }
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
      guard !isReading, canTakeMore, lifecycle.acceptsRequests || lifecycle.isUpgraded, !lifecycle.peerHasEnded
      else { break }
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
      shutdown(descriptor, Int32(SHUT_WR))
      startReading()
    }
  }

  private func writeOut() {
    let count = output.count
    // What `uv_try_write` does when nothing is queued, with the system call that knows that this is a socket.
    let written = output.withUnsafeBytes { send(descriptor, $0.baseAddress, count, Int32(MSG_NOSIGNAL)) }
    guard written >= 0 || errno == EAGAIN || errno == EINTR else {
      close()
      return
    }
    writing = count - max(written, 0)
    lifecycle.wrote(remaining: writing, at: loop.now)
    let request = writing > 0 ? WriteRequest(output.suffix(writing), connection: self) : nil
    output.removeAll(keepingCapacity: output.capacity <= 65_536)
    request?.start(on: stream)
    tellWriters()
  }

  func writeFinished(_ status: Int32) {
    writing = 0
    guard status == 0 else {
      close()
      return
    }
    lifecycle.wrote(remaining: 0, at: loop.now)
    tellWriters()
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
    let left = exchanges
    exchanges = []
    server.closed(self)
    parser.takeReceiver()?.abandoned()
    for exchange in left { exchange.clientLeft() }
    if let (socket, next) = upgraded {
      upgraded = nil
      socket.connection = nil
      next.closed()
    }
    uv_close(base) { handle in
      guard let handle, let data = handle.pointee.data else { return }
      Unmanaged<HTTPConnection>.fromOpaque(data).release()
      UnsafeMutableRawPointer(handle).deallocate()
    }
  }
}
