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
  private var identity: PendingRows?
  private var announced: Set<UUID128> = []
  /// Whether COMMIT was acknowledged.
  private(set) var isCommitted = false
  /// From then on the connection is another transaction's.
  private var isOver = false

  private static let over = PostgresError(.aborted, "The transaction is over.")

  init(database: Database, connection: Connection, deadline: UInt64?) {
    self.database = database
    self.connection = connection
    self.deadline = deadline
  }

  @discardableResult
  public func send(_ sql: SQL, _ parameters: Parameters = Parameters()) -> PendingRows {
    send(sql, parameters, deadline: deadline)
  }

  private func send(_ sql: SQL, _ parameters: Parameters, deadline: UInt64?) -> PendingRows {
    let operation = Operation(sql, parameters, deadline: deadline)
    // Of somebody who was given up and has not heard of it.
    guard !isOver else {
      operation.finish(.failure(Self.over))
      return PendingRows(operation: operation)
    }
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
    guard !isOver else { throw Self.over }
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

  /// Tells `Database.onAnnouncement` of what was changed, once COMMIT was acknowledged. Also after a savepoint that was
  /// rolled back: an announcement is a hint to look, not a fact.
  public func announce(_ subject: UUID128) {
    guard announced.insert(subject).inserted else { return }
    onCommit { [database] in database.onAnnouncement?(subject) }
  }

  /// Sends a statement that only reads behind COMMIT, in the same round trip: it sees what the transaction has made.
  ///
  /// - Precondition: COMMIT was sent; see `Database.transaction`.
  public func sendBehindCommit(_ sql: SQL, _ parameters: Parameters, deadline: UInt64?) -> PendingRows {
    database.send(sql, parameters, behind: self, deadline: deadline)
  }

  // MARK: Beginning and ending

  /// The transaction's number, as text: by this its outcome can be found out should the connection be lost during
  /// COMMIT.
  public static let number = "pg_current_xact_id()::text"
  private static let readIdentity = SQL("select \(number)")

  /// Sends a statement that answers a row whose last column is ``number``: it saves a statement of its own.
  public func sendIdentifying(_ sql: SQL, _ parameters: Parameters = Parameters()) -> PendingRows {
    let pending = send(sql, parameters)
    if identity == nil { identity = pending }
    return pending
  }

  /// Sends BEGIN. A transaction that writes also asks for its number, in the same round trip as its first statement,
  /// unless one of its statements tells it.
  ///
  /// Where waiting for a connection and earlier attempts have taken much of the request's time, the server is told what
  /// is left of it.
  ///
  /// - Throws: that nothing is left.
  fileprivate func begin(asksForNumber: Bool) throws(PostgresError) {
    let remaining = deadline.map { $0 > database.loop.now ? $0 - database.loop.now : 0 }
    if remaining == 0 { throw PostgresError(.deadlineExceeded, "There was no time left for the transaction.") }
    send("begin")
    if let remaining, remaining < database.configuration.statementTimeout / 8 * 7 {
      var parameters = Parameters()
      parameters.append(String(remaining))
      send("select set_config('statement_timeout', $1, true)", parameters)
    }
    if asksForNumber { identity = send(Self.readIdentity) }
  }

  /// The transaction's number; nil for one that only reads.
  /// - Precondition: an identifying statement has answered a row.
  fileprivate func number() async throws(PostgresError) -> String? {
    guard let identity else { return nil }
    let rows = try await firstCause { () async throws(PostgresError) -> Rows in try await identity.rows() }
    return rows.text(0, rows.columnCount - 1)
  }

  fileprivate enum Ending {
    case committed
    case rolledBack(PostgresError)
    /// COMMIT may have been carried out.
    case unknown(PostgresError)
  }

  /// COMMIT is waited for beyond the request's deadline: once it is sent nobody can say that nothing happened.
  ///
  /// - Parameter isSent: called once COMMIT is on its way.
  fileprivate func commit(patience milliseconds: UInt64, isSent: () -> Void) async -> Ending {
    isOver = true
    let latest = deadline.map { max($0, database.loop.now) + milliseconds }
    let operation = Operation("commit", Parameters(), deadline: latest)
    operation.onFinish = { [self] result in
      // A failed transaction answers COMMIT with ROLLBACK.
      if case .success(let rows) = result { isCommitted = rows.commandTag == "COMMIT" }
    }
    database.countStatement()
    connection.send(operation)
    isSent()
    do throws(PostgresError) {
      _ = try await operation.rows()
      return isCommitted
        ? .committed : .rolledBack(failure ?? PostgresError(.server, "The transaction was rolled back."))
    } catch {
      switch error.kind {
      case .connectionLost, .deadlineExceeded:
        if let failure, failure.kind == .server { return .rolledBack(failure) }
        return .unknown(error)
      default:
        return .rolledBack(failure ?? error)
      }
    }
  }

  fileprivate func tellCommitted() {
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
    isOver = true
    commitActions = []
    _ = connection.flush()
    // Whatever is left of the request's time: the connection is another transaction's next, or nobody's.
    let latest = database.loop.now + database.configuration.commitPatience
    let operation = Operation("rollback", Parameters(), deadline: latest)
    database.countStatement()
    connection.send(operation)
    do throws(PostgresError) {
      _ = try await operation.rows()
    } catch {
      connection.close(error)
    }
  }
}

extension Database {
  /// Runs `body` in a transaction and commits. Tried again, with a short random pause, when the database asks
  /// for that (serialisation failure, deadlock) or the connection was lost and nothing of it remains: `body` must
  /// not have effects outside the transaction but through `onCommit`.
  ///
  /// A connection that is lost during COMMIT is no failure by itself: what became of the transaction is found out on
  /// another connection.
  ///
  /// - Parameters:
  ///   - isReadOnly: for a transaction that does not write, whose end does not matter.
  ///   - isIdentified: whether the body sends a statement that tells the transaction's number.
  ///   - committing: called with the result when COMMIT was sent, and with the transaction, behind which statements can
  ///     be sent now. Called without a transaction when what was sent is of no use: it was not acknowledged.
  /// - Throws: what `body` throws, or a `PostgresError`; nothing of the transaction remains then, but for
  ///   `outcomeUnknown`, when the database could not be asked in time.
  public func transaction<Result>(
    deadline: UInt64? = nil, isReadOnly: Bool = false, isIdentified: Bool = false,
    committing: (Result, Transaction?) -> Void = { _, _ in }, _ body: (Transaction) async throws -> Result
  ) async throws -> Result {
    var attempt = 1
    while true {
      let lease = try await lease()
      let transaction = Transaction(database: self, connection: lease.connection, deadline: deadline)
      do {
        try transaction.begin(asksForNumber: !isReadOnly && !isIdentified)
        let result = try await body(transaction)
        let number = try await transaction.number()
        let ending = await transaction.commit(patience: configuration.commitPatience) {
          committing(result, transaction)
        }
        if case .committed = ending {} else { committing(result, nil) }
        switch ending {
        case .committed: break
        case .rolledBack(let error): throw error
        case .unknown(let error):
          guard let number else { throw error }
          // What is in flight on the connection is of no use any more.
          lease.connection.close(error)
          let isCommitted = try await outcome(
            of: number, until: max(deadline ?? 0, loop.now + configuration.commitPatience))
          guard isCommitted else { throw PostgresError(.connectionLost, error.message) }
        }
        release(lease)
        transaction.tellCommitted()
        return result
      } catch {
        if lease.connection.isOpen { await transaction.rollBack() }
        release(lease)
        guard let failure = error as? PostgresError, failure.isRetryable || failure.kind == .connectionLost,
          attempt < configuration.transactionAttempts, deadline.map({ loop.now < $0 }) ?? true
        else { throw error }
        attempt += 1
        try await loop.sleep(milliseconds: UInt64.random(in: 1...(10 << UInt64(attempt))))
      }
    }
  }
}
