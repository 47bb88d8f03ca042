/// A statement under way: its text and parameters, as it may have to be sent again, and who waits for it.
final class Operation {
  let sql: SQL
  let parameters: Parameters
  /// On the loop's clock; nil for no limit of its own.
  let deadline: UInt64?
  /// Whether the error that aborted this statement's preparation is known.
  var preparationError: PostgresError?
  /// Whether it was sent again after a neighbour's failure; it is only once.
  var isRetry = false
  private(set) var result: Result<Rows, PostgresError>?
  private var waiter: UnsafeContinuation<Result<Rows, PostgresError>, Never>?
  /// Told once, when the result is there.
  var onFinish: ((Result<Rows, PostgresError>) -> Void)?

  init(_ sql: SQL, _ parameters: Parameters, deadline: UInt64?) {
    self.sql = sql
    self.parameters = parameters
    self.deadline = deadline
  }

  var isFinished: Bool { result != nil }

  func finish(_ result: Result<Rows, PostgresError>) {
    guard self.result == nil else { return }
    self.result = result
    onFinish?(result)
    onFinish = nil
    waiter?.resume(returning: result)
    waiter = nil
  }

  func rows() async throws(PostgresError) -> Rows {
    if let result { return try result.get() }
    let result = await withUnsafeContinuation { waiter = $0 }
    return try result.get()
  }
}

/// The rows of a statement that was sent. Waiting for them suspends once; nobody has to.
public struct PendingRows: @unchecked Sendable {  // used on the loop of its database only
  let operation: Operation

  public func rows() async throws(PostgresError) -> Rows {
    try await operation.rows()
  }
}
