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

/// One WebSocket of the server's side: its frames, its life and its end. On the loop's thread.
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
  private var frames: WebSocketFrames?
  private var socket: UpgradedSocket?
  private var isClosing = false
  /// While frames are read: what is to be sent leaves once that is done.
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

  // MARK: The connection

  public func started(_ socket: UpgradedSocket) {
    self.socket = socket
    frames = WebSocketFrames(maximumMessageBytes: maximumMessageBytes)
    guard frames != nil else { return socket.abort() }
    timer = socket.loop.timer(after: keepAliveMilliseconds, repeating: keepAliveMilliseconds) { [weak self] in
      self?.keepAlive()
    }
    handler.opened(self)
  }

  public func received(_ bytes: UnsafeRawBufferPointer) {
    hasHeard = true
    guard let frames, socket != nil else { return }
    isReceiving = true
    let isReadable = frames.receive(bytes) { [unowned self] in handle($0) }
    isReceiving = false
    flush()
    if !isReadable { socket?.close() }
  }

  private func handle(_ event: WebSocketFrames.Event) {
    guard !isClosing else { return }
    switch event {
    case .text(let message): handler.received(message)
    case .closing: tellClosed()
    case .refused(let code, let reason): close(code, reason)
    }
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
    guard let frames, !isClosing else { return }
    frames.queuePing()
    flush()
  }

  /// Hands to the socket what there is to send, and ends with the last of it.
  private func flush() {
    guard let frames, let socket, !isReceiving else { return }
    guard let bytes = frames.takeOutput() else { return socket.abort() }
    if !bytes.isEmpty { socket.write(bytes) }
    if frames.isEnding { tellClosed() }
    if frames.isOver { socket.close() }
  }

  // MARK: Sending

  /// Whether the client takes what is sent.
  public var isWritable: Bool { !isClosing && socket?.isWritable ?? false }
  public var loop: EventLoop? { socket?.loop }
  public var peer: String { socket?.peer ?? "" }

  /// Sends a text message.
  public func send(_ text: ContiguousArray<UInt8>) {
    guard let frames, socket != nil, !isClosing else { return }
    frames.queue(text: text)
    flush()
  }

  /// Ends the connection as the protocol has it: says so, and waits for a moment for the client to say so as well.
  ///
  /// - Parameter reason: what is longer than 123 bytes is cut.
  public func close(_ code: UInt16, _ reason: String) {
    guard let frames, let socket, !isClosing else { return }
    frames.queueClose(code, reason)
    isClosing = true
    timer?.cancel()
    timer = socket.loop.timer(after: Self.closeTimeout) { [weak socket] in socket?.close() }
    flush()
    tellClosed()
  }
}
