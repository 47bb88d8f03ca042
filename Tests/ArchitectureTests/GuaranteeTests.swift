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

  /// The last cells of the page's tables, with their rows.
  private static func rows() throws -> [(row: String, proof: String)] {
    let page = try String(contentsOf: root.appendingPathComponent("docs/guarantees.md"), encoding: .utf8)
    return page.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { line in
      let cells = line.components(separatedBy: " | ")
      guard cells.count > 1, let last = cells.last, !last.hasPrefix("test") else { return nil }
      return (String(line), last)
    }
  }

  @Test("every promise and every failure names a test or a benchmark that is there")
  func named() throws {
    let files = FileManager.default.enumerator(
      at: Self.root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
    let paths = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    let sources = try paths.map { try String(contentsOf: $0, encoding: .utf8) }
    let makefile = try String(contentsOf: Self.root.appendingPathComponent("Makefile"), encoding: .utf8)
    let rows = try Self.rows()
    #expect(rows.count > 80)
    for (row, proof) in rows {
      let names = proof.matches(of: /`([^`]+)`/).map { String($0.1) }
      #expect(!names.isEmpty, "No test: \(row)")
      for name in names {
        let path = Self.root.appendingPathComponent(name.hasSuffix("Tests") ? "Tests/\(name)" : name).path
        let isTarget = name.hasPrefix("make ") && makefile.contains("\n\(name.dropFirst(5)):")
        let isThere = isTarget || FileManager.default.fileExists(atPath: path)
          || sources.contains { $0.contains("struct \(name) ") }
        #expect(isThere, "There is no \(name).")
      }
      // Titles belong to the suite in front of them.
      for part in proof.matches(of: /`([A-Za-z]+Tests)`: ((\*[^*]+\*(, )?)+)/) {
        let suite = sources.filter { $0.contains("struct \(part.1) ") }
        for title in String(part.2).matches(of: /\*([^*]+?) …\*/) {
          #expect(suite.contains { $0.contains("\"\(title.1)") }, "\(part.1) has no test \(title.1) ….")
        }
      }
    }
  }
}
