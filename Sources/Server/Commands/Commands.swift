import API
import ArgumentParser
import CoreMetrics
import EventLoop
import Glibc
import Logging
import Millrace
import Monitoring
import Postgres

/// Runs the command line of a server into which these modules are linked. A server with modules of its own is
/// an executable that calls this and nothing else.
public enum MillraceCommandLine {
  nonisolated(unsafe) static var modules: [any MillraceModule.Type] = []  // set once, before any other thread

  public static func main(modules: [any MillraceModule.Type] = []) {
    self.modules = modules
    unblockSignals()
    RootCommand.main()
  }
}

/// A process inherits its starter's blocked signals; with SIGCHLD or SIGTERM among them the server would neither
/// hear of its children nor stop.
private func unblockSignals() {
  var none = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, nil)
}

struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "millrace", abstract: "A GraphQL workflow and case-management server.",
    subcommands: [
      Serve.self, Migrate.self, Dump.self, Load.self, Doctor.self, SchemaCommand.self, GraphQLCommand.self,
      Modules.self, Version.self,
    ])
}

/// The version of this server.
public enum MillraceVersion {
  public static let current = "0.1.0"
}

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the version.")

  func run() {
    print("millrace \(MillraceVersion.current)")
  }
}

/// Settings as flags: `--flag value` pairs, which `Setting` knows.
struct SettingFlags: ParsableArguments {
  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var words: [String] = []

  /// - Throws: a usage error for a word that is no flag, or a flag without a value.
  func values() throws -> [String: String] {
    var values: [String: String] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard Setting.all.contains(where: { $0.flag == parts[0] }) else {
        throw ValidationError("There is no option \(parts[0]). See `millrace serve --help`.")
      }
      if parts.count > 1 {
        values[parts[0]] = parts[1]
      } else if let value = rest.popFirst() {
        values[word] = value
      } else {
        throw ValidationError("The option \(word) needs a value.")
      }
    }
    return values
  }

  var wantsHelp: Bool { words.contains("--help") || words.contains("-h") }

  func configuration() throws -> ServerConfiguration {
    let flags = try values()
    do throws(ConfigurationError) {
      return try Setting.configuration(
        flags: flags, environment: Environment.variables, processors: Environment.processors)
    } catch {
      throw ValidationError(error.description)
    }
  }
}

enum Environment {
  /// Every variable of the process: settings have names of Caluma's, too.
  static var variables: [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return variables
  }

  static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  static func logger(_ configuration: ServerConfiguration) -> Logger {
    Logger(label: "millrace") { label in
      LineLogHandler(label: label, level: configuration.logLevel, format: configuration.logFormat)
    }
  }

  /// Ends the process with a sentence for the operator.
  static func fail(_ error: any Error) -> Never {
    let bytes = Array("millrace: \(error)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(1)
  }
}

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the API.",
    discussion: "Options, with the environment variables that stand in for them:\n\n\(Setting.help)")

  @OptionGroup var flags: SettingFlags

  func run() throws {
    if flags.wantsHelp { throw CleanExit.helpRequest(Serve.self) }
    let configuration = try flags.configuration()
    let logger = Environment.logger(configuration)
    for problem in ConfigurationCheckup.unknownVariables(in: Environment.variables) { logger.warning("\(problem)") }
    do {
      var modules = ModuleList(linked: MillraceCommandLine.modules)
      let names = try modules.load(configuration.modules)
      let registry = try modules.receivers(of: names)
      let extensions = try modules.extensions(of: names, selection: configuration.extensions)
      var metrics: MetricRegistry?
      if configuration.servesMetrics {
        ProcessMetrics.start()
        let registry = MetricRegistry(help: ServerMetrics.help)
        MetricsSystem.bootstrap(registry)
        metrics = registry
      }
      try MillraceServer.run(
        configuration, receivers: ReceiverTable(registry), extensions: extensions, registry: metrics, logger: logger)
    } catch {
      Environment.fail(error)
    }
  }
}

struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the layout of the database named by DATABASE_URL up to date.",
    discussion: "An embedded database is migrated when the server starts.")

  @OptionGroup var flags: SettingFlags

  func run() throws {
    if flags.wantsHelp { throw CleanExit.helpRequest(Migrate.self) }
    let configuration = try flags.configuration()
    guard let conninfo = configuration.databaseURL else {
      throw ValidationError("DATABASE_URL: name the database to migrate.")
    }
    let logger = Environment.logger(configuration)
    do {
      let applied = try OneShot.run { loop in
        let database = Database(loop: loop, configuration: MillraceServer.small(conninfo), logger: logger)
        try await database.start()
        defer { database.close() }
        return try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      }
      print(applied.isEmpty ? "The database is up to date." : applied.map { "Applied \($0)." }.joined(separator: "\n"))
    } catch {
      Environment.fail(error)
    }
  }
}

private final class ResultBox<Success>: @unchecked Sendable {  // written before the loop ends, read after
  var result: Result<Success, any Error>?
}

/// Work that needs a loop for as long as it takes.
enum OneShot {
  static func run<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Result) throws -> Result {
    let loop = try EventLoop(name: "command")
    let box = ResultBox<Result>()
    loop.execute {
      loop.start {
        do {
          box.result = .success(try await body(loop))
        } catch {
          box.result = .failure(error)
        }
        loop.stop()
      }
    }
    // Something has to keep the loop alive until the first handle is there.
    loop.execute { loop.timer(after: 3_600_000) {} }
    loop.run()
    guard let result = box.result else { throw StartFailure("The command did not finish.") }
    return try result.get()
  }
}
