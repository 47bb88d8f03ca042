import Glibc
import GraphQL
import Testing

@testable import ConformanceRunner

/// Recorded cases that stand beside the repository; without them these tests skip, and say so.
@Suite("Recorded cases")
struct CorpusTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  static let folder = root + "/../shared/corpus/graphql"
  static let isPresent = access(folder, R_OK) == 0

  /// What the cases are about, which is what their files are called.
  static let kinds = [
    "changes", "execute", "introspection", "parse", "print", "schema", "sdl", "sort", "strip", "validate",
  ]

  private static func lines(_ path: String) throws -> [ContiguousArray<UInt8>] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = ContiguousArray<UInt8>()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return bytes.split(separator: 10).map { ContiguousArray($0) }
  }

  /// The reasons by case.
  private static func exclusions() throws -> [String: String] {
    var reasons: [String: String] = [:]
    for line in try lines(root + "/Tests/conformance-exclusions.txt") where line.first != UInt8(ascii: "#") {
      let text = String(decoding: line, as: UTF8.self)
      let id = try #require(text.split(separator: " ").first.map(String.init))
      reasons[id] = String(text.dropFirst(id.count).drop { $0 == " " })
    }
    return reasons
  }

  @Test(
    "every case passes, but for those that are excluded",
    .enabled(if: isPresent, "no recorded cases beside the repository"),
    arguments: kinds)
  func passes(kind: String) throws {
    let exclusions = try Self.exclusions()
    for line in try Self.lines("\(Self.folder)/\(kind).jsonl") {
      let test = try JSONDocument(line, maxDepth: 512).root
      let id = try #require(test["id"]?.string)
      let expected = try #require(test["expect"]?.value)
      let actual = try? Case.run(test).get()
      let verdict = CaseJudge.judge(expected, try actual.map { try JSONDocument($0.json, maxDepth: 512).root.value })
      if let reason = exclusions[id] {
        #expect(!reason.isEmpty, "\(id) is excluded without a reason")
        #expect(!verdict.passes, "\(id) passes and need not be excluded")
        if reason.hasPrefix("positions") { #expect(verdict.hasMessages, "\(id) has other errors") }
      } else {
        #expect(verdict.passes, "\(id) fails: \(actual?.json.prefix(500) ?? "no outcome")")
      }
    }
  }

  @Test("only known cases are excluded", .enabled(if: isPresent, "no recorded cases beside the repository"))
  func exclusionsAreKnown() throws {
    var known = Set<String>()
    for kind in Self.kinds {
      for line in try Self.lines("\(Self.folder)/\(kind).jsonl") {
        known.insert(try #require(try JSONDocument(line, maxDepth: 512).root["id"]?.string))
      }
    }
    let unknown = try Set(Self.exclusions().keys).subtracting(known)
    #expect(unknown.isEmpty)
  }
}
