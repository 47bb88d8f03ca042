import CWslay

/// Messages out of the frames that a client sends, and frames of what is sent to it, by wslay. Knows no socket and no
/// clock.
///
/// Source: RFC 6455 section 5.
package final class WebSocketFrames {
  /// What frames bring.
  package enum Event: Equatable {
    /// A text message, which is UTF-8.
    case text(ContiguousArray<UInt8>)
    /// The client ends the connection; the answer to that is queued already.
    case closing
    /// The client has sent what this server does not take.
    case refused(code: UInt16, reason: String)
  }

  private let maximumMessageBytes: Int
  private var context: wslay_event_context_ptr?
  /// Bytes of the client that wslay has not taken yet; valid while it is called.
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var onEvent: ((Event) -> Void)?
  private var output: ContiguousArray<UInt8> = []
  private var message: ContiguousArray<UInt8> = []
  private var isText = false
  /// The client has sent what is no frame.
  private var isMalformed = false
  /// The frame at hand belongs to a message and not to the connection.
  private var isDataFrame = false

  /// Nil when there is no memory for it.
  package init?(maximumMessageBytes: Int) {
    self.maximumMessageBytes = maximumMessageBytes
    var callbacks = Self.callbacks
    guard wslay_event_context_server_init(&context, &callbacks, Unmanaged.passUnretained(self).toOpaque()) == 0 else {
      return nil
    }
    // Messages are put together here: wslay would keep each fragment in a piece of memory of its own, and a client can
    // send fragments of one byte.
    wslay_event_config_set_no_buffering(context, 1)
    wslay_event_config_set_max_recv_msg_length(context, UInt64(maximumMessageBytes))
  }

  deinit {
    if let context { wslay_event_context_free(context) }
  }

  private static func of(_ data: UnsafeMutableRawPointer?) -> WebSocketFrames? {
    data.map { Unmanaged<WebSocketFrames>.fromOpaque($0).takeUnretainedValue() }
  }

  private static var callbacks: wslay_event_callbacks {
    wslay_event_callbacks(
      recv_callback: { context, buffer, count, _, data in WebSocketFrames.of(data)?.give(context, buffer, count) ?? -1
      },
      send_callback: { _, bytes, count, _, data in
        WebSocketFrames.of(data)?.output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return count
      },
      genmask_callback: nil,
      on_frame_recv_start_callback: { _, frame, data in
        if let frame { WebSocketFrames.of(data)?.begin(frame.pointee) }
      },
      on_frame_recv_chunk_callback: { _, chunk, data in
        guard let chunk, let frames = WebSocketFrames.of(data), frames.isDataFrame else { return }
        frames.message.append(
          contentsOf: UnsafeBufferPointer(start: chunk.pointee.data, count: chunk.pointee.data_length))
      },
      on_frame_recv_end_callback: nil,
      on_msg_recv_callback: { _, message, data in
        if let message { WebSocketFrames.of(data)?.end(message.pointee) }
      })
  }

  // MARK: From the client

  /// Reads bytes of any number of frames. Answers whether more can be read: what cannot be read as a frame at all has
  /// its close queued by then.
  package func receive(_ bytes: UnsafeRawBufferPointer, _ onEvent: @escaping (Event) -> Void) -> Bool {
    input = bytes
    self.onEvent = onEvent
    defer {
      input = UnsafeRawBufferPointer(start: nil, count: 0)
      self.onEvent = nil
    }
    let isReadable = wslay_event_recv(context) == 0
    if !isReadable { isMalformed = true }
    return isReadable
  }

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
      onEvent?(.refused(code: WebSocket.CloseCode.protocolError, reason: "There is no such frame."))
      return
    }
    guard isDataFrame else { return }
    if frame.opcode != UInt8(WSLAY_CONTINUATION_FRAME.rawValue) {
      message.removeAll(keepingCapacity: message.capacity <= 65_536)
      isText = frame.opcode == UInt8(WSLAY_TEXT_FRAME.rawValue)
    }
    guard frame.payload_length > UInt64(maximumMessageBytes - message.count) else { return }
    isDataFrame = false
    onEvent?(.refused(code: WebSocket.CloseCode.messageTooBig, reason: "The message is too large."))
  }

  private func end(_ arrived: wslay_event_on_msg_recv_arg) {
    switch UInt32(arrived.opcode) {
    case WSLAY_TEXT_FRAME.rawValue where isText:
      onEvent?(.text(message))
    case WSLAY_BINARY_FRAME.rawValue:
      onEvent?(.refused(code: WebSocket.CloseCode.unsupportedData, reason: "Messages are text."))
    case WSLAY_CONNECTION_CLOSE.rawValue:
      // A code has two bytes.
      if arrived.msg_length == 1 { isMalformed = true }
      onEvent?(.closing)
    default:
      break
    }
  }

  // MARK: To the client

  package func queue(text: ContiguousArray<UInt8>) { queue(WSLAY_TEXT_FRAME, text) }

  package func queuePing() { queue(WSLAY_PING, []) }

  private func queue(_ opcode: wslay_opcode, _ bytes: ContiguousArray<UInt8>) {
    bytes.withUnsafeBufferPointer { bytes in
      var message = wslay_event_msg(
        opcode: UInt8(opcode.rawValue), msg: bytes.baseAddress, msg_length: bytes.count)
      wslay_event_queue_msg(context, &message)
    }
  }

  /// - Parameter reason: as many whole characters of it are sent as 123 bytes hold.
  package func queueClose(_ code: UInt16, _ reason: String) {
    var bytes: [UInt8] = []
    for scalar in reason.unicodeScalars {
      let encoded = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      guard bytes.count + encoded.count <= 123 else { break }
      bytes += encoded
    }
    wslay_event_queue_close(context, code, bytes, bytes.count)
  }

  /// What is to be sent now; nil when the frames are beyond repair. Not to be called within `receive`.
  package func takeOutput() -> ContiguousArray<UInt8>? {
    guard wslay_event_send(context) == 0 else { return nil }
    defer { output = [] }
    // wslay ends with a close that says nothing.
    if isMalformed, output.suffix(2).elementsEqual(Self.closeWithoutCode) {
      output.removeLast(2)
      output += Self.closeOfProtocolError
    }
    return output
  }

  private static let closeWithoutCode: [UInt8] = [0x88, 0]
  private static let closeOfProtocolError: [UInt8] = [
    0x88, 2, UInt8(WebSocket.CloseCode.protocolError >> 8), UInt8(WebSocket.CloseCode.protocolError & 0xFF),
  ]

  /// Nothing the client sends is read any more, or the close is on its way.
  package var isEnding: Bool { wslay_event_get_close_sent(context) != 0 || wslay_event_get_read_enabled(context) == 0 }

  /// Nothing is left to read or to send.
  package var isOver: Bool { wslay_event_want_read(context) == 0 && wslay_event_want_write(context) == 0 }
}
