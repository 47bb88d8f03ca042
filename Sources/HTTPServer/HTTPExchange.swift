import EventLoop

/// A request and the answer it waits for. Answered once, now or later, on the loop's thread; answering a client
/// that has left does nothing.
public final class HTTPExchange: @unchecked Sendable {  // confined to its loop's thread
  public let request: HTTPRequest
  public let loop: EventLoop
  weak var connection: HTTPConnection?
  private(set) var response: HTTPResponse?
  /// Whether the connection ends with this answer.
  let closes: Bool

  init(request: HTTPRequest, loop: EventLoop, connection: HTTPConnection?, closes: Bool) {
    self.request = request
    self.loop = loop
    self.connection = connection
    self.closes = closes
  }

  /// Whether the client is gone.
  public var isAbandoned: Bool { connection == nil }

  public func respond(_ response: HTTPResponse) {
    guard self.response == nil else { return }
    self.response = response
    connection?.exchangeFinished()
  }
}

/// Answers requests.
public protocol HTTPHandler: AnyObject, Sendable {
  /// Called on the loop's thread once the whole request is there.
  func handle(_ exchange: HTTPExchange)
}
