/// Takes a request's body part by part instead of having it kept in memory. Called on the loop's thread.
public protocol HTTPBodyReceiver: AnyObject {
  /// Bytes of the body at most; a longer one is answered 413.
  var maximumBytes: Int { get }
  /// Whether it takes more at the moment; when not, the client is not read from until `onReady` is called.
  var isReady: Bool { get }
  /// Set by the connection; to be called when `isReady` has become true.
  var onReady: (() -> Void)? { get set }
  /// Takes a part, or says why the request is refused. The bytes are valid during the call only.
  func receive(_ bytes: UnsafeRawBufferPointer) -> HTTPRefusal?
  /// The body will not be completed: the client left, or the request was refused.
  func abandoned()
}

/// Why a body is not taken: the status and the error that the client gets.
public struct HTTPRefusal: Error, Hashable, Sendable {
  public let status: Int
  public let code: String
  public let message: String

  /// - Parameter message: without quotes and backslashes, because it is written as it is.
  public init(status: Int, code: String, message: String) {
    self.status = status
    self.code = code
    self.message = message
  }
}
