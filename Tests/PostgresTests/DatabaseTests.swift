import EventLoop
import Postgres
import TestSupport
import Testing

@Suite("The database of a loop")
struct DatabaseTests {
  @Test("statements of a tick share a pipeline, and one that fails does not take its neighbours with it")
  func neighbours() async throws {
    try await withDatabase(configure: { $0.readConnections = 1 }) { database in
      let first = database.send("select 1")
      let broken = database.send("select 1 / 0")
      let last = database.send("select 3")
      let found1 = try await first.rows().int32(0, 0)
      #expect(found1 == 1)
      let error = await #expect(throws: PostgresError.self) { try await broken.rows() }
      #expect(error?.sqlState == "22012")
      let found2 = try await last.rows().int32(0, 0)
      #expect(found2 == 3)
    }
  }

  @Test("a statement that cannot be prepared tells why, and the connection goes on")
  func syntaxError() async throws {
    try await withDatabase { database in
      let error = await #expect(throws: PostgresError.self) { try await database.query("selec 1") }
      #expect(error?.sqlState == "42601")
      let found3 = try await database.query("select 1").int32(0, 0)
      #expect(found3 == 1)
    }
  }

  @Test("the read lane refuses to write")
  func readOnly() async throws {
    try await withDatabase { database in
      let error = await #expect(throws: PostgresError.self) { try await database.query("create table t (a int)") }
      #expect(error?.sqlState == "25006")
    }
  }

  @Test("a transaction keeps everything or nothing")
  func atomic() async throws {
    struct Stop: Error {}
    try await withDatabase { database in
      _ = try await database.transaction { try await $0.query("create table t (a int)") }
      await #expect(throws: Stop.self) {
        try await database.transaction { transaction in
          transaction.send("insert into t values (1)")
          throw Stop()
        }
      }
      let found4 = try await database.query("select count(*) from t").int64(0, 0)
      #expect(found4 == 0)
      try await database.transaction { transaction in
        transaction.send("insert into t values (1)")
        transaction.send("insert into t values (2)")
      }
      let found5 = try await database.query("select count(*) from t").int64(0, 0)
      #expect(found5 == 2)
    }
  }

  @Test("an error that nobody waited for surfaces at commit")
  func lateError() async throws {
    try await withDatabase { database in
      let error = await #expect(throws: PostgresError.self) {
        try await database.transaction { transaction in
          transaction.send("select 1 / 0")
        }
      }
      #expect(error?.sqlState == "22012")
    }
  }

  @Test("what is sent behind COMMIT sees what was committed, on the same connection, and leaves it usable")
  func behindCommit() async throws {
    try await withDatabase(configure: { $0.transactionConnections = 1 }) { database in
      _ = try await database.transaction {
        try await $0.query("create table t (a int primary key deferrable initially deferred)")
      }
      var behind: PendingRows?
      var broken: PendingRows?
      _ = try await database.transaction(
        committing: { _, transaction in
          behind = transaction?.sendBehindCommit(
            "select count(*), pg_backend_pid() from t", Parameters(), deadline: nil)
          broken = transaction?.sendBehindCommit("select 1 / 0", Parameters(), deadline: nil)
        }
      ) { $0.send("insert into t values (1)") }
      let found = try #require(try await behind?.rows())
      let writer = try await database.transaction { try await $0.query("select pg_backend_pid()").int32(0, 0) }
      #expect(found.int64(0, 0) == 1 && found.int32(0, 1) == writer)
      let error = await #expect(throws: PostgresError.self) { try await broken?.rows() }
      #expect(error?.sqlState == "22012")
      // COMMIT itself fails, as the key is there by now: what was sent behind it is called off.
      var calls: [Bool] = []
      await #expect(throws: PostgresError.self) {
        _ = try await database.transaction(
          committing: { _, transaction in
            calls.append(transaction != nil)
            behind = transaction?.sendBehindCommit("select count(*) from t", Parameters(), deadline: nil)
          }
        ) { $0.send("insert into t values (1)") }
      }
      #expect(calls == [true, false] && behind == nil)
    }
  }

  @Test("a savepoint undoes its own writes only")
  func savepoint() async throws {
    try await withDatabase { database in
      _ = try await database.transaction { try await $0.query("create table t (a int)") }
      try await database.transaction { transaction in
        transaction.send("insert into t values (1)")
        await #expect(throws: PostgresError.self) {
          try await transaction.savepoint {
            transaction.send("insert into t values (2)")
            _ = try await transaction.query("select 1 / 0")
          }
        }
        transaction.send("insert into t values (3)")
      }
      let rows = try await database.query("select a from t order by a")
      #expect((0..<rows.count).map { rows.int32($0, 0) } == [1, 3])
    }
  }

  @Test("a deadlock is tried again until both transactions are through")
  func deadlock() async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await database.transaction { transaction in
        transaction.send("create table t (id int primary key, a int)")
        transaction.send("insert into t values (1, 0), (2, 0)")
      }
    }
    @Sendable func update(_ order: [Int32]) async throws {
      try await withDatabase(at: conninfo) { database in
        try await database.transaction { transaction in
          for id in order {
            var parameters = Parameters()
            parameters.append(id)
            _ = try await transaction.query("update t set a = a + 1 where id = $1", parameters)
            _ = try await transaction.query("select pg_sleep(0.05)")
          }
        }
      }
    }
    async let first: Void = update([1, 2])
    async let second: Void = update([2, 1])
    _ = try await (first, second)
    try await withDatabase(at: conninfo) { database in
      let rows = try await database.query("select a from t order by id")
      #expect(rows.int32(0, 0) == 2)
      #expect(rows.int32(1, 0) == 2)
    }
  }

  @Test("transactions wait for a connection in their order, and no longer than they may")
  func pool() async throws {
    try await withDatabase(configure: {
      $0.transactionConnections = 1
      $0.maximumWaiting = 1
      $0.waitTimeout = 300
    }) { database in
      let holder = Task(executorPreference: database.loop.taskExecutor) {
        try await database.transaction { _ = try await $0.query("select pg_sleep(1)") }
      }
      try await database.loop.sleep(milliseconds: 50)
      let waiter = Task(executorPreference: database.loop.taskExecutor) { () -> PostgresError.Kind? in
        do {
          try await database.transaction { _ = try await $0.query("select 1") }
          return nil
        } catch {
          return (error as? PostgresError)?.kind
        }
      }
      try await database.loop.sleep(milliseconds: 50)
      let refused = await #expect(throws: PostgresError.self) { try await database.transaction { _ in } }
      #expect(refused?.kind == .poolExhausted)
      #expect(await waiter.value == .poolExhausted)
      try await holder.value
    }
  }

  @Test("a statement past its deadline is cancelled, and the connection is usable again")
  func deadline() async throws {
    try await withDatabase(configure: { $0.readConnections = 1 }) { database in
      let error = await #expect(throws: PostgresError.self) {
        try await database.query("select pg_sleep(30)", deadline: database.loop.now + 150)
      }
      #expect(error?.kind == .deadlineExceeded)
      let found6 = try await database.query("select 1").int32(0, 0)
      #expect(found6 == 1)
    }
  }

  @Test("a transaction tells the server what is left of its request's time, and does not begin without any")
  func remainingTime() async throws {
    try await withDatabase { database in
      let show: SQL = "select current_setting('statement_timeout')"
      let whole = try await database.transaction(deadline: database.loop.now + 29_000) {
        try await $0.query(show).text(0, 0)
      }
      #expect(whole == "30s")
      let part = try await database.transaction(deadline: database.loop.now + 5_000) {
        try await $0.query(show).text(0, 0)
      }
      #expect(part.hasSuffix("ms") || part == "5s")
      let after = try await database.transaction { try await $0.query(show).text(0, 0) }
      #expect(after == "30s")
      let now = database.loop.now
      let error = await #expect(throws: PostgresError.self) {
        try await database.transaction(deadline: now) { _ = try await $0.query(show) }
      }
      #expect(error?.kind == .deadlineExceeded)
    }
  }

  @Test("a connection that the server ended is opened again")
  func reconnect() async throws {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try? await database.transaction { transaction in
        try await transaction.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
      }
      let deadline = database.loop.now + 5_000
      var answer: Int32?
      while answer == nil, database.loop.now < deadline {
        answer = try? await database.query("select 7").int32(0, 0)
        if answer == nil { try await database.loop.sleep(milliseconds: 20) }
      }
      #expect(answer == 7)
    }
  }

  @Test("a server that is not there is reported as unavailable")
  func unreachable() async throws {
    await #expect(throws: PostgresError.self) {
      try await withDatabase(at: "host=/nonexistent dbname=x") { _ in }
    }
  }
}
