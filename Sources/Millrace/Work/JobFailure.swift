/// Thrown by a handler to say how its job failed. Any other error counts as a failure with the code `HANDLER_FAILED`
/// that may pass.
public struct JobFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What error boundaries look at.
  public var code: String
  public var message: String
  /// Whether another attempt would be in vain.
  public var isFinal: Bool
  /// Milliseconds until the next attempt, at least.
  public var retryAfter: Int64?

  public init(_ code: String, _ message: String, isFinal: Bool = false, retryAfter: Int64? = nil) {
    self.code = code
    self.message = message
    self.isFinal = isFinal
    self.retryAfter = retryAfter
  }

  public var description: String { "\(code): \(message)" }

  /// What is stored of an error: its own words where it is meant for others, and else its kind, since a description
  /// could tell what the program knew. The log has all of it.
  init(_ error: any Error) {
    switch error {
    case let failure as JobFailure: self = failure
    case let error as MillraceError: self.init(error.code.rawValue, error.message)
    default: self.init("HANDLER_FAILED", "The handler failed: \(type(of: error)).")
    }
    code = String(code.prefix(100)).filter { $0 != "\0" }
    message = String(message.prefix(2_000)).filter { $0 != "\0" }
  }
}
