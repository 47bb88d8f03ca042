import API
import Foundation
import GraphQL
import Testing

/// What the documentation shows of the API can be sent to it.
@Suite("Queries in the documentation")
struct DocumentationQueryTests {
  private static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  private static let pages: [String] = {
    let files = FileManager.default.enumerator(at: root.appendingPathComponent("docs"), includingPropertiesForKeys: nil)
    let all = files?.allObjects as? [URL] ?? []
    return all.filter { $0.pathExtension == "md" }.map { String($0.path.dropFirst(root.path.count + 1)) }.sorted()
  }()

  /// The blocks of GraphQL on a page.
  private static func documents(_ path: String) throws -> [String] {
    let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    return text.components(separatedBy: "```graphql\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  @Test("every document is valid")
  func documents() throws {
    let schema = try APISchema().binding.schema
    var count = 0
    for page in Self.pages {
      for document in try Self.documents(page) {
        let errors = validate(schema, try Parser.parse(document))
        #expect(errors.isEmpty, "\(page): \(errors.map { $0.message }) in \(document)")
        count += 1
      }
    }
    #expect(count > 5)
  }
}
