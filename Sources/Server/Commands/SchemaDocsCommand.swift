import API
import ArgumentParser
import GraphQL

extension SchemaCommand {
  struct Docs: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the API reference in Markdown.",
      discussion: "docs/reference/api.md is what this command writes for the server's own schema.")

    @Option(help: "A schema file or the answer to an introspection query; the server's own schema if left out.")
    var schema: String?
    @Option(name: .shortAndLong, help: "The file to write; standard output if left out.")
    var output: String?

    func run() throws {
      do {
        let text = Docs.page(try SchemaFile.load(schema))
        if let output { try TextFile.write(text, to: output) } else { print(text, terminator: "") }
      } catch {
        Environment.fail(error)
      }
    }

    static func page(_ schema: Schema) -> String {
      SchemaReference.markdown(schema, title: "API reference", preamble: preamble)
    }

    private static let preamble = """
      Made from `schema.graphql` by `millrace schema docs`; a test compares them. How requests travel is told in
      [http](http.md), what the words mean in [concepts](../concepts.md), how filters and orders work in \
      [lists](lists.md).

      A *connection* is a page of a list: `edges { cursor node { … } }`, `pageInfo { hasNextPage hasPreviousPage \
      startCursor
      endCursor }` and `totalCount`; it takes `first`, `after`, `last`, `before` and mostly `offset`, which are left \
      out here. Every mutation has one argument, `input`; `clientMutationId` comes back as it was sent.
      """
  }
}
