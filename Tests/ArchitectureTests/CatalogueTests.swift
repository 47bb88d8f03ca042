import Foundation
import Testing

/// Holds that nothing is missing in the lists of behaviours that tests show by number.
@Suite("Lists of behaviours")
struct CatalogueTests {
  private static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  /// The names of all tests, with the names of their files.
  private static func names() throws -> [(file: String, name: String)] {
    let files = FileManager.default.enumerator(
      at: root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
    let paths = (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    return try paths.flatMap { path in
      try String(contentsOf: path, encoding: .utf8).matches(of: /@Test\(\s*"([^"]*)"/).map {
        (path.lastPathComponent, String($0.1))
      }
    }
  }

  /// The behaviours of Viewflow's own tests and samples, `VF-01` to `VF-155`.
  private static let behaviours: Set<Int> = [
    Array(1...8), Array(10...18), Array(20...24), Array(30...36), Array(40...49), Array(50...53), Array(60...66),
    Array(70...75),
    Array(80...85), Array(90...96), Array(100...106), Array(110...112), Array(120...132), Array(140...147),
    Array(150...155),
  ].reduce(into: []) { $0.formUnion($1) }

  /// Those that no test shows, and why.
  private static let reasons: [Int: String] = [
    83: "There is one lock, the row of the case family; a cache is no lock here.",
    84: "A row lock is released by its own transaction alone: there is no key that another one could delete.",
    85: "There is no join without the lock, so there is nothing to warn of.",
    92: "The server has no menus; clients make theirs of `allWorkflows`, which visibilities limit: `LeakTests`.",
  ]

  @Test("every behaviour of Viewflow has its number in the name of a test, or a reason why not")
  func viewflow() throws {
    let shown = Set(try Self.names().flatMap { $0.name.matches(of: /VF-(\d+)/).compactMap { Int($0.1) } })
    #expect(shown.union(Self.reasons.keys).symmetricDifference(Self.behaviours).sorted() == [])
    #expect(shown.intersection(Self.reasons.keys).sorted() == [])
  }

  @Test("every surprise of Viewflow has its number in the name of a test")
  func surprises() throws {
    let shown = Set(try Self.names().flatMap { $0.name.matches(of: /surprise (\d+)/).compactMap { Int($0.1) } })
    #expect(shown == Set(1...22))
  }

  @Test("every workflow pattern has its number in the name of a test of the patterns")
  func patterns() throws {
    let own = try Self.names().filter { $0.file.hasPrefix("Pattern") && $0.name.first?.isNumber == true }
    let shown = Set(
      own.flatMap { test in
        test.name.matches(of: /(?:^|and )(\d+)/).compactMap { Int($0.1) }
      })
    #expect(shown == Set(1...43))
  }
}
