import API
import EventLoop
import Foundation
import Postgres
import TestSupport
import Testing

/// Servers with the module `effects`, and what tests of several processes do with them.
enum HookProcesses {
  /// A database with the server's layout, and a table for what hooks do.
  static func prepare() async throws -> String {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await prepareEffects(database)
    }
    return conninfo
  }

  static func prepareEffects(_ database: Database) async throws {
    _ = try await database.transaction { transaction in
      try await transaction.query(
        """
        create table effects (n bigint generated always as identity, hook text, family uuid, seq bigint,
        attempt integer, at timestamptz not null default clock_timestamp())
        """)
    }
  }

  static func serve(_ conninfo: String, _ arguments: [String] = []) throws -> ServerProcess {
    try ServerProcess(
      program: "HookProbe",
      arguments: [
        "--hook-lease", "1000", "--webhook-timeout", "100", "--hook-retries",
        String(repeating: "0.1,", count: 30),
      ] + arguments,
      environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "effects"])
  }

  /// A workflow with ten start tasks, and a hook that is told of each.
  static func define(_ port: UInt16, hook: String = "", webhook: String? = nil) throws {
    let tasks = (0..<10).map { "t\($0)" }
    for task in tasks {
      try ask(port, "mutation { saveSimpleTask(input: {slug: \"\(task)\", name: \"\(task)\"}) { clientMutationId } }")
    }
    let list = tasks.map { "\"\($0)\"" }.joined(separator: ", ")
    try ask(
      port,
      "mutation { saveWorkflow(input: {slug: \"wide\", name: \"W\", startTasks: [\(list)]}) { clientMutationId } }")
    guard let webhook else { return try saveHook(port, hook) }
    try ask(
      port,
      "mutation { saveHook(input: {name: \"webhook\", trigger: TRANSITION, workflow: \"wide\", webhook: {url: "
        + "\"\(webhook)\"}}) { secret } }"
    )
  }

  static func saveHook(_ port: UInt16, _ more: String) throws {
    try ask(
      port,
      "mutation { saveHook(input: {name: \"hook\", trigger: TRANSITION, workflow: \"wide\", function: "
        + "\"effect\" \(more)}) { hook { id } } }"
    )
  }

  static func ask(_ port: UInt16, _ query: String) throws {
    let answer = HTTPAnswer.graphql(port, query)
    try #require(answer.status == 200 && !answer.body.contains("\"errors\""), "\(query): \(answer.body)")
  }

  static func start(_ port: UInt16, fields: [String] = []) -> HTTPAnswer {
    HTTPAnswer.graphql(
      port, "mutation { startCase(input: {workflow: \"wide\"}) { case { id status } } }", fields: fields)
  }

  /// Starts cases from several clients. Each repeats its request with the same key until it is acknowledged, so that a
  /// case is started once, whatever happens to servers.
  ///
  /// - Parameter port: where to ask next.
  static func startCases(_ count: Int, port: @escaping @Sendable () -> UInt16) async {
    await withTaskGroup(of: Void.self) { clients in
      for client in 0..<8 {
        clients.addTask {
          await onThread {
            for number in stride(from: client, to: count, by: 8) {
              while true {
                let answer = start(port(), fields: ["idempotency-key: case-\(number)"])
                if answer.status == 200, answer.body.contains("RUNNING") { break }
                usleep(20_000)
              }
            }
          }
        }
      }
    }
  }

  static func waitForDeliveries(_ database: Database, seconds: Int) async throws {
    let isDone = try await wait(
      database, seconds: seconds, "select not exists (select 1 from hook_deliveries where status = 'pending')")
    #expect(isDone)
  }

  /// As many events, each with one effect, those of a family in their order.
  static func expectOneEffectEach(_ database: Database, events expected: Int) async throws {
    let events = try await number(database, "select count(*) from events where name = 'post_create_work_item'")
    let effects = try await number(database, "select count(*) from effects")
    let distinct = try await number(database, "select count(*) from (select distinct family, seq from effects) e")
    let delivered = try await number(database, "select count(*) from hook_deliveries where status = 'delivered'")
    let misplaced = try await number(
      database,
      "select count(*) from (select seq, lag(seq) over (partition by family order by n) as before from effects) e where before > seq"
    )
    #expect(events == Int64(expected))
    #expect(effects == events && distinct == events && delivered == events)
    #expect(misplaced == 0)
  }

  /// Runs `body` with a look at the database.
  static func looking<Result: Sendable>(
    _ conninfo: String, _ body: @escaping @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    try await withDatabase(at: conninfo, body)
  }

  static func number(_ database: Database, _ sql: SQL) async throws -> Int64 {
    try await database.query(sql).int64(0, 0)
  }

  static func wait(_ database: Database, seconds: Int, _ sql: SQL) async throws -> Bool {
    for _ in 0..<(seconds * 20) {
      if try await database.query(sql).bool(0, 0) { return true }
      try await database.loop.sleep(milliseconds: 50)
    }
    return false
  }

  static func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        body()
        continuation.resume()
      }
    }
  }
}
