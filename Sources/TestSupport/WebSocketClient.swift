/// A WebSocket client that sends exactly the frames it is told to.
public final class WebSocketClient {
  public enum Frame: Equatable, Sendable {
    case text(String)
    case close(UInt16?, String)
    case ping, pong
    case other(UInt8)
    /// The connection ended without a close frame, or nothing came in time.
    case ended
  }

  private let connection: RawConnection
  private var buffer: [UInt8] = []
  /// The server's answer to the handshake.
  public let head: String

  public init(
    port: UInt16, path: String = "/graphql", subprotocol: String? = "graphql-transport-ws", fields: [String] = []
  ) {
    connection = RawConnection(port: port)
    var text =
      "GET \(path) HTTP/1.1\r\nhost: localhost:\(port)\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n"
    text += "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    if let subprotocol { text += "sec-websocket-protocol: \(subprotocol)\r\n" }
    for field in fields { text += field + "\r\n" }
    connection.send(text + "\r\n")
    var received: [UInt8] = []
    let end: [UInt8] = [13, 10, 13, 10]
    while received.firstRange(of: end) == nil, let part = connection.receiveSome() { received += part }
    let place = received.firstRange(of: end)?.upperBound ?? received.count
    head = String(decoding: received[..<place], as: UTF8.self)
    buffer = Array(received[place...])
  }

  public func send(_ text: String) {
    send(opcode: 1, Array(text.utf8))
  }

  /// Sends one frame.
  ///
  /// - Parameter first: the reserved bits and whether it is the last of its message.
  public func send(opcode: UInt8, _ payload: [UInt8], first: UInt8 = 0x80, isMasked: Bool = true) {
    connection.send(Self.frame(opcode: opcode, payload, first: first, isMasked: isMasked))
  }

  public func send(raw bytes: [UInt8]) {
    connection.send(bytes)
  }

  public static func frame(opcode: UInt8, _ payload: [UInt8], first: UInt8 = 0x80, isMasked: Bool = true) -> [UInt8] {
    var bytes = [first | opcode]
    let mask: UInt8 = isMasked ? 0x80 : 0
    switch payload.count {
    case ..<126: bytes.append(mask | UInt8(payload.count))
    case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default: bytes += [mask | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 255) }
    }
    guard isMasked else { return bytes + payload }
    let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    bytes += key
    for (index, byte) in payload.enumerated() { bytes.append(byte ^ key[index & 3]) }
    return bytes
  }

  /// The next frame of the server.
  public func receive() -> Frame {
    while true {
      if let frame = take() { return frame }
      guard let part = connection.receiveSome() else { return .ended }
      buffer += part
    }
  }

  /// The next text; nil when something else comes, but for pings.
  public func receiveText() -> String? {
    while true {
      switch receive() {
      case .text(let text): return text
      case .ping: continue
      default: return nil
      }
    }
  }

  private func take() -> Frame? {
    guard buffer.count >= 2 else { return nil }
    var count = Int(buffer[1] & 0x7F)
    var start = 2
    if count == 126 {
      guard buffer.count >= 4 else { return nil }
      count = Int(buffer[2]) << 8 | Int(buffer[3])
      start = 4
    } else if count == 127 {
      guard buffer.count >= 10 else { return nil }
      count = buffer[2..<10].reduce(0) { $0 << 8 | Int($1) }
      start = 10
    }
    guard buffer.count >= start + count else { return nil }
    let opcode = buffer[0] & 15
    let payload = Array(buffer[start..<(start + count)])
    buffer.removeFirst(start + count)
    switch opcode {
    case 1: return .text(String(decoding: payload, as: UTF8.self))
    case 8:
      guard payload.count >= 2 else { return .close(nil, "") }
      return .close(UInt16(payload[0]) << 8 | UInt16(payload[1]), String(decoding: payload[2...], as: UTF8.self))
    case 9: return .ping
    case 10: return .pong
    default: return .other(opcode)
    }
  }

  /// Ends the connection without a word.
  public func drop() {
    connection.reset()
    connection.finishSending()
  }
}
