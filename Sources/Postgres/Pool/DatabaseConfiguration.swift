/// Where the database is and how much of it one loop uses.
public struct DatabaseConfiguration: Sendable {
  /// A connection string or URI as libpq takes it; several hosts are tried in order.
  public var conninfo: String
  /// Connections per loop for statements that only read. Default 4.
  public var readConnections = 4
  /// Connections per loop that transactions lease. Default 8.
  public var transactionConnections = 8
  /// How long a connection may take to open, in milliseconds. Default 5 000.
  public var connectTimeout: UInt64 = 5_000
  /// How many transactions of a loop may wait for a connection. Default 1 000; one more is refused.
  public var maximumWaiting = 1_000
  /// How long a transaction may wait for a connection, in milliseconds. Default 5 000.
  public var waitTimeout: UInt64 = 5_000
  /// How long the server lets one statement run, in milliseconds. Default 30 000.
  public var statementTimeout: UInt64 = 30_000
  /// Prepared statements a connection keeps. Default 500.
  public var statementCacheSize = 500
  /// How often a transaction is tried in all when it meets a serialisation failure or a deadlock. Default 5.
  public var transactionAttempts = 5
  /// How much longer than the request's deadline a COMMIT is waited for, and its outcome asked for, in milliseconds.
  /// Default 10 000.
  public var commitPatience: UInt64 = 10_000

  public init(conninfo: String) {
    self.conninfo = conninfo
  }
}
