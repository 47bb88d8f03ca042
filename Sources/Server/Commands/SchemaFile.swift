import API
import GraphQL

/// A schema that a command line names.
enum SchemaFile {
  /// - Parameter path: a file in GraphQL's definition language or with the answer to an introspection query;
  ///   nil for the schema of this server.
  /// - Throws: `TextFile.Failure`, with every error of the schema.
  static func load(_ path: String?) throws(TextFile.Failure) -> Schema {
    let source = path == nil ? APISchema.source : try TextFile.read(path ?? "-")
    // JSON has no byte order mark, but files have.
    let text = source.hasPrefix("\u{FEFF}") ? String(source.dropFirst()) : source
    let name = path ?? "The schema of this server"
    do throws(SchemaErrors) {
      guard text.drop(while: \.isWhitespace).first == "{" else { return try Schema.build(text) }
      return try schemaFromIntrospection(try json(text, name))
    } catch {
      let lines = error.errors.map { error in
        let place = error.locations.first.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(name)\(place): \(error.message)"
      }
      throw TextFile.Failure(description: lines.joined(separator: "\n"))
    }
  }

  private static func json(_ text: String, _ name: String) throws(SchemaErrors) -> Value {
    do throws(JSONDocument.Failure) {
      return try JSONDocument(text).root.value
    } catch {
      throw SchemaErrors(errors: [GraphQLError(error.message)])
    }
  }
}
