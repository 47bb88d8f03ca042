import API
import ArgumentParser
import Glibc
import GraphQL

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Show, check or compare GraphQL schemas.",
    subcommands: [Print.self, Docs.self, Introspect.self, Check.self, Diff.self])

  struct Print: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a schema in GraphQL's definition language.")

    @Option(help: "A schema file or the answer to an introspection query; the server's own schema if left out.")
    var schema: String?
    @Flag(help: "Order types, fields, arguments and values by name.")
    var sorted = false

    func run() throws {
      if schema == nil, !sorted {
        print(APISchema.source, terminator: "")
        return
      }
      do throws(TextFile.Failure) {
        let schema = try SchemaFile.load(schema)
        print(sorted ? SchemaPrinter.printSorted(schema) : SchemaPrinter.print(schema))
      } catch {
        Environment.fail(error)
      }
    }
  }

  struct Introspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the answer to the full introspection query, for tools that want a schema as JSON.")

    @Option(help: "A schema file; the server's own schema if left out.")
    var schema: String?

    func run() {
      do throws(TextFile.Failure) {
        let output = OutputBuffer()
        output.append("{\"data\":")
        output.append(introspectionFromSchema(try SchemaFile.load(schema)))
        output.append("}")
        print(output.string)
      } catch {
        Environment.fail(error)
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that the server's schema is valid and that every field has a resolver.")

    func run() {
      do {
        _ = try APISchema()
        print("The schema is valid; every field has a resolver.")
      } catch let error as SchemaErrors {
        for error in error.errors { print(error.message) }
        Glibc.exit(1)
      } catch {
        Environment.fail(error)
      }
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what changes for clients from one schema to another.",
      discussion: """
        Breaking changes may stop documents that work today; dangerous ones may surprise clients, such as a new \
        value of an enum; safe ones change nothing for them. Exit code 1 tells that there is a change at least as \
        severe as --fail-on.
        """)

    enum Threshold: String, ExpressibleByArgument, CaseIterable {
      case breaking, dangerous, safe, never
    }

    @Argument(help: "The schema that clients know: a schema file or the answer to an introspection query.")
    var old: String
    @Argument(help: "The schema to come; the server's own if left out.")
    var new: String?
    @Option(help: "The least severe change that counts as a failure.")
    var failOn = Threshold.breaking
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let changes: [SchemaChange]
      do throws(TextFile.Failure) {
        changes = findSchemaChanges(try SchemaFile.load(old), try SchemaFile.load(new))
      } catch {
        Environment.fail(error)
      }
      print(json ? Self.json(changes) : Self.text(changes))
      if changes.contains(where: fails) { throw ExitCode(1) }
    }

    private func fails(_ change: SchemaChange) -> Bool {
      switch failOn {
      case .breaking: change.severity == .breaking
      case .dangerous: change.severity != .safe
      case .safe: true
      case .never: false
      }
    }

    static func text(_ changes: [SchemaChange]) -> String {
      if changes.isEmpty { return "The schemas are the same for clients." }
      let parts = [SchemaChange.Severity.breaking, .dangerous, .safe].map { severity in
        let found = changes.filter { $0.severity == severity }
        let head = "\(found.count) \(severity.rawValue)"
        return ([head] + found.map { "  \($0.kind): \($0.description)" }).joined(separator: "\n")
      }
      return parts.joined(separator: "\n")
    }

    static func json(_ changes: [SchemaChange]) -> String {
      Value.list(
        changes.map { change in
          .object(
            ValueObject([
              .init(name: "severity", value: .string(change.severity.rawValue)),
              .init(name: "kind", value: .string(change.kind)),
              .init(name: "description", value: .string(change.description)),
            ]))
        }
      ).json
    }
  }
}
