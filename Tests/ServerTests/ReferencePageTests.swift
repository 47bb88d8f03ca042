import API
import Foundation
import GraphQL
import Testing

@testable import Server

/// Pages of the reference that tell what the schema has.
@Suite("Reference pages")
struct ReferencePageTests {
  private static func page(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("docs/reference/\(name)"), encoding: .utf8)
  }

  @Test("the API reference is what `millrace schema docs` writes")
  func api() throws {
    let written = SchemaCommand.Docs.page(try Schema.build(APISchema.source))
    let page = try Self.page("api.md")
    #expect(page == written, "Run: millrace schema docs --output docs/reference/api.md")
  }

  @Test("the page of lists names every filter and order of the workflow types")
  func lists() throws {
    let page = try Self.page("lists.md")
    let schema = try Schema.build(APISchema.source)
    func names(_ type: String) throws -> [String] {
      let id = try #require(schema.type(named: type))
      return schema.inputValues[schema[id].inputFields].map { schema.names.string($0.name) }
        + schema.enumValues[schema[id].enumValues].map { schema.names.string($0.name) }
    }
    for type in ["Workflow", "Task", "Flow", "Case", "WorkItem"] {
      for name in try names("\(type)FilterSetType") + names("\(type)OrderSetType") + names("Sortable\(type)Attributes")
      {
        #expect(page.contains("`\(name)`") || page.contains("`\(name): "), "\(type): \(name)")
      }
    }
    for lookup in try names("JSONLookupMode") { #expect(page.contains("`\(lookup)`")) }
  }
}
