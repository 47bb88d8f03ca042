import EventLoop
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite("A connection lost during COMMIT")
struct CommitOutcomeTests {
  /// Fates for the next commits, in their order; all others are forwarded.
  private final class Plan: Sendable {
    private let fates = Mutex<[CommitProxy.Fate]>([])

    func append(_ fate: CommitProxy.Fate) { fates.withLock { $0.append(fate) } }
    func next() -> CommitProxy.Fate { fates.withLock { $0.isEmpty ? .forward : $0.removeFirst() } }
  }

  private static func with(
    _ plan: Plan, _ body: @escaping @Sendable (Database) async throws -> Void
  ) async throws -> CommitProxy {
    let conninfo = try await TestCluster.database()
    try await withDatabase(at: conninfo) { database in
      _ = try await database.transaction { $0.send("create table t (a int)") }
    }
    let proxy = try CommitProxy(for: conninfo) { plan.next() }
    try await withDatabase(at: proxy.conninfo) { try await body($0) }
    proxy.close()
    return proxy
  }

  @Test("after COMMIT: the transaction succeeded, once, and its actions run")
  func after() async throws {
    let plan = Plan()
    let proxy = try await Self.with(plan) { database in
      plan.append(.dropAfter)
      var calls = 0
      var actions = 0
      try await database.transaction { transaction in
        calls += 1
        transaction.onCommit { actions += 1 }
        transaction.send("insert into t values (1)")
      }
      #expect(calls == 1 && actions == 1)
      let rows = try await database.query("select count(*) from t")
      #expect(rows.int64(0, 0) == 1)
    }
    #expect(proxy.dropped == (before: 0, after: 1))
  }

  @Test("after COMMIT: a number told by the body's own statement serves, and what was sent behind COMMIT is called off")
  func identified() async throws {
    let plan = Plan()
    let proxy = try await Self.with(plan) { database in
      plan.append(.dropAfter)
      var calls: [Bool] = []
      let result = try await database.transaction(
        isIdentified: true,
        committing: { _, transaction in
          calls.append(transaction != nil)
          _ = transaction?.sendBehindCommit("select 1", Parameters(), deadline: nil)
        }
      ) { transaction in
        let number = transaction.sendIdentifying(SQL("select 7, \(Transaction.number)"))
        transaction.send("insert into t values (1)")
        return try await number.rows().int32(0, 0)
      }
      #expect(result == 7 && calls == [true, false])
      let rows = try await database.query("select count(*) from t")
      #expect(rows.int64(0, 0) == 1)
    }
    #expect(proxy.dropped == (before: 0, after: 1))
  }

  @Test("before COMMIT: nothing of the transaction remains, and it is tried again")
  func before() async throws {
    let plan = Plan()
    let proxy = try await Self.with(plan) { database in
      plan.append(.dropBefore)
      var calls = 0
      try await database.transaction { transaction in
        calls += 1
        transaction.send("insert into t values (1)")
      }
      #expect(calls == 2)
      let rows = try await database.query("select count(*) from t")
      #expect(rows.int64(0, 0) == 1)
    }
    #expect(proxy.dropped == (before: 1, after: 0))
  }

  @Test("again and again: the transaction is given up after its tries, and nothing of it remains")
  func always() async throws {
    let plan = Plan()
    _ = try await Self.with(plan) { database in
      for _ in 0..<database.configuration.transactionAttempts { plan.append(.dropBefore) }
      let error = await #expect(throws: PostgresError.self) {
        _ = try await database.transaction { $0.send("insert into t values (1)") }
      }
      #expect(error?.kind == .connectionLost)
      let rows = try await database.query("select count(*) from t")
      #expect(rows.int64(0, 0) == 0)
    }
  }
}
