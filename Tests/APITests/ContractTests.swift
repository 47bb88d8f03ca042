import API
import Glibc
import GraphQL
import Testing

/// Documents written for Caluma 12.7.0 stay valid, as far as the types are built.
@Suite("The contract with Caluma's clients")
struct ContractTests {
  static let path: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/" + root + "/../shared/contract/caluma-12.7.0.graphql"
  }()
  static let isPresent = access(path, R_OK) == 0

  /// Fields whose types come with forms and analytics. Every other field of every type that can be reached
  /// without them has to be there.
  static let notBuilt: Set<String> = [
    "Form.questions", "Form.documents", "Document.copies", "Document.answers", "Document.modifiedContentAt",
    "Document.modifiedContentByUser", "Document.modifiedContentByGroup",
  ]
  private static let notBuiltRoots = [
    "Analytics", "analytics", "Form", "Question", "Document", "Answer", "Option", "answer", "document",
  ]
  /// Root fields that have one of these words and are built all the same.
  private static let builtRoots: Set<String> = [
    "Mutation.saveCompleteWorkflowFormTask", "Mutation.saveCompleteTaskFormTask",
  ]

  private func isExcused(_ coordinate: String) -> Bool {
    if Self.notBuilt.contains(coordinate) { return true }
    guard coordinate.hasPrefix("Query.") || coordinate.hasPrefix("Mutation."), !Self.builtRoots.contains(coordinate)
    else {
      return false
    }
    return Self.notBuiltRoots.contains { coordinate.contains($0) }
  }

  private func read() throws -> String {
    let file = try #require(fopen(Self.path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }

  /// The names of the types that documents meet which use no excused field.
  private func reachable(_ document: Document) -> Set<String> {
    var definitions: [String: NodeID] = [:]
    for definition in document.definitions { definitions[document.name(definition)] = definition }
    var known: Set<String> = []
    var open = ["Query", "Mutation"]
    while let name = open.popLast() {
      guard known.insert(name).inserted, let definition = definitions[name] else { continue }
      for field in document.list(document[definition].children) {
        guard document[field].kind == .fieldDefinition || document[field].kind == .inputValueDefinition,
          !isExcused("\(name).\(document.name(field))")
        else { continue }
        open.append(typeName(document, document[field].type))
        for argument in document.list(document[field].kind == .fieldDefinition ? document[field].arguments : .none) {
          open.append(typeName(document, document[argument].type))
        }
      }
    }
    return known
  }

  private func typeName(_ document: Document, _ type: NodeID) -> String {
    document.text(type).filter { !"[]!".contains($0) }
  }

  @Test(
    "schema.graphql breaks no document of the contract", .enabled(if: isPresent, "no contract beside the repository"))
  func breaksNothing() throws {
    let source = try read()
    let contract = try Schema.build(source)
    let reachable = reachable(try Parser.parse(source, limits: .trusted))
    #expect(reachable.count > 90)
    let breaking = findSchemaChanges(contract, try Schema.build(APISchema.source)).filter { change in
      guard change.severity == .breaking else { return false }
      let words = change.description.split(separator: " ").map(String.init)
      switch change.kind {
      case "TYPE_REMOVED": return reachable.contains(words.first ?? "")
      case "FIELD_REMOVED": return !isExcused(words.count > 1 ? words[1] : "")
      default: return true
      }
    }
    #expect(breaking.isEmpty, "\(breaking.map(\.description))")
  }
}
