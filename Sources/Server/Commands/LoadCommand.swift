import API
import ArgumentParser
import GraphQL
import WorkflowEngine

struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the definitions what a file says.",
    discussion: """
      Takes what `millrace dump` writes, all of it in one transaction or nothing. Loading a file again changes \
      nothing. Definitions that the file does not name stay. Receivers are not called.
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Tells what would happen, and leaves everything as it is.")
  var dryRun = false
  @Flag(help: "The report as JSON.")
  var json = false
  @Option(help: "Who is noted as the author of what changes.")
  var user: String?
  @Argument(help: "A file, or - for standard input.")
  var file: String

  func run() throws {
    let configuration = try database.configuration()
    let (isDry, caller) = (dryRun, Caller(user: user))
    do {
      let definitions = try readFile()
      let report: DefinitionLoad.Report
      do {
        report = try CommandDatabase.with(configuration, mayCreate: !isDry) {
          try await DefinitionLoad.run(definitions, isDry: isDry, caller: caller, database: $0)
        }
      } catch let failure as DefinitionFile.Failure {
        throw placed(failure)
      }
      print(json ? Self.json(report) : Self.text(report, isDry: isDry))
    } catch {
      Environment.fail(error)
    }
  }

  private func readFile() throws -> DefinitionFile {
    let text = try TextFile.read(file)
    do throws(DefinitionFile.Failure) {
      return try DefinitionFile(text)
    } catch {
      throw placed(error)
    }
  }

  private func placed(_ failure: DefinitionFile.Failure) -> StartFailure {
    StartFailure("\(file == "-" ? "standard input" : file):\(failure)")
  }

  private static func text(_ report: DefinitionLoad.Report, isDry: Bool) -> String {
    var lines = report.entries.filter { $0.outcome != .unchanged }.map { "\($0.outcome) \($0.kind) \($0.slug)" }
    lines += report.absent.map { "not in the file: \($0.kind) \($0.slug)" }
    let counts = [DefinitionLoad.Report.Outcome.created, .changed, .unchanged].map { "\(report.count($0)) \($0)" }
    lines.append(counts.joined(separator: ", ") + (isDry ? "; nothing was written." : "."))
    return lines.joined(separator: "\n")
  }

  private static func json(_ report: DefinitionLoad.Report) -> String {
    let output = OutputBuffer(capacity: 1_024)
    output.append(report.value(withAbsent: true))
    return output.string
  }
}
