import EventLoop

/// A request and the answer it waits for. Answered once, now or later, on the loop's thread; answering a client
/// that has left does nothing.
public final class HTTPExchange: @unchecked Sendable {  // confined to its loop's thread
  public let request: HTTPRequest
  public let loop: EventLoop
  /// Nil once the answer is taken or the client is gone, which is what breaks the cycle.
  var connection: HTTPConnection?
  private(set) var response: HTTPResponse?
  /// Whether the connection ends with this answer.
  let closes: Bool

  init(request: HTTPRequest, loop: EventLoop, connection: HTTPConnection?, closes: Bool) {
    self.request = request
    self.loop = loop
    self.connection = connection
    self.closes = closes
  }

  /// Whether the client left before it was answered.
  public var isAbandoned: Bool { response == nil && connection == nil }

  public func respond(_ response: HTTPResponse) {
    guard self.response == nil else { return }
    self.response = response
    connection?.exchangeFinished()
  }
}
