/// Brings a database's layout up to date.
public struct Migrator {
  private let database: Database
  private let known: [Migration]

  public init(database: Database, known: [Migration]) {
    self.database = database
    self.known = known
  }

  private static let createTable: SQL = """
    create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())
    """
  // Whoever has the lock migrates; the others then find everything done. Conflicts with itself only.
  private static let lockTable: SQL = "lock table schema_migrations in share row exclusive mode"
  private static let readTable: SQL = "select name, checksum from schema_migrations order by name"
  private static let record: SQL = "insert into schema_migrations (name, checksum) values ($1, $2)"
  private static let tableExists: SQL = "select to_regclass('schema_migrations') is not null"

  /// Applies what is missing, all of it or nothing; several servers may do so at once.
  ///
  /// - Returns: the names of what was applied.
  /// - Throws: `MigrationPlan.Failure` or a database error.
  public func run() async throws -> [String] {
    do {
      _ = try await database.transaction { try await $0.query(Self.createTable) }
    } catch let error as PostgresError where ["23505", "42P07", "42710"].contains(error.sqlState) {
      // Another server made the table at the same moment.
    }
    return try await database.transaction { transaction in
      _ = try await transaction.query(Self.lockTable)
      let plan = try MigrationPlan(
        applied: Self.entries(try await transaction.query(Self.readTable)), known: known)
      for migration in plan.pending {
        for statement in SQLScript.statements(migration.sql) { _ = try await transaction.query(SQL(statement)) }
        var parameters = Parameters()
        parameters.append(migration.name)
        parameters.append(migration.checksum)
        _ = try await transaction.query(Self.record, parameters)
      }
      return plan.pending.map(\.name)
    }
  }

  /// What is missing, without applying it.
  public func pending() async throws -> [String] {
    let exists = try await database.query(Self.tableExists)
    guard exists.bool(0, 0) else { return known.map(\.name) }
    return try MigrationPlan(applied: Self.entries(try await database.query(Self.readTable)), known: known)
      .pending.map(\.name)
  }

  private static func entries(_ rows: Rows) -> [(name: String, checksum: String)] {
    (0..<rows.count).map { (rows.text($0, 0), rows.text($0, 1)) }
  }
}

/// Splits a script into its statements, because the extended protocol takes one at a time.
enum SQLScript {
  /// Knows quotes, comments and dollar quotes; statements end with a semicolon.
  static func statements(_ script: String) -> [String] {
    var statements: [String] = []
    var current = ""
    var rest = script[...]
    func take(_ count: Int) {
      current += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    func takeThrough(_ end: String) {
      let length = rest.range(ofSubsequence: end).map { rest.distance(from: rest.startIndex, to: $0) + end.count }
      take(length ?? rest.count)
    }
    while let character = rest.first {
      if rest.hasPrefix("--") {
        rest = rest.drop { $0 != "\n" }
      } else if character == "'" || character == "\"" {
        take(1)
        takeThrough(String(character))
      } else if character == "$", let tag = dollarTag(rest) {
        take(tag.count)
        takeThrough(tag)
      } else if character == ";" {
        rest = rest.dropFirst()
        statements.append(current)
        current = ""
      } else {
        take(1)
      }
    }
    statements.append(current)
    return statements.filter { $0.contains { !$0.isWhitespace } }
  }

  private static func dollarTag(_ text: Substring) -> String? {
    let name = text.dropFirst().prefix { $0.isLetter || $0 == "_" }
    return text.dropFirst(1 + name.count).first == "$" ? "$\(name)$" : nil
  }
}

extension Substring {
  /// Where a text begins within this one.
  fileprivate func range(ofSubsequence text: String) -> Index? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) { return index }
      formIndex(after: &index)
    }
    return nil
  }
}
