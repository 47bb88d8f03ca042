import API
import EventLoop
import Foundation
import GraphQL
import Postgres
import TestSupport
import Testing

/// Hooks in several server processes over one database. `make stress` asks for four processes and 20 000 events.
@Suite("Hooks in several processes")
struct HookProcessTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let events = environment["MILLRACE_HOOK_EVENTS"].flatMap { Int($0) } ?? 400
  private static let processes = environment["MILLRACE_HOOK_PROCESSES"].flatMap { Int($0) } ?? 2
  /// How long a paused process is paused, in seconds: longer than its claims are its own.
  private static let pause = environment["MILLRACE_HOOK_PAUSE"].flatMap { Double($0) } ?? 2

  /// A database with a workflow that has ten start tasks, and a table for what hooks do.
  private static func prepare() async throws -> String {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      _ = try await database.transaction { transaction in
        try await transaction.query(
          """
          create table effects (n bigint generated always as identity, hook text, family uuid, seq bigint,
          attempt integer, at timestamptz not null default clock_timestamp())
          """)
      }
    }
    return conninfo
  }

  private static func serve(_ conninfo: String, _ arguments: [String] = []) throws -> ServerProcess {
    try ServerProcess(
      program: "HookProbe",
      arguments: [
        "--hook-lease", "1000", "--webhook-timeout", "100", "--hook-retries",
        String(repeating: "0.1,", count: 30),
      ] + arguments,
      environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "effects"])
  }

  private static func define(_ port: UInt16, hook: String = "") throws {
    let tasks = (0..<10).map { "t\($0)" }
    for task in tasks {
      try ask(port, "mutation { saveSimpleTask(input: {slug: \"\(task)\", name: \"\(task)\"}) { clientMutationId } }")
    }
    let list = tasks.map { "\"\($0)\"" }.joined(separator: ", ")
    try ask(port, "mutation { saveWorkflow(input: {slug: \"wide\", name: \"W\", startTasks: [\(list)]}) { clientMutationId } }")
    try saveHook(port, hook)
  }

  private static func saveHook(_ port: UInt16, _ more: String) throws {
    try ask(
      port,
      "mutation { saveHook(input: {name: \"hook\", trigger: TRANSITION, workflow: \"wide\", function: \"effect\" \(more)}) { hook { id } } }")
  }

  private static func ask(_ port: UInt16, _ query: String) throws {
    let answer = HTTPAnswer.graphql(port, query)
    try #require(answer.status == 200 && !answer.body.contains("\"errors\""), "\(query): \(answer.body)")
  }

  private static func start(_ port: UInt16, fields: [String] = []) -> HTTPAnswer {
    HTTPAnswer.graphql(
      port, "mutation { startCase(input: {workflow: \"wide\"}) { case { id status } } }", fields: fields)
  }

  /// Runs `body` with a look at the database.
  private static func looking<Result: Sendable>(
    _ conninfo: String, _ body: @escaping @Sendable (Database) async throws -> Result
  ) async throws -> Result {
    try await withDatabase(at: conninfo, body)
  }

  private static func number(_ database: Database, _ sql: SQL) async throws -> Int64 {
    try await database.query(sql).int64(0, 0)
  }

  private static func wait(_ database: Database, seconds: Int, _ sql: SQL) async throws -> Bool {
    for _ in 0..<(seconds * 20) {
      if try await database.query(sql).bool(0, 0) { return true }
      try await database.loop.sleep(milliseconds: 50)
    }
    return false
  }

  // MARK: The hooking guide's two paragraphs

  @Test("a hook in one process's memory is not called for an event in another")
  func memory() async throws {
    let conninfo = try await Self.prepare()
    let first = try Self.serve(conninfo, ["--hook-backend", "memory"])
    let second = try Self.serve(conninfo, ["--hook-backend", "memory"])
    try Self.define(first.port)
    let elsewhere = Self.start(second.port)
    let here = Self.start(first.port)
    #expect(elsewhere.value("status") == "RUNNING" && here.value("status") == "RUNNING")
    try await Self.looking(conninfo) { database in
      #expect(try await Self.wait(database, seconds: 60, "select count(*) >= 10 from effects"))
      let families = try await Self.number(database, "select count(distinct family) from effects")
      let effects = try await Self.number(database, "select count(*) from effects")
      #expect(families == 1 && effects == 10)
      let stored = try await Self.number(database, "select (select count(*) from hooks) + (select count(*) from hook_deliveries)")
      #expect(stored == 0)
    }
    let listed = HTTPAnswer.graphql(second.port, "{ allHooks { totalCount } }").body
    #expect(listed.contains("\"totalCount\":0"))
    #expect(first.stop() == 0)
    #expect(second.stop() == 0)
  }

  @Test("a hook in the database is called for an event in any process, once")
  func database() async throws {
    let conninfo = try await Self.prepare()
    let first = try Self.serve(conninfo)
    let second = try Self.serve(conninfo)
    try Self.define(first.port)
    // Registered in one process, the next event in the other: no time in between.
    #expect(Self.start(second.port).value("status") == "RUNNING")
    try Self.saveHook(second.port, ", isEnabled: false")
    #expect(Self.start(first.port).value("status") == "RUNNING")
    try Self.saveHook(first.port, ", isEnabled: true")
    #expect(Self.start(second.port).value("status") == "RUNNING")
    try await Self.looking(conninfo) { database in
      #expect(
        try await Self.wait(database, seconds: 60, "select count(*) = 20 from hook_deliveries where status = 'delivered'"))
      let effects = try await Self.number(database, "select count(*) from effects")
      let families = try await Self.number(database, "select count(distinct family) from effects")
      #expect(effects == 20 && families == 2)
    }
    #expect(first.stop() == 0)
    #expect(second.stop() == 0)
  }

  private static func onThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        body()
        continuation.resume()
      }
    }
  }

  // MARK: Exactly once

  @Test("with processes killed and paused at random every event has exactly one effect, in its family's order")
  func chaos() async throws {
    let conninfo = try await Self.prepare()
    let fleet = try Fleet(count: Self.processes) { try Self.serve(conninfo) }
    try Self.define(fleet.port(), hook: ", isOrdered: true")
    let cases = Self.events / 10
    // On threads of their own: all of them wait in system calls, which Swift's own threads are too few for.
    async let killing: Void = Self.onThread { fleet.kill() }
    async let pausing: Void = Self.onThread { fleet.pause(Self.pause) }
    await withTaskGroup(of: Void.self) { clients in
      for client in 0..<8 {
        clients.addTask {
          await Self.onThread {
            for number in stride(from: client, to: cases, by: 8) {
              // The same key until it is acknowledged: a case is started once, whatever happens to servers.
              while true {
                let answer = Self.start(fleet.port(), fields: ["idempotency-key: case-\(number)"])
                if answer.status == 200, answer.body.contains("RUNNING") { break }
                usleep(20_000)
              }
            }
          }
        }
      }
    }
    try await Self.looking(conninfo) { database in
      let isDone = try await Self.wait(
        database, seconds: 120 + Self.events / 20,
        "select not exists (select 1 from hook_deliveries where status = 'pending')")
      #expect(isDone)
    }
    fleet.endChaos()
    _ = await (killing, pausing)
    try await Self.looking(conninfo) { database in
      let events = try await Self.number(database, "select count(*) from events where name = 'post_create_work_item'")
      let effects = try await Self.number(database, "select count(*) from effects")
      let distinct = try await Self.number(database, "select count(*) from (select distinct family, seq from effects) e")
      let delivered = try await Self.number(database, "select count(*) from hook_deliveries where status = 'delivered'")
      let misplaced = try await Self.number(
        database,
        "select count(*) from (select seq, lag(seq) over (partition by family order by n) as before from effects) e where before > seq")
      let repeated = try await Self.number(database, "select count(*) from hook_deliveries where attempts > 1")
      #expect(events == Int64(cases * 10))
      #expect(effects == events && distinct == events && delivered == events)
      #expect(misplaced == 0)
      #expect(fleet.troubles.kills > 0 && fleet.troubles.pauses > 0)
      print("\(events) events, \(effects) effects, \(repeated) deliveries in several attempts, \(fleet.troubles.kills) kills, \(fleet.troubles.pauses) pauses")
    }
    fleet.stop()
  }
}

/// Server processes that are killed, started again, and paused.
private final class Fleet: @unchecked Sendable {  // its state is behind the lock
  private let lock = NSLock()
  private var servers: [ServerProcess]
  private var kills = 0
  private var pauses = 0
  private var isOver = false
  private let make: @Sendable () throws -> ServerProcess

  init(count: Int, _ make: @escaping @Sendable () throws -> ServerProcess) throws {
    self.make = make
    servers = try (0..<count).map { _ in try make() }
  }

  /// Of any of the processes.
  func port() -> UInt16 {
    lock.withLock { servers.randomElement()?.port ?? 0 }
  }

  var troubles: (kills: Int, pauses: Int) { lock.withLock { (kills, pauses) } }

  /// Kills processes and starts new ones in their place, until the trouble is over.
  func kill() {
    repeat {
      let place = lock.withLock { servers.indices.randomElement() ?? 0 }
      lock.withLock { servers[place] }.killHard()
      if let next = try? make() {
        lock.withLock {
          servers[place] = next
          kills += 1
        }
      }
    } while wait(milliseconds: .random(in: 500...3_000))
  }

  /// Stops processes for some seconds and lets them go on, until the trouble is over.
  func pause(_ seconds: Double) {
    repeat {
      guard let victim = lock.withLock({ servers.randomElement() }) else { return }
      Foundation.kill(victim.pid, SIGSTOP)
      usleep(UInt32(seconds * 1_000_000))
      // It may have been killed meanwhile.
      if victim.isRunning { Foundation.kill(victim.pid, SIGCONT) }
      lock.withLock { pauses += 1 }
    } while wait(milliseconds: .random(in: 200...1_000))
  }

  func endChaos() {
    lock.withLock { isOver = true }
  }

  /// Answers whether there shall be more trouble.
  private func wait(milliseconds: UInt32) -> Bool {
    for _ in 0..<(milliseconds / 50) where !lock.withLock({ isOver }) { usleep(50_000) }
    return !lock.withLock { isOver }
  }

  func stop() {
    for server in lock.withLock({ servers }) { #expect(server.stop() == 0) }
  }
}
