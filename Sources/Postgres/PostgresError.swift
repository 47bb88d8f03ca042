import CLibpq

/// Why a statement did not succeed.
public struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: Hashable, Sendable {
    /// The server refused the statement; `sqlState` says why.
    case server
    /// The connection ended while the statement was under way; whether it took effect is not known.
    case connectionLost
    /// No connection can be had at the moment.
    case unavailable
    /// Too many wait for a connection, or one waited too long.
    case poolExhausted
    /// The statement's time was up; it was cancelled.
    case deadlineExceeded
    /// The connection was lost during COMMIT, and what became of the transaction could not be found out in time.
    case outcomeUnknown
    /// A statement before this one in the pipeline failed.
    case aborted
  }

  public let kind: Kind
  /// Five characters, as in Postgres's appendix A.
  public let sqlState: String?
  public let message: String
  public let detail: String?
  public let constraint: String?

  public init(
    _ kind: Kind, _ message: String, sqlState: String? = nil, detail: String? = nil, constraint: String? = nil
  ) {
    self.kind = kind
    self.message = message
    self.sqlState = sqlState
    self.detail = detail
    self.constraint = constraint
  }

  /// Of a result that is an error.
  init(_ result: OpaquePointer) {
    func field(_ code: Character) -> String? {
      PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    guard field("C") != nil else {
      // Not the server's: libpq makes a result of its own when the connection breaks.
      let message = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
      self.init(.connectionLost, message.split(separator: "\n").joined(separator: " "))
      return
    }
    // The letters are those of the protocol's error fields.
    self.init(
      .server, field("M") ?? "The statement failed.", sqlState: field("C"), detail: field("D"),
      constraint: field("n"))
  }

  /// Serialisation failures and deadlocks: the whole transaction may be tried again.
  public var isRetryable: Bool { sqlState == "40001" || sqlState == "40P01" }

  public var description: String {
    sqlState.map { "\(message) (\($0))" } ?? message
  }
}
