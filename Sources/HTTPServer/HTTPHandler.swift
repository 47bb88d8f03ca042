/// Answers requests.
public protocol HTTPHandler: AnyObject, Sendable {
  /// Called on the loop's thread once the whole request is there.
  func handle(_ exchange: HTTPExchange)
  /// Called on the loop's thread once the header of a request with a body is there: who takes the body in parts, or
  /// nil for a body that is kept in memory.
  func bodyReceiver(for request: HTTPRequest) -> (any HTTPBodyReceiver)?
}

extension HTTPHandler {
  public func bodyReceiver(for request: HTTPRequest) -> (any HTTPBodyReceiver)? { nil }
}
