import EventLoop
import Foundation
import Postgres
import TestSupport
import Testing

@Suite("The embedded cluster")
struct EmbeddedClusterTests {
  private func query(_ cluster: EmbeddedCluster, _ loop: EventLoop, _ sql: SQL) async throws -> Rows {
    let database = Database(
      loop: loop, configuration: DatabaseConfiguration(conninfo: cluster.conninfo), logger: TestLog.logger)
    try await database.start()
    defer { database.close() }
    return try await database.transaction { try await $0.query(sql) }
  }

  @Test("what was stored is there after a stop and a start")
  func restart() async throws {
    let directory = try TestFiles.directory("restart")
    try await withLoop { loop in
      let first = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      try await first.start()
      _ = try await query(first, loop, "create table t as select 5 as a")
      await first.stop()
      let second = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      try await second.start()
      let found1 = try await query(second, loop, "select a from t").int32(0, 0)
      #expect(found1 == 5)
      await second.stop()
    }
  }

  @Test("a second server is refused the same directory")
  func lock() async throws {
    let directory = try TestFiles.directory("lock")
    try await withLoop { loop in
      let first = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      try await first.start()
      let second = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      let failure = await #expect(throws: EmbeddedCluster.Failure.self) { try await second.start() }
      #expect(failure?.description.contains("Another server (process \(getpid()))") == true)
      await first.stop()
    }
  }

  @Test("a first start that was interrupted is done again")
  func interrupted() async throws {
    let directory = try TestFiles.directory("interrupted")
    try FileManager.default.createDirectory(atPath: "\(directory)/postgres/base", withIntermediateDirectories: true)
    try await withLoop { loop in
      let cluster = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      try await cluster.start()
      let found2 = try await query(cluster, loop, "select 1").int32(0, 0)
      #expect(found2 == 1)
      await cluster.stop()
    }
  }

  @Test("a postmaster that was killed is started again")
  func killedPostmaster() async throws {
    let directory = try TestFiles.directory("killed")
    try await withLoop { loop in
      let cluster = EmbeddedCluster(directory: directory, loop: loop, logger: TestLog.logger, durable: false)
      try await cluster.start()
      let text = try String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8)
      let pid = try #require(pid_t(text.prefix { $0.isNumber }))
      kill(pid, SIGKILL)
      var answer: Int32?
      let deadline = loop.now + 15_000
      while answer == nil, loop.now < deadline {
        try await loop.sleep(milliseconds: 50)
        answer = try? await query(cluster, loop, "select 1").int32(0, 0)
      }
      #expect(answer == 1)
      await cluster.stop()
    }
  }
}
