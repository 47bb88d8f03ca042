/// Answers requests.
public protocol HTTPHandler: AnyObject, Sendable {
  /// Called on the loop's thread once the whole request is there.
  func handle(_ exchange: HTTPExchange)
}
