import CLibuv

/// A call of libuv that failed.
public struct EventLoopError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The negative number that libuv answers.
  public let code: Int32
  /// What was attempted.
  public let operation: String

  public init(code: Int32, operation: String) {
    self.code = code
    self.operation = operation
  }

  public var description: String {
    "\(operation): \(String(cString: uv_strerror(code)))"
  }

  static func check(_ code: Int32, _ operation: String) throws(EventLoopError) {
    if code < 0 { throw EventLoopError(code: code, operation: operation) }
  }
}
