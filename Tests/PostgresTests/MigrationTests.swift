import Postgres
import TestSupport
import Testing

@Suite("Migrations")
struct MigrationTests {
  private static let first = Migration(
    name: "0001_a.sql", sql: "create table a (x text default ';'); -- one; two\ncreate table b ();")
  private static let second = Migration(name: "0002_b.sql", sql: "create table c ()")

  @Test("what is applied is not applied again")
  func plan() throws {
    let plan = try MigrationPlan(
      applied: [(Self.first.name, Self.first.checksum)], known: [Self.first, Self.second])
    #expect(plan.pending == [Self.second])
  }

  @Test("a changed, an unknown and a skipped migration are refused")
  func refused() {
    #expect(throws: MigrationPlan.Failure.changed("0001_a.sql")) {
      try MigrationPlan(applied: [("0001_a.sql", "other")], known: [Self.first])
    }
    #expect(throws: MigrationPlan.Failure.unknown("0009_z.sql")) {
      try MigrationPlan(applied: [("0009_z.sql", "")], known: [Self.first])
    }
    #expect(throws: MigrationPlan.Failure.outOfOrder("0001_a.sql")) {
      try MigrationPlan(applied: [(Self.second.name, Self.second.checksum)], known: [Self.first, Self.second])
    }
  }

  @Test("two servers that migrate at once apply each migration once")
  func race() async throws {
    let conninfo = try await TestCluster.database()
    @Sendable func migrate() async throws -> [String] {
      try await withDatabase(at: conninfo) { database in
        try await Migrator(database: database, known: [Self.first, Self.second]).run()
      }
    }
    async let one = migrate()
    async let two = migrate()
    let applied = try await one + two
    #expect(applied.sorted() == ["0001_a.sql", "0002_b.sql"])
  }

  @Test("a migration that fails leaves nothing behind")
  func failing() async throws {
    try await withDatabase { database in
      let broken = Migration(name: "0001_x.sql", sql: "create table t (); select 1 / 0")
      await #expect(throws: (any Error).self) { try await Migrator(database: database, known: [broken]).run() }
      let found1 = try await database.query("select to_regclass('t') is null").bool(0, 0)
      #expect(found1)
      let found2 = try await Migrator(database: database, known: [broken]).pending()
      #expect(found2 == ["0001_x.sql"])
    }
  }
}
