import Postgres
import WorkflowEngine

/// Why a command was not carried out, as a client reads it.
public struct MillraceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Stable; appears as `extensions.code`.
  public enum Code: String, Sendable {
    case notFound = "NOT_FOUND"
    /// A permission refused the mutation.
    case permissionDenied = "PERMISSION_DENIED"
    case invalidInput = "INVALID_INPUT"
    case invalidState = "INVALID_STATE"
    case expressionFailed = "EXPRESSION_FAILED"
    /// Somebody else has the work item already.
    case alreadyAssigned = "ALREADY_ASSIGNED"
    /// A handler failed, or a gateway has no way.
    case workItemFailed = "WORK_ITEM_FAILED"
    /// A workflow goes on without an end.
    case limitExceeded = "LIMIT_EXCEEDED"
    case receiverFailed = "RECEIVER_FAILED"
    /// Receivers caused events that caused receivers, too deep.
    case nestingTooDeep = "NESTING_TOO_DEEP"
    /// The database cannot be reached, or has no room; the same request may succeed later.
    case unavailable = "UNAVAILABLE"
    /// Another change got in between; the same request may succeed now.
    case conflict = "CONFLICT"
    /// The connection to the database was lost during COMMIT, and it could not be asked what became of the change.
    case outcomeUnknown = "OUTCOME_UNKNOWN"
    /// The idempotency key came with another request before.
    case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
    case deadlineExceeded = "TIMEOUT"
    case internalError = "INTERNAL_ERROR"
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public static let keyReused = MillraceError(
    .idempotencyKeyReused, "The idempotency key came with another request before.")

  public var description: String { "\(code.rawValue): \(message)" }

  public init(_ error: EngineError) {
    let code: Code =
      switch error.code {
      case .notFound: .notFound
      case .unknownDefinition, .input: .invalidInput
      case .state: .invalidState
      case .expression: .expressionFailed
      case .permission: .permissionDenied
      case .assigned: .alreadyAssigned
      case .failed: .workItemFailed
      case .limit: .limitExceeded
      }
    self.init(code, error.message)
  }

  public init(_ error: PostgresError) {
    switch error.kind {
    case .unavailable, .connectionLost, .poolExhausted:
      self.init(.unavailable, "The database cannot be reached at the moment.")
    case .outcomeUnknown:
      self.init(
        .outcomeUnknown,
        "The database was lost while the change was stored; whether it is there is not known. "
          + "A request with the same idempotency key finds out."
      )
    case .deadlineExceeded:
      self.init(.deadlineExceeded, "The request took too long and was stopped.")
    case .server where error.isRetryable:
      self.init(.conflict, "Another change got in between; please try again.")
    case .server where error.sqlState == "57014":
      self.init(.deadlineExceeded, "The request took too long and was stopped.")
    case .server where ["57P01", "57P02", "57P03"].contains(error.sqlState):
      self.init(.unavailable, "The database cannot be reached at the moment.")
    case .server where ["22021", "22P05"].contains(error.sqlState):
      self.init(.invalidInput, "Text must not contain the character U+0000.")
    case .server where error.sqlState == "22003":
      self.init(.invalidInput, "A number is too large to be stored.")
    case .server, .aborted:
      self.init(.internalError, error.message)
    }
  }
}
