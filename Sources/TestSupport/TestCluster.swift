import EventLoop
import Foundation
import Logging
import Postgres

/// A Postgres of this test process alone, thrown away at its end. Started by whoever needs it first.
public final class TestCluster: Sendable {
  private let loop: EventLoop
  private let cluster: EmbeddedCluster
  private let group: EventLoopGroup

  private init() throws {
    group = try EventLoopGroup(count: 1)
    loop = group.loops[0]
    cluster = EmbeddedCluster(
      directory: try TestFiles.directory("cluster"), loop: loop, logger: TestLog.logger, durable: false)
  }

  private static let starting = Task {
    let shared = try TestCluster()
    shared.group.start()
    try await shared.loop.run { try await shared.cluster.start() }
    return shared
  }

  /// The connection string of a database that nobody else has, empty.
  public static func database() async throws -> String {
    let shared = try await starting.value
    let name = "test_\(UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: ""))"
    let base = shared.cluster.conninfo
    let loop = shared.loop
    try await loop.run {
      var configuration = DatabaseConfiguration(conninfo: base)
      configuration.readConnections = 1
      configuration.transactionConnections = 1
      configuration.bePatient()
      let database = Database(loop: loop, configuration: configuration, logger: TestLog.logger)
      try await database.start()
      try await database.createDatabase(named: name)
      database.close()
    }
    return base.replacingOccurrences(of: "dbname=postgres", with: "dbname=\(name)")
  }
}

/// Logs nothing, so that a test's output is the test's.
public enum TestLog {
  public static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A loop on a thread of its own for the length of a test.
public func withLoop<Result: Sendable>(
  _ body: @escaping @Sendable (EventLoop) async throws -> Result
) async throws -> Result {
  let group = try EventLoopGroup(count: 1)
  group.start()
  defer {
    group.stop()
    group.join()
  }
  let loop = group.loops[0]
  return try await loop.run { try await body(loop) }
}

/// A database of its own on a loop of its own.
public func withDatabase<Result: Sendable>(
  configure: @escaping @Sendable (inout DatabaseConfiguration) -> Void = { _ in },
  _ body: @escaping @Sendable (Database) async throws -> Result
) async throws -> Result {
  let conninfo = try await TestCluster.database()
  return try await withDatabase(at: conninfo, configure: configure, body)
}

public func withDatabase<Result: Sendable>(
  at conninfo: String, configure: @escaping @Sendable (inout DatabaseConfiguration) -> Void = { _ in },
  _ body: @escaping @Sendable (Database) async throws -> Result
) async throws -> Result {
  try await withLoop { loop in
    var configuration = DatabaseConfiguration(conninfo: conninfo)
    configuration.readConnections = 2
    configuration.transactionConnections = 2
    configuration.bePatient()
    configure(&configuration)
    let database = Database(loop: loop, configuration: configuration, logger: TestLog.logger)
    try await database.start()
    do {
      let result = try await body(database)
      database.close()
      return result
    } catch {
      database.close()
      throw error
    }
  }
}

extension DatabaseConfiguration {
  /// A machine that runs all suites at once may need long for what is quick otherwise.
  fileprivate mutating func bePatient() {
    connectTimeout = 60_000
    waitTimeout = 60_000
  }
}
