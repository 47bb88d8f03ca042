/// Why an item failed: what is stored and shown. Never holds values of the program that failed.
public struct WorkItemFailure: Hashable, Sendable {
  /// What boundaries compare; `ERROR` where nothing better is known.
  public var code: String
  public var message: String

  public init(code: String = "ERROR", message: String) {
    self.code = code
    self.message = message
  }
}
