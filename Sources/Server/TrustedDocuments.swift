import API
import GraphQL

/// Documents that an operator trusts, read from files and checked before the server takes requests.
///
/// A path is a manifest, or a folder of manifests (`.json`) and documents (`.graphql`, `.gql`). A document's file is
/// named by the SHA-256 of what it holds. A manifest is an object of ids and documents, as Relay's compiler writes it,
/// or `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": …, "body": …}]}`.
enum TrustedDocuments {
  /// Problems beyond these are only counted.
  private static let shownProblems = 20

  /// - Returns: the documents by their ids.
  /// - Throws: `StartFailure` with every problem there is.
  static func load(
    _ path: String, schema: APISchema, settings: APISettings
  ) throws(StartFailure) -> [String: ContiguousArray<UInt8>] {
    var documents: [String: ContiguousArray<UInt8>] = [:]
    var problems: [String] = []
    do throws(TextFile.Failure) {
      let files = try TextFile.files(path, endings: [".json", ".graphql", ".gql"])
      for file in files {
        let text = try TextFile.read(file)
        switch read(text, of: file) {
        case .failure(let problem): problems.append(problem.description)
        case .success(let entries):
          for (id, source) in entries {
            let found = check(id, source, schema, settings)
            problems += found.map { "\(file): \($0)" }
            if let known = documents[id], known != source {
              problems.append("\(file): there are two documents with the id \(id).")
            }
            documents[id] = source
          }
        }
      }
      if files.isEmpty { problems.append("\(path) has neither manifests nor documents.") }
    } catch {
      throw StartFailure("The trusted documents cannot be read: \(error.description)")
    }
    guard problems.isEmpty else {
      let more = problems.count > shownProblems ? "\n… and \(problems.count - shownProblems) more" : ""
      throw StartFailure(
        "The trusted documents cannot be used:\n\(problems.prefix(shownProblems).joined(separator: "\n"))\(more)")
    }
    return documents
  }

  private struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  private typealias Entry = (id: String, source: ContiguousArray<UInt8>)

  private static func read(_ text: String, of file: String) -> Result<[Entry], Problem> {
    let name = file.split(separator: "/").last ?? ""
    if name.hasSuffix(".json") { return manifest(text, file) }
    let id = name.prefix { $0 != "." }
    let source = ContiguousArray(text.utf8)
    guard SHA256.isHex(id) else {
      return .failure(Problem(description: "\(file): the file has to be named by the SHA-256 of the document."))
    }
    return .success([(String(id), source)])
  }

  private static func manifest(_ text: String, _ file: String) -> Result<[Entry], Problem> {
    func problem(_ text: String) -> Result<[Entry], Problem> { .failure(Problem(description: "\(file): \(text)")) }
    let root: JSONValue
    do throws(JSONDocument.Failure) {
      root = try JSONDocument(text).root
    } catch {
      return problem("this is no JSON: \(error.message)")
    }
    guard root.kind == .object else { return problem("a manifest is a JSON object.") }
    if let format = root["format"]?.string {
      guard format == "apollo-persisted-query-manifest" else { return problem("the format \(format) is not known.") }
      guard root["version"]?.int == 1 else { return problem("only version 1 of this format is known.") }
      guard let operations = root["operations"], operations.kind == .array else {
        return problem("the manifest has no list of operations.")
      }
      var entries: [Entry] = []
      for (number, operation) in operations.items.enumerated() {
        guard let id = operation["id"]?.string, let body = operation["body"]?.string else {
          return problem("operation \(number) has no id or no body.")
        }
        entries.append((id, ContiguousArray(body.utf8)))
      }
      return .success(entries)
    }
    var entries: [Entry] = []
    for (id, value) in root.members {
      guard let body = value.string else { return problem("the document \(id) is no text.") }
      entries.append((id, ContiguousArray(body.utf8)))
    }
    return .success(entries)
  }

  private static func check(
    _ id: String, _ source: ContiguousArray<UInt8>, _ schema: APISchema, _ settings: APISettings
  ) -> [String] {
    if id.isEmpty { return ["a document has an empty id."] }
    // An id that looks like a digest is taken for one by every client.
    let digest = id.hasPrefix("sha256:") ? String(id.dropFirst(7)) : id
    if SHA256.isHex(digest) || id.hasPrefix("sha256:"), SHA256.hex(source) != digest {
      return ["the document \(id) has the SHA-256 \(SHA256.hex(source))."]
    }
    return GraphQLService.problems(of: source, schema: schema, settings: settings).map { error in
      let place = error.locations.first.map { " (line \($0.line), column \($0.column))" } ?? ""
      return "the document \(id) is not valid: \(error.message)\(place)"
    }
  }
}
