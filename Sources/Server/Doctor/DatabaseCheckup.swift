import API
import Glibc
import Postgres
import WorkflowStore

/// Looks at a database and everything that is stored in it. Nothing is written, and a server may run meanwhile.
struct DatabaseCheckup {
  let database: Database
  let configuration: ServerConfiguration
  /// Whether the event log of every case is compared with its rows.
  let comparesLogs: Bool

  func run() async -> [Finding] {
    do {
      var findings = try await server()
      let migrations = try await migrations()
      findings.append(migrations)
      guard migrations.level == .ok else { return findings }
      findings += try await definitions()
      return try await findings + cases()
    } catch {
      return [Finding(level: .error, area: "database", code: "DATABASE", message: "\(error)")]
    }
  }

  // MARK: The server

  private static let settings: SQL = """
    select current_setting('server_version'), current_setting('server_version_num')::integer,
    current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'),
    current_setting('synchronous_commit'), current_setting('max_connections')::integer,
    extract(epoch from clock_timestamp())::bigint, pg_is_in_recovery()
    """

  private func server() async throws -> [Finding] {
    let rows = try await database.query(Self.settings)
    var findings: [Finding] = []
    func add(_ level: Finding.Level, _ code: String, _ message: String) {
      findings.append(Finding(level: level, area: "database", code: code, message: message))
    }
    if rows.int32(0, 1) < 140_000 {
      add(.error, "POSTGRES_VERSION", "Postgres is \(rows.text(0, 0)); it has to be 14 or newer.")
    }
    if rows.text(0, 2) != "UTF8" {
      add(.error, "ENCODING", "The database is encoded in \(rows.text(0, 2)); it has to be UTF8.")
    }
    for (column, name) in [(3, "fsync"), (4, "full_page_writes"), (5, "synchronous_commit")]
    where rows.text(0, column) == "off" {
      add(.warning, "DURABILITY", "\(name) is off: after a crash, what was acknowledged may be gone.")
    }
    let needed = configuration.loops * (configuration.readConnections + configuration.transactionConnections) + 3
    if Int(rows.int32(0, 6)) < needed {
      add(
        .warning, "CONNECTIONS", "One server takes up to \(needed) connections; max_connections is \(rows.int32(0, 6))."
      )
    }
    let ahead = rows.int64(0, 7) - Int64(time(nil))
    if abs(ahead) > 10 {
      add(.warning, "CLOCK", "The database's clock differs by \(ahead) seconds from this machine's.")
    }
    if rows.bool(0, 8) { add(.error, "READ_ONLY", "The database is a standby: nothing can be written.") }
    if findings.isEmpty { add(.ok, "POSTGRES", "Postgres \(rows.text(0, 0)) answers.") }
    return findings
  }

  private func migrations() async throws -> Finding {
    func finding(_ level: Finding.Level, _ message: String) -> Finding {
      Finding(level: level, area: "migrations", code: "MIGRATIONS", message: message)
    }
    do {
      let missing = try await Migrator(database: database, known: EmbeddedMigrations.all).pending()
      return missing.isEmpty
        ? finding(.ok, "The layout is this version's.")
        : finding(.error, "The database lacks \(missing.joined(separator: ", ")): run `millrace migrate`.")
    } catch let failure as MigrationPlan.Failure {
      return finding(.error, failure.description)
    }
  }

  // MARK: What is stored

  /// Stored definitions keep to what files of definitions have to keep to.
  private func definitions() async throws -> [Finding] {
    let text = try await DefinitionDump.text(from: database)
    do throws(DefinitionFile.Failure) {
      _ = try DefinitionFile(text)
      return [Finding(level: .ok, area: "definitions", code: "DEFINITIONS", message: "Every definition is sound.")]
    } catch {
      return [
        Finding(
          level: .error, area: "definitions", code: "DEFINITIONS",
          message:
            "A definition is not sound: \(error.message) It is at \(error.line):\(error.column) of what `millrace "
              + "dump` writes."
        )
      ]
    }
  }

  private func cases() async throws -> [Finding] {
    let comparesLogs = comparesLogs
    return try await database.transaction(isReadOnly: true) { transaction in
      transaction.send("set transaction isolation level repeatable read, read only")
      transaction.send("set local statement_timeout = 0")
      var findings: [Finding] = []
      for invariant in Invariant.all {
        guard let breach = try await invariant.check(in: transaction) else { continue }
        findings.append(
          Finding(
            level: .error, area: "cases", code: invariant.code, message: "Does not hold: \(invariant.meaning)",
            subjects: breach.subjects, count: breach.count))
      }
      if findings.isEmpty {
        findings.append(
          Finding(level: .ok, area: "cases", code: "INVARIANTS", message: "All \(Invariant.all.count) invariants hold.")
        )
      }
      if comparesLogs { findings.append(Self.finding(try await FoldCheck.run(in: transaction))) }
      return findings
    }
  }

  private static func finding(_ outcome: FoldCheck.Outcome) -> Finding {
    guard outcome.count == 0 else {
      return Finding(
        level: .error, area: "cases", code: "EVENT_FOLD", message: "Rows differ from what the event log tells.",
        subjects: outcome.subjects, count: outcome.count)
    }
    let unknown = outcome.unknown == 0 ? "" : " \(outcome.unknown) are older than events with rows."
    return Finding(
      level: .ok, area: "cases", code: "EVENT_FOLD",
      message: "The event logs of \(outcome.families) families tell what their rows are.\(unknown)")
  }
}
