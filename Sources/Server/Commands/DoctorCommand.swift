import ArgumentParser
import GraphQL
import Millrace

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the configuration, the database and what is stored in it.",
    discussion: """
      Looks at every setting, the database's own settings, the layout, the definitions, and whether all cases are \
      sound. Writes nothing; a server may run meanwhile. The exit code is 1 if there is an error.
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "The findings as JSON.")
  var json = false
  @Flag(help: "Leaves out the comparison of every case with its event log.")
  var quick = false
  @Flag(help: "Warnings make the exit code 1, too.")
  var strict = false

  func run() throws {
    let checkup = ConfigurationCheckup(
      flags: database.flags, environment: Environment.variables,
      modules: ModuleList(linked: MillraceCommandLine.modules), processors: Environment.processors)
    var (findings, configuration) = checkup.run()
    if let configuration { findings += Self.stored(configuration, comparesLogs: !quick) }
    print(json ? Self.json(findings) : findings.map(\.text).joined(separator: "\n"))
    let isBad = findings.contains { $0.level == .error || strict && $0.level == .warning }
    if isBad { throw ExitCode(1) }
  }

  private static func stored(_ configuration: ServerConfiguration, comparesLogs: Bool) -> [Finding] {
    do {
      return try CommandDatabase.with(configuration, checksMigrations: false) { database in
        await DatabaseCheckup(database: database, configuration: configuration, comparesLogs: comparesLogs).run()
      }
    } catch {
      return [Finding(level: .error, area: "database", code: "DATABASE", message: "\(error)")]
    }
  }

  private static func json(_ findings: [Finding]) -> String {
    let output = OutputBuffer(capacity: 1_024)
    output.append(
      .object(
        ValueObject([
          .init(name: "ok", value: .boolean(!findings.contains { $0.level == .error })),
          .init(name: "findings", value: .list(findings.map(\.json))),
        ])))
    return output.string
  }
}
