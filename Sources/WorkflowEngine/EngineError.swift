/// Why a command is refused.
public struct EngineError: Error, Hashable, Sendable {
  /// Stable; clients may compare it.
  public enum Code: String, Sendable {
    /// The case or work item is not in the family.
    case notFound = "NOT_FOUND"
    /// A definition that the command needs does not exist.
    case unknownDefinition = "UNKNOWN_DEFINITION"
    /// The operation does not fit the state of the case or work item.
    case state = "INVALID_STATE"
    /// The input itself cannot be accepted.
    case input = "INVALID_INPUT"
    /// An expression cannot be evaluated, or gives something that cannot be used.
    case expression = "EXPRESSION_FAILED"
    /// The rules of the task do not allow it to the caller.
    case permission = "PERMISSION_DENIED"
    /// Somebody else has the work item already.
    case assigned = "ALREADY_ASSIGNED"
    /// A handler failed, or a gateway has no way.
    case failed = "WORK_ITEM_FAILED"
    /// A workflow goes on without an end.
    case limit = "LIMIT_EXCEEDED"
  }

  public var code: Code
  /// What a client reads.
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  static func state(_ message: String) -> EngineError { EngineError(.state, message) }
  static let noCase = EngineError(.notFound, "No Case matches the given query.")
  static let noWorkItem = EngineError(.notFound, "No WorkItem matches the given query.")
}
