import API
import ArgumentParser
import EventLoop
import Glibc
import GraphQL

struct GraphQLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graphql", abstract: "Check, format or explain GraphQL documents.",
    subcommands: [Validate.self, Format.self, Explain.self])

  /// How files of GraphQL documents end.
  static let endings = [".graphql", ".gql", ".graphqls"]

  /// The files that paths stand for.
  ///
  /// - Throws: for a path that stands for nothing, too: a check that looks at no file would pass.
  private static func files(_ paths: [String]) throws(TextFile.Failure) -> [String] {
    var files: [String] = []
    for path in paths {
      let found = try TextFile.files(path, endings: endings)
      guard !found.isEmpty else {
        throw TextFile.Failure(description: "\(path) has no files that end with \(endings.joined(separator: ", ")).")
      }
      files += found
    }
    return files
  }

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Validate the documents of a client, as the server would.",
      discussion: """
        All files are looked at together: a fragment of one may be used in another. Each error is one line, \
        FILE:LINE:COLUMN: message; the exit code is 1 if there is any.
        """)

    @Option(help: "A schema file or the answer to an introspection query; the server's own schema if left out.")
    var schema: String?
    @Flag(help: "Uses of deprecated fields, arguments and values are errors, too.")
    var noDeprecated = false
    @Argument(help: "Files, folders, or - for standard input.")
    var documents: [String]

    func run() throws {
      let findings: [DocumentSet.Finding]
      let count: Int
      do throws(TextFile.Failure) {
        let schema = try SchemaFile.load(schema)
        var set = DocumentSet()
        let files = try GraphQLCommand.files(documents)
        for file in files { set.add(file, try TextFile.read(file)) }
        findings = set.validate(schema, extra: noDeprecated ? [.noDeprecated] : [])
        count = files.count
      } catch {
        Environment.fail(error)
      }
      for finding in findings {
        let place = finding.error.locations.first.map { ":\($0.line):\($0.column)" } ?? ""
        print("\(finding.file)\(place): \(finding.error.message)")
      }
      if !findings.isEmpty { throw ExitCode(1) }
      print("\(count) \(count == 1 ? "file is" : "files are") valid.")
    }
  }

  struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print documents in the reference format, with their comments.",
      discussion: "Without a path, standard input is formatted. The exit code of --check is 1 if a file would change.")

    @Flag(help: "Write the files in place.")
    var write = false
    @Flag(help: "Only name the files that are not formatted.")
    var check = false
    @Argument(help: "Files, folders, or - for standard input.")
    var documents: [String] = []

    func validate() throws {
      if write && check { throw ValidationError("--write and --check exclude each other.") }
      if write && (documents.isEmpty || documents.contains("-")) {
        throw ValidationError("--write needs files; standard input cannot be written to.")
      }
    }

    func run() throws {
      var changed = 0
      do throws(TextFile.Failure) {
        for file in try GraphQLCommand.files(documents.isEmpty ? ["-"] : documents) {
          let source = try TextFile.read(file)
          let formatted = try Self.format(source, file)
          if write {
            if formatted != source { try TextFile.write(formatted, to: file) }
          } else if check {
            if formatted != source {
              print(file)
              changed += 1
            }
          } else {
            print(formatted, terminator: "")
          }
        }
      } catch {
        Environment.fail(error)
      }
      if changed > 0 { throw ExitCode(1) }
    }

    private static func format(_ source: String, _ file: String) throws(TextFile.Failure) -> String {
      do throws(GraphQLError) {
        return try formatDocument(source)
      } catch {
        let place = error.locations.first.map { ":\($0.line):\($0.column)" } ?? ""
        throw TextFile.Failure(description: "\(file)\(place): \(error.message)")
      }
    }
  }

  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how the server would answer a document: steps, levels and SQL.",
      discussion: """
        Nothing is executed and no database is needed. Steps of one level travel to the database together. \
        Keys of parents show as parameters, so the number of statements is that of every request.
        """)

    @Option(help: "The operation, if the document has several.")
    var operation: String?
    @Option(help: "Values of variables as a JSON object.")
    var variables = "{}"
    @Argument(help: "A file, or - for standard input.")
    var document: String

    func run() throws {
      do {
        let source = try TextFile.read(document)
        guard case .object(let values) = try JSONDocument(variables).root.value else {
          throw ValidationError("--variables needs a JSON object.")
        }
        let logger = Environment.logger(ServerConfiguration())
        let explanation = try RequestExplanation(
          source, operationName: operation, variables: values, schema: try APISchema(), settings: APISettings(),
          loop: try EventLoop(name: "explain"), logger: logger)
        print(Self.text(explanation), terminator: "")
      } catch let failure as RequestErrors {
        for error in failure.errors {
          let place = error.locations.first.map { ":\($0.line):\($0.column)" } ?? ""
          print("\(document)\(place): \(error.message)")
        }
        throw ExitCode(1)
      } catch let failure as JSONDocument.Failure {
        throw ValidationError("--variables: \(failure.message)")
      } catch let failure as TextFile.Failure {
        Environment.fail(failure)
      }
    }

    static func text(_ explanation: RequestExplanation) -> String {
      let count = explanation.steps.reduce(0) { $0 + $1.statements.count }
      var text =
        "\(explanation.operation.keyword): \(explanation.steps.count) steps, \(count) statements to read the answer\n"
      for step in explanation.steps {
        let parent = step.plan.parent.map { ", for the rows of step \($0 + 1)" } ?? ""
        text += "\n\(step.plan.number + 1). \(step.plan.path)  (\(step.plan.coordinate))\n"
        text += "   \(step.plan.shape) from \(step.plan.source), level \(step.plan.level)\(parent)\n"
        if let refusal = step.refusal { text += "   refused: \(refusal)\n" }
        for statement in step.statements { text += "   \(statement)\n" }
      }
      return text
    }
  }
}
