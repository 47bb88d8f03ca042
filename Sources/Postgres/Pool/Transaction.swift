import EventLoop

/// A transaction under way, on a connection of its own.
///
/// Statements that are sent without waiting travel together: BEGIN with the first, COMMIT with the last. An error
/// of one that nobody waited for surfaces at COMMIT.
public final class Transaction {
  let database: Database
  let connection: Connection
  private let deadline: UInt64?
  private var failure: PostgresError?
  private var savepoints = 0
  private var commitActions: [() -> Void] = []

  init(database: Database, connection: Connection, deadline: UInt64?) {
    self.database = database
    self.connection = connection
    self.deadline = deadline
  }

  @discardableResult
  public func send(_ sql: SQL, _ parameters: Parameters = Parameters()) -> PendingRows {
    let operation = Operation(sql, parameters, deadline: deadline)
    operation.onFinish = { [weak self] result in
      // The first cause counts; what follows it was only aborted with it.
      if case .failure(let error) = result, let self, self.failure == nil || self.failure?.kind == .aborted {
        self.failure = error
      }
    }
    database.countStatement()
    connection.send(operation)
    return PendingRows(operation: operation)
  }

  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws(PostgresError) -> Rows {
    try await send(sql, parameters).rows()
  }

  /// Runs `body` so that its writes go away when it throws, and the transaction goes on.
  public func savepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
    let name = beginSavepoint()
    do {
      let result = try await body()
      if let failure { throw failure }
      try await releaseSavepoint(name)
      return result
    } catch {
      try await rollBack(to: name)
      throw error
    }
  }

  /// Starts a savepoint with the next statement; answers its name.
  public func beginSavepoint() -> String {
    savepoints += 1
    let name = "p\(savepoints)"
    send(SQL("savepoint \(name)"))
    return name
  }

  /// - Throws: the first error since the savepoint, also one that nobody waited for.
  public func releaseSavepoint(_ name: String) async throws(PostgresError) {
    _ = try await firstCause { () async throws(PostgresError) -> Rows in
      try await self.query(SQL("release savepoint \(name)"))
    }
  }

  /// Undoes everything since the savepoint; the transaction is usable again.
  public func rollBack(to name: String) async throws(PostgresError) {
    // What is still in flight may have to fail first: the command has to stand behind a synchronisation point
    // of its own, or it would be aborted with the failed ones.
    _ = connection.flush()
    _ = try await query(SQL("rollback to savepoint \(name)"))
    failure = nil
  }

  /// Calls `action` once COMMIT was acknowledged; never when the transaction is rolled back.
  public func onCommit(_ action: @escaping () -> Void) {
    commitActions.append(action)
  }

  fileprivate func commit() async throws(PostgresError) {
    let rows = try await firstCause { () async throws(PostgresError) -> Rows in try await self.query("commit") }
    if let failure { throw failure }
    // A failed transaction answers COMMIT with ROLLBACK.
    guard rows.commandTag == "COMMIT" else {
      throw PostgresError(.server, "The transaction was rolled back.")
    }
    // The actions are let go before they run: they may hold what holds this transaction.
    let actions = commitActions
    commitActions = []
    for action in actions { action() }
  }

  private func firstCause(_ body: () async throws(PostgresError) -> Rows) async throws(PostgresError) -> Rows {
    do throws(PostgresError) {
      return try await body()
    } catch {
      throw failure ?? error
    }
  }

  fileprivate func rollBack() async {
    commitActions = []
    _ = connection.flush()
    _ = try? await query("rollback")
  }
}

extension Database {
  /// Runs `body` in a transaction and commits. Tried again, with a short random pause, when the database asks
  /// for that (serialisation failure, deadlock): `body` must not have effects outside the transaction but
  /// through `onCommit`.
  ///
  /// - Throws: what `body` throws, or a `PostgresError`; nothing of the transaction remains then, but for
  ///   `connectionLost` during COMMIT, whose outcome is not known.
  public func transaction<Result>(
    deadline: UInt64? = nil, _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    var attempt = 1
    while true {
      let lease = try await lease()
      let transaction = Transaction(database: self, connection: lease.connection, deadline: deadline)
      do {
        transaction.send("begin")
        let result = try await body(transaction)
        try await transaction.commit()
        release(lease)
        return result
      } catch {
        if lease.connection.isOpen { await transaction.rollBack() }
        release(lease)
        guard let failure = error as? PostgresError, failure.isRetryable,
          attempt < configuration.transactionAttempts
        else { throw error }
        attempt += 1
        try await loop.sleep(milliseconds: UInt64.random(in: 1...(10 << UInt64(attempt))))
      }
    }
  }
}
