import API
import ArgumentParser

struct Dump: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write all definitions as JSON.",
    discussion: """
      Tasks and workflows with their flows, in one order, for `millrace load` and for version control: the same \
      definitions give the same file. Who wrote them, and when, is left out.
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(name: .shortAndLong, help: "The file to write; standard output if left out.")
  var output: String?

  func run() throws {
    let configuration = try database.configuration()
    do {
      try write(try CommandDatabase.with(configuration) { try await DefinitionDump.text(from: $0) })
    } catch {
      Environment.fail(error)
    }
  }

  private func write(_ text: String) throws {
    if let output {
      try TextFile.write(text, to: output)
    } else {
      print(text, terminator: "")
    }
  }
}
