import EventLoop
import Logging

/// The database as one loop sees it: lanes of connections, statements on them, transactions.
///
/// Reads share connections and synchronisation points: all statements of a tick leave in one write per
/// connection. Transactions lease a connection of their own.
public final class Database: @unchecked Sendable {  // confined to its loop's thread
  public let loop: EventLoop
  public let configuration: DatabaseConfiguration
  let logger: Logger
  private var readers: [Slot] = []
  private var writers: [Slot] = []
  private var waiting: [Waiter] = []
  private var sweep: LoopTimer?
  private var isClosed = false
  /// Holds this object, as the timer does, until `close`: what is in flight must not lose it.
  private lazy var hook = FlushHook(database: self)

  /// Told on the loop's thread what committed transactions have announced.
  public var onAnnouncement: (@Sendable (UUID128) -> Void)?

  /// Statements handed to connections since the start; tests and metrics read it.
  public private(set) var statementsSent = 0

  /// A place for a connection, filled again when the connection is lost.
  private final class Slot: @unchecked Sendable {  // confined to the loop's thread
    var connection: Connection?
    /// Not open yet.
    var opening: Connection?
    var isLeased = false
    var isConnecting = false
    var failures = 0
  }

  private struct Waiter {
    let deadline: UInt64
    let continuation: UnsafeContinuation<Result<Lease, PostgresError>, Never>
  }

  public init(loop: EventLoop, configuration: DatabaseConfiguration, logger: Logger) {
    self.loop = loop
    self.configuration = configuration
    self.logger = logger
  }

  /// Whether at least one connection of each lane is open.
  public var isAvailable: Bool {
    readers.contains { $0.connection?.isOpen == true } && writers.contains { $0.connection?.isOpen == true }
  }

  /// Opens the first connection of each lane; the others follow in the background, and lost ones are opened
  /// again.
  ///
  /// - Throws: when the database cannot be reached.
  public func start() async throws(PostgresError) {
    readers = (0..<configuration.readConnections).map { _ in Slot() }
    writers = (0..<configuration.transactionConnections).map { _ in Slot() }
    loop.addTickHook(hook)
    sweep = loop.timer(after: 100, repeating: 100) { [self] in self.checkDeadlines() }
    do throws(PostgresError) {
      if let first = readers.first { try await open(first, isReader: true) }
      if let first = writers.first { try await open(first, isReader: false) }
    } catch {
      close()
      throw error
    }
    fill()
  }

  private func fill() {
    for (slots, isReader) in [(readers, true), (writers, false)] {
      for slot in slots where slot.connection == nil && !slot.isConnecting { reopen(slot, isReader: isReader) }
    }
  }

  /// Closes every connection; what is in flight fails.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    sweep?.cancel()
    loop.removeTickHook(hook)
    for waiter in waiting {
      waiter.continuation.resume(returning: .failure(PostgresError(.unavailable, "The server is stopping.")))
    }
    waiting = []
    for slot in readers + writers {
      slot.opening?.abandon()
      slot.connection?.close()
      slot.connection = nil
    }
  }

  // MARK: Connections

  private func session(isReader: Bool) -> Connection.Session {
    var options = "-c statement_timeout=\(configuration.statementTimeout) -c TimeZone=UTC"
    if isReader { options += " -c default_transaction_read_only=on" }
    return Connection.Session(
      conninfo: configuration.conninfo, options: options, statementCacheSize: configuration.statementCacheSize)
  }

  private func open(_ slot: Slot, isReader: Bool) async throws(PostgresError) {
    slot.isConnecting = true
    defer { slot.isConnecting = false }
    let connection = Connection(loop: loop, session: session(isReader: isReader), logger: logger)
    slot.opening = connection
    defer { slot.opening = nil }
    try await connection.open(timeout: configuration.connectTimeout)
    guard !isClosed else {
      connection.close()
      return
    }
    slot.failures = 0
    slot.connection = connection
    slot.isLeased = false
    connection.onClose = { [self] error in
      slot.connection = nil
      guard !self.isClosed else { return }
      self.logger.warning("A database connection was lost.", metadata: ["reason": "\(error.message)"])
      self.reopen(slot, isReader: isReader)
    }
    if !isReader { offer() }
  }

  /// Opens the slot's connection again, with growing pauses of at most a second.
  private func reopen(_ slot: Slot, isReader: Bool) {
    guard !isClosed, !slot.isConnecting, slot.connection == nil else { return }
    slot.isConnecting = true
    let base = slot.failures == 0 ? 0 : min(UInt64(20) << UInt64(min(slot.failures, 6)), 800)
    let pause = base + UInt64.random(in: 0...max(base / 4, 1))
    loop.timer(after: pause) { [self] in
      loop.start {
        slot.isConnecting = false
        do throws(PostgresError) {
          try await self.open(slot, isReader: isReader)
        } catch {
          slot.failures += 1
          if slot.failures == 1 {
            self.logger.warning("The database cannot be reached.", metadata: ["reason": "\(error.message)"])
          }
          self.failWaitingIfDown()
          self.reopen(slot, isReader: isReader)
        }
      }
    }
  }

  /// With no connection left nobody has to wait for the time limit.
  private func failWaitingIfDown() {
    guard !writers.contains(where: { $0.connection != nil }) else { return }
    let all = waiting
    waiting = []
    for waiter in all {
      waiter.continuation.resume(
        returning: .failure(PostgresError(.unavailable, "The database cannot be reached.")))
    }
  }

  fileprivate func flushAll() -> Bool {
    var worked = false
    for slot in readers where slot.connection?.flush() == true { worked = true }
    for slot in writers where slot.connection?.flush() == true { worked = true }
    return worked
  }

  private func checkDeadlines() {
    for slot in readers + writers { _ = slot.connection?.expire(at: loop.now) }
    let now = loop.now
    while let first = waiting.first, first.deadline <= now {
      waiting.removeFirst()
      first.continuation.resume(
        returning: .failure(PostgresError(.poolExhausted, "No database connection became free in time.")))
    }
  }

  // MARK: Reading

  /// Sends a statement that only reads. Everything that is sent before the tick ends leaves together.
  ///
  /// - Parameter deadline: on the loop's clock, in milliseconds.
  public func send(_ sql: SQL, _ parameters: Parameters = Parameters(), deadline: UInt64? = nil) -> PendingRows {
    let operation = Operation(sql, parameters, deadline: deadline)
    send(read: operation)
    return PendingRows(operation: operation)
  }

  private func send(read operation: Operation) {
    var best: Connection?
    for slot in readers {
      guard let connection = slot.connection, connection.isOpen else { continue }
      if best.map({ connection.inFlight < $0.inFlight }) ?? true { best = connection }
    }
    guard let best else {
      operation.finish(.failure(PostgresError(.unavailable, "The database cannot be reached.")))
      return
    }
    guard !operation.isRetry else {
      statementsSent += 1
      best.send(operation)
      return
    }
    // Neighbours share a synchronisation point: one that only failed with them is sent once more.
    attempt(operation, on: best) { $0.kind == .aborted || $0.sqlState == "57014" }
  }

  /// Sends a reading statement on a connection, and once more, on one of those for reading, after some failures.
  private func attempt(_ operation: Operation, on connection: Connection, again: @escaping (PostgresError) -> Bool) {
    statementsSent += 1
    let attempt = Operation(operation.sql, operation.parameters, deadline: operation.deadline)
    attempt.onFinish = { [self] result in
      if case .failure(let error) = result, again(error) {
        operation.isRetry = true
        self.send(read: operation)
      } else {
        operation.finish(result)
      }
    }
    connection.send(attempt)
  }

  /// Sends a statement that only reads behind a transaction's COMMIT.
  func send(_ sql: SQL, _ parameters: Parameters, behind transaction: Transaction, deadline: UInt64?) -> PendingRows {
    let operation = Operation(sql, parameters, deadline: deadline)
    attempt(operation, on: transaction.connection) { error in
      transaction.isCommitted && (error.kind == .aborted || error.kind == .connectionLost)
    }
    return PendingRows(operation: operation)
  }

  /// Sends a statement that only reads and waits for its rows.
  public func query(
    _ sql: SQL, _ parameters: Parameters = Parameters(), deadline: UInt64? = nil
  ) async throws(PostgresError) -> Rows {
    try await send(sql, parameters, deadline: deadline).rows()
  }

  // MARK: Transactions

  /// A connection that is one transaction's alone.
  final class Lease {
    let connection: Connection
    fileprivate let slot: AnyObject

    fileprivate init(connection: Connection, slot: AnyObject) {
      self.connection = connection
      self.slot = slot
    }
  }

  func lease() async throws(PostgresError) -> Lease {
    if waiting.isEmpty, let lease = takeFree() { return lease }
    // Where no attempt to reconnect has failed yet, a connection is a moment away.
    guard writers.contains(where: { $0.connection != nil || $0.failures == 0 }) else {
      throw PostgresError(.unavailable, "The database cannot be reached.")
    }
    guard waiting.count < configuration.maximumWaiting else {
      throw PostgresError(.poolExhausted, "Too many requests wait for a database connection.")
    }
    let deadline = loop.now + configuration.waitTimeout
    let result = await withUnsafeContinuation { continuation in
      waiting.append(Waiter(deadline: deadline, continuation: continuation))
    }
    return try result.get()
  }

  private func takeFree() -> Lease? {
    for slot in writers {
      guard !slot.isLeased, let connection = slot.connection, connection.isOpen else { continue }
      slot.isLeased = true
      return Lease(connection: connection, slot: slot)
    }
    return nil
  }

  func release(_ lease: Lease) {
    guard let slot = lease.slot as? Slot else { return }
    if slot.connection === lease.connection { slot.isLeased = false }
    offer()
  }

  /// Gives free connections to those who wait, in the order in which they came.
  private func offer() {
    while !waiting.isEmpty, let lease = takeFree() {
      waiting.removeFirst().continuation.resume(returning: .success(lease))
    }
  }

  func countStatement() {
    statementsSent += 1
  }
}

/// Connections send what a tick has gathered when it ends.
private final class FlushHook: TickHook {
  private let database: Database

  init(database: Database) {
    self.database = database
  }

  func tick() -> Bool { database.flushAll() }
  func loopWillClose() { database.close() }
}

extension Database {
  /// Makes a database. Not possible within a transaction, so the statement goes alone.
  ///
  /// - Precondition: the name is made of lower-case letters, digits and underscores.
  public func createDatabase(named name: String) async throws(PostgresError) {
    precondition(name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || isLowerAlphanumeric($0) }, "Not a plain name.")
    let lease = try await lease()
    defer { release(lease) }
    let operation = Operation(SQL("create database \(name)"), Parameters(), deadline: nil)
    lease.connection.send(operation)
    _ = try await operation.rows()
  }

  private func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
  }
}
