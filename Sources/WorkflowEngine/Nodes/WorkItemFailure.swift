/// Why an item failed: what is stored and shown. Never holds values of the program that failed.
public struct WorkItemFailure: Hashable, Sendable {
  /// What boundaries compare; `ERROR` where nothing better is known.
  public var code: String
  public var message: String
  /// Whether another attempt would be in vain; not stored.
  public var isFinal: Bool
  /// Seconds until the next attempt, at least; not stored.
  public var retryAfter: Int64

  public init(code: String = "ERROR", message: String, isFinal: Bool = false, retryAfter: Int64 = 0) {
    self.code = code
    self.message = message
    self.isFinal = isFinal
    self.retryAfter = retryAfter
  }

  /// As it is stored.
  var stored: WorkItemFailure { WorkItemFailure(code: code, message: message) }
}
