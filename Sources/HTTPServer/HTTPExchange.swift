import EventLoop

/// A request and the answer it waits for. Answered once, now or later, on the loop's thread; answering a client
/// that has left does nothing.
public final class HTTPExchange: @unchecked Sendable {  // confined to its loop's thread
  public let request: HTTPRequest
  public let loop: EventLoop
  /// The client's address, without its port; empty when it cannot be had.
  public let peer: String
  /// Who took the request's body, when the handler wanted it in parts.
  public let bodyReceiver: (any HTTPBodyReceiver)?
  /// Told once, when the client left before it was answered.
  public var onClose: (() -> Void)?
  /// Nil once the answer is taken or the client is gone, which is what breaks the cycle.
  var connection: HTTPConnection?
  /// Until the connection takes it.
  private var response: HTTPResponse?
  private(set) var stream: HTTPResponseStream?
  /// Whether the connection ends with this answer.
  let closes: Bool

  init(
    request: HTTPRequest, loop: EventLoop, connection: HTTPConnection?, closes: Bool, peer: String = "",
    bodyReceiver: (any HTTPBodyReceiver)? = nil
  ) {
    self.request = request
    self.loop = loop
    self.connection = connection
    self.closes = closes
    self.peer = peer
    self.bodyReceiver = bodyReceiver
  }

  /// Whether the client left before it was answered.
  public var isAbandoned: Bool { !isAnswered && connection == nil }

  private var isAnswered = false

  public func respond(_ response: HTTPResponse) {
    guard !isAnswered else { return }
    isAnswered = true
    self.response = response
    onClose = nil
    connection?.exchangeFinished()
  }

  /// Begins an answer that is written in parts; nil when the client has left, or has its answer.
  public func respondInParts(
    status: Int, fields: [(name: String, value: String)]
  ) -> HTTPResponseStream? {
    guard !isAnswered, let connection else { return nil }
    let stream = HTTPResponseStream(
      status: status, fields: fields, exchange: self, isChunked: !request.isHTTP10, hasBody: request.method != .head,
      marks: connection.streamMarks)
    isAnswered = true
    self.stream = stream
    onClose = nil
    connection.exchangeFinished()
    return stream
  }

  /// Hands the connection to another protocol, with an answer 101 that has these fields besides `Connection`.
  ///
  /// - Returns: false when that is not possible: the client has left, other requests of it are under way, or the
  ///   connection ends with this request. Nothing is answered then.
  public func upgrade(fields: [(name: String, value: String)], to next: any UpgradedProtocol) -> Bool {
    guard !isAnswered, !closes, !request.isHTTP10, let connection else { return false }
    guard connection.upgrade(self, fields, to: next) else { return false }
    isAnswered = true
    onClose = nil
    return true
  }

  /// The answer, for the connection to write it.
  func takeResponse() -> HTTPResponse? {
    defer { response = nil }
    return response
  }

  /// The client is gone.
  func clientLeft() {
    connection = nil
    let told = onClose
    onClose = nil
    told?()
    stream?.clientLeft()
  }
}
