import CWslay
import EventLoop

/// What is done with the messages of a WebSocket. Called on the loop's thread.
public protocol WebSocketHandler: AnyObject {
  func opened(_ socket: WebSocket)
  /// A text message, which is UTF-8.
  func received(_ text: ContiguousArray<UInt8>)
  /// The socket was full and takes messages again.
  func drained()
  /// The client is gone, or about to go; told once. Nothing can be sent any more.
  func closed()
  /// The server wants to stop.
  func serverStops()
}

/// One WebSocket of the server's side: messages out of frames and back, by wslay. On the loop's thread.
///
/// Source: RFC 6455.
public final class WebSocket: UpgradedProtocol {
  /// Codes of RFC 6455 section 7.4.1 that the server uses itself.
  public enum CloseCode {
    public static let normal: UInt16 = 1_000
    public static let goingAway: UInt16 = 1_001
    public static let protocolError: UInt16 = 1_002
    public static let unsupportedData: UInt16 = 1_003
    public static let messageTooBig: UInt16 = 1_009
    public static let tryAgainLater: UInt16 = 1_013
  }

  private let handler: any WebSocketHandler
  private let maximumMessageBytes: Int
  private let keepAliveMilliseconds: UInt64
  private var context: wslay_event_context_ptr?
  private var socket: UpgradedSocket?
  /// Bytes of the client that wslay has not taken yet; valid while it is called.
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var output: ContiguousArray<UInt8> = []
  private var message: ContiguousArray<UInt8> = []
  private var isText = false
  /// The frame at hand belongs to a message and not to the connection.
  private var isDataFrame = false
  private var isClosing = false
  /// Within a call of wslay: what is to be sent leaves once that has returned.
  private var isReceiving = false
  private var isTold = false
  /// Bytes came since the last sign of life was asked for.
  private var hasHeard = true
  private var timer: LoopTimer?

  /// Milliseconds a client has to answer a close.
  private static let closeTimeout: UInt64 = 2_000

  /// - Parameters:
  ///   - maximumMessageBytes: of one message; a longer one ends the connection with 1009.
  ///   - keepAlive: milliseconds between two pings. A client that answers none until the next is gone.
  public init(handler: any WebSocketHandler, maximumMessageBytes: Int, keepAlive: UInt64) {
    self.handler = handler
    self.maximumMessageBytes = maximumMessageBytes
    keepAliveMilliseconds = keepAlive
  }

  deinit {
    if let context { wslay_event_context_free(context) }
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> WebSocket? {
    data.map { Unmanaged<WebSocket>.fromOpaque($0).takeUnretainedValue() }
  }

  private static var callbacks: wslay_event_callbacks {
    wslay_event_callbacks(
      recv_callback: { context, buffer, count, _, data in WebSocket.of(data)?.give(context, buffer, count) ?? -1 },
      send_callback: { _, bytes, count, _, data in
        WebSocket.of(data)?.output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return count
      },
      genmask_callback: nil,
      on_frame_recv_start_callback: { _, frame, data in
        if let frame { WebSocket.of(data)?.begin(frame.pointee) }
      },
      on_frame_recv_chunk_callback: { _, chunk, data in
        guard let chunk, let socket = WebSocket.of(data), socket.isDataFrame else { return }
        socket.message.append(
          contentsOf: UnsafeBufferPointer(start: chunk.pointee.data, count: chunk.pointee.data_length))
      },
      on_frame_recv_end_callback: nil,
      on_msg_recv_callback: { _, message, data in
        if let message { WebSocket.of(data)?.end(message.pointee) }
      })
  }

  // MARK: The connection

  public func started(_ socket: UpgradedSocket) {
    self.socket = socket
    var callbacks = Self.callbacks
    guard wslay_event_context_server_init(&context, &callbacks, Unmanaged.passUnretained(self).toOpaque()) == 0 else {
      return socket.abort()
    }
    // Messages are put together here: wslay would keep each fragment in a piece of memory of its own, and a client can
    // send fragments of one byte.
    wslay_event_config_set_no_buffering(context, 1)
    wslay_event_config_set_max_recv_msg_length(context, UInt64(maximumMessageBytes))
    timer = socket.loop.timer(after: keepAliveMilliseconds, repeating: keepAliveMilliseconds) { [weak self] in
      self?.keepAlive()
    }
    handler.opened(self)
  }

  public func received(_ bytes: UnsafeRawBufferPointer) {
    hasHeard = true
    guard let context, socket != nil else { return }
    input = bytes
    isReceiving = true
    let code = wslay_event_recv(context)
    isReceiving = false
    input = UnsafeRawBufferPointer(start: nil, count: 0)
    flush()
    // What cannot be read as a frame at all has its close queued by then, and nothing more can be read.
    if code != 0 { socket?.close() }
  }

  public func drained() {
    if !isClosing { handler.drained() }
  }

  public func closed() {
    timer?.cancel()
    timer = nil
    socket = nil
    tellClosed()
  }

  public func serverStops() {
    handler.serverStops()
  }

  private func tellClosed() {
    isClosing = true
    guard !isTold else { return }
    isTold = true
    handler.closed()
  }

  private func keepAlive() {
    guard hasHeard else {
      socket?.abort()
      return
    }
    hasHeard = false
    // One that is full has had no chance to answer yet; that it takes no bytes is another matter.
    if socket?.isWritable == false { hasHeard = true }
    send(opcode: WSLAY_PING, [])
  }

  // MARK: Frames

  private func give(
    _ context: wslay_event_context_ptr?, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int
  ) -> Int {
    guard let buffer, let start = input.baseAddress, !input.isEmpty else {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK.rawValue)
      return -1
    }
    let taken = min(count, input.count)
    UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: taken)
    input = UnsafeRawBufferPointer(rebasing: input[taken...])
    return taken
  }

  private func begin(_ frame: wslay_event_on_frame_recv_start_arg) {
    isDataFrame = frame.opcode & 8 == 0
    // wslay takes a reserved opcode for a message of its own kind.
    guard frame.opcode & 7 <= 2 else {
      isDataFrame = false
      return close(CloseCode.protocolError, "There is no such frame.")
    }
    guard isDataFrame else { return }
    if frame.opcode != UInt8(WSLAY_CONTINUATION_FRAME.rawValue) {
      message.removeAll(keepingCapacity: message.capacity <= 65_536)
      isText = frame.opcode == UInt8(WSLAY_TEXT_FRAME.rawValue)
    }
    guard frame.payload_length > UInt64(maximumMessageBytes - message.count) else { return }
    isDataFrame = false
    close(CloseCode.messageTooBig, "The message is too large.")
  }

  private func end(_ arrived: wslay_event_on_msg_recv_arg) {
    guard !isClosing else { return }
    switch UInt32(arrived.opcode) {
    case WSLAY_TEXT_FRAME.rawValue where isText:
      handler.received(message)
    case WSLAY_BINARY_FRAME.rawValue:
      close(CloseCode.unsupportedData, "Messages are text.")
    case WSLAY_CONNECTION_CLOSE.rawValue:
      tellClosed()
    default:
      break
    }
  }

  private func send(opcode: wslay_opcode, _ bytes: ContiguousArray<UInt8>) {
    guard let context, socket != nil, !isClosing else { return }
    bytes.withUnsafeBufferPointer { bytes in
      var message = wslay_event_msg(
        opcode: UInt8(opcode.rawValue), msg: bytes.baseAddress, msg_length: bytes.count)
      wslay_event_queue_msg(context, &message)
    }
    flush()
  }

  /// Hands to the socket what wslay has to send, and ends with the last of it.
  private func flush() {
    guard let context, let socket, !isReceiving else { return }
    guard wslay_event_send(context) == 0 else { return socket.abort() }
    if !output.isEmpty {
      socket.write(output)
      output.removeAll(keepingCapacity: output.capacity <= 65_536)
    }
    if wslay_event_get_close_sent(context) != 0 || wslay_event_get_read_enabled(context) == 0 { tellClosed() }
    if wslay_event_want_read(context) == 0, wslay_event_want_write(context) == 0 { socket.close() }
  }

  // MARK: Sending

  /// Whether the client takes what is sent.
  public var isWritable: Bool { !isClosing && socket?.isWritable ?? false }
  public var loop: EventLoop? { socket?.loop }
  public var peer: String { socket?.peer ?? "" }

  /// Sends a text message.
  public func send(_ text: ContiguousArray<UInt8>) {
    send(opcode: WSLAY_TEXT_FRAME, text)
  }

  /// Ends the connection as the protocol has it: says so, and waits for a moment for the client to say so as well.
  ///
  /// - Parameter reason: up to 123 bytes.
  public func close(_ code: UInt16, _ reason: String) {
    guard let context, let socket, !isClosing else { return }
    let bytes = Array(reason.utf8.prefix(123))
    wslay_event_queue_close(context, code, bytes, bytes.count)
    isClosing = true
    timer?.cancel()
    timer = socket.loop.timer(after: Self.closeTimeout) { [weak socket] in socket?.close() }
    flush()
    tellClosed()
  }
}
