import API
import EventLoop
import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

/// Jobs and timers in several server processes over one database.
@Suite("Jobs in several processes")
struct JobProcessTests {
  private static func prepare() async throws -> String {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      for table in ["effects (attempt integer)", "begun (attempt integer)", "gate (n integer)"] {
        _ = try await database.transaction { try await $0.query(SQL("create table \(table)")) }
      }
    }
    return conninfo
  }

  private static func serve(_ conninfo: String) throws -> ServerProcess {
    try ServerProcess(
      program: "HookProbe", arguments: ["--job-lease", "1000", "--job-poll", "100"],
      environment: ["DATABASE_URL": conninfo, "EVENT_RECEIVER_MODULES": "works"])
  }

  private static func enqueue(_ database: Database, hold: String) async throws {
    var parameters = Parameters()
    parameters.append(json: "{\"hold\": \"\(hold)\"}")
    _ = try await database.transaction { transaction in
      try await transaction.query(
        """
        insert into scheduled_work (id, kind, handler, payload, max_attempts, due_at, created_at)
        values (gen_random_uuid(), 'job', 'work', $1, 5, now(), now())
        """, parameters)
    }
  }

  private static func wait(_ database: Database, _ sql: SQL) async throws {
    for _ in 0..<1_200 {
      if try await database.query(sql).bool(0, 0) { return }
      try await database.loop.sleep(milliseconds: 50)
    }
    Issue.record("It did not come true: \(sql.text)")
  }

  private static func attempts(_ database: Database) async throws -> [Int32] {
    let rows = try await database.query("select attempt from effects order by attempt")
    return (0..<rows.count).map { rows.int32($0, 0) }
  }

  @Test("a process that is killed between a job's work and its commit leaves no effect, and another one does the job")
  func killed() async throws {
    let conninfo = try await Self.prepare()
    let first = try Self.serve(conninfo)
    try await withDatabase(at: conninfo) { database in
      try await Self.enqueue(database, hold: "inside")
      // The effect is written, and not committed.
      try await Self.wait(
        database,
        "select exists (select 1 from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active' and datname = current_database())"
      )
      let before = try await Self.attempts(database)
      #expect(before.isEmpty)
      first.killHard()
      // What Postgres itself would find out once it writes to the connection.
      _ = try await database.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(600)%' and datname = current_database()"
      )
      let second = try Self.serve(conninfo)
      try await Self.wait(
        database, "select exists (select 1 from effects) and not exists (select 1 from scheduled_work)")
      let effects = try await Self.attempts(database)
      #expect(effects == [2])
      #expect(second.stop() == 0)
    }
  }

  @Test("a process that is paused past its lease finds its job taken: there is one effect")
  func paused() async throws {
    let conninfo = try await Self.prepare()
    let first = try Self.serve(conninfo)
    try await withDatabase(at: conninfo) { database in
      try await Self.enqueue(database, hold: "before")
      try await Self.wait(database, "select exists (select 1 from begun)")
      kill(first.pid, SIGSTOP)
      let second = try Self.serve(conninfo)
      try await Self.wait(
        database, "select exists (select 1 from effects) and not exists (select 1 from scheduled_work)")
      _ = try await database.transaction { try await $0.query("insert into gate values (1)") }
      kill(first.pid, SIGCONT)
      #expect(eventually(within: 60) { first.logged.contains("taken over by another worker") })
      let effects = try await Self.attempts(database)
      let begun = try await database.query("select count(*)::int from begun").int32(0, 0)
      #expect(effects == [2] && begun == 2)
      #expect(first.stop() == 0 && second.stop() == 0)
    }
  }

  @Test("timers fire once though two processes look for them, also when the one that set them has ended")
  func timers() async throws {
    let conninfo = try await Self.prepare()
    let first = try Self.serve(conninfo)
    let starts = (0..<20).map { "c\($0): startCase(input: {workflow: \"minute-flow\"}) { case { id } }" }
    let answer = HTTPAnswer.graphql(first.port, "mutation { \(starts.joined(separator: " ")) }")
    try #require(answer.status == 200 && !answer.body.contains("\"errors\""), "\(answer.body)")
    first.killHard()
    let second = try Self.serve(conninfo)
    let third = try Self.serve(conninfo)
    try await withDatabase(at: conninfo) { database in
      try await Self.wait(database, "select count(*) = 20 from cases where status = 'completed'")
      try await Self.wait(database, "select not exists (select 1 from scheduled_work)")
      let fired = try await database.query(
        "select count(*)::int from events where name = 'post_complete_work_item' and task = 'minute-flow-soon'")
      #expect(fired.int32(0, 0) == 20)
      let early = try await database.query(
        "select count(*)::int from work_items where task = 'minute-flow-soon' and closed_at < created_at + interval '2 seconds'"
      )
      #expect(early.int32(0, 0) == 0)
    }
    #expect(second.stop() == 0 && third.stop() == 0)
  }
}
