import Foundation
import Testing

/// `docs/guarantees.md` names a test for every promise.
@Suite("Guarantees")
struct GuaranteeTests {
  private static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  @Test("every test that a promise names is there")
  func namedTests() throws {
    let files = FileManager.default.enumerator(at: Self.root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
    let paths = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    let sources = try paths.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let page = try String(contentsOf: Self.root.appendingPathComponent("docs/guarantees.md"), encoding: .utf8)
    let suites = page.matches(of: /`([A-Za-z]+Tests)`/).map { String($0.1) }
    let titles = page.matches(of: /\*([a-zA-Z][^*]*?) …\*/).map { String($0.1) }
    #expect(suites.count > 40 && titles.count > 40)
    for suite in Set(suites) {
      let isThere = sources.contains("struct \(suite) ") || FileManager.default.fileExists(
        atPath: Self.root.appendingPathComponent("Tests/\(suite)").path)
      #expect(isThere, "There is no suite \(suite).")
    }
    for title in Set(titles) { #expect(sources.contains("\"\(title)"), "No test is called \(title) ….") }
  }
}
