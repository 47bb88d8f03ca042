import API
import ArgumentParser
import EventLoop
import Logging
import Postgres

/// Which database a command works on: the one that the server would.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "A Postgres server to use instead of the embedded one; or DATABASE_URL.")
  var databaseUrl: String?
  @Option(help: "Where the embedded Postgres lives; or MILLRACE_DATA_DIR.")
  var dataDir: String?

  /// By flag, as `Setting` takes them.
  var flags: [String: String] {
    var flags: [String: String] = [:]
    flags["--database-url"] = databaseUrl
    flags["--data-dir"] = dataDir
    return flags
  }

  func configuration() throws -> ServerConfiguration {
    do throws(ConfigurationError) {
      return try Setting.configuration(flags: flags, environment: Environment.variables, processors: Environment.processors)
    } catch {
      throw ValidationError(error.description)
    }
  }
}

/// The database of a command, for as long as the command takes.
enum CommandDatabase {
  /// Connects to the configured database, or to the embedded one: that of a server which runs, or else its own.
  ///
  /// - Parameters:
  ///   - mayCreate: whether an embedded database may be made, and migrated, when there is none.
  ///   - checksMigrations: whether the layout has to be this version's.
  static func with<Result: Sendable>(
    _ configuration: ServerConfiguration, mayCreate: Bool = false, checksMigrations: Bool = true,
    _ body: @escaping @Sendable (Database) async throws -> Result
  ) throws -> Result {
    let logger = Logger(label: "millrace") { LineLogHandler(label: $0, level: .warning, format: .human) }
    return try OneShot.run { loop in
      if let conninfo = configuration.databaseURL {
        return try await connect(conninfo, loop, logger, migrates: false, checksMigrations, body)
      }
      let cluster = EmbeddedCluster(directory: configuration.dataDirectory, loop: loop, logger: logger)
      guard cluster.exists || mayCreate else {
        throw StartFailure(
          "There is no embedded database in \(configuration.dataDirectory): name its --data-dir, or a DATABASE_URL.")
      }
      if cluster.isRunningElsewhere {
        return try await connect(cluster.conninfo, loop, logger, migrates: false, checksMigrations, body)
      }
      do {
        try await cluster.start()
        let result = try await connect(cluster.conninfo, loop, logger, migrates: mayCreate, checksMigrations, body)
        await cluster.stop()
        return result
      } catch {
        await cluster.stop()
        throw error
      }
    }
  }

  private static func connect<Result>(
    _ conninfo: String, _ loop: EventLoop, _ logger: Logger, migrates: Bool, _ checksMigrations: Bool,
    _ body: (Database) async throws -> Result
  ) async throws -> Result {
    let database = Database(loop: loop, configuration: MillraceServer.small(conninfo), logger: logger)
    try await database.start()
    defer { database.close() }
    let migrator = Migrator(database: database, known: EmbeddedMigrations.all)
    if migrates { _ = try await migrator.run() }
    if checksMigrations {
      let missing = try await migrator.pending()
      guard missing.isEmpty else {
        throw StartFailure(
          "The database lacks the migrations \(missing.joined(separator: ", ")): run `millrace migrate`.")
      }
    }
    return try await body(database)
  }
}
