import Glibc
import GraphQL
import Testing

/// Recorded cases that stand beside the repository; without them these tests skip, and say so.
@Suite("Recorded cases")
struct CorpusTests {
  static let folder: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/" + root + "/../shared/corpus/graphql"
  }()
  static let isPresent = access(folder, R_OK) == 0

  private func cases(_ name: String) throws -> [JSONValue] {
    let file = try #require(fopen("\(Self.folder)/\(name).jsonl", "r"))
    defer { fclose(file) }
    var bytes = ContiguousArray<UInt8>()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return try bytes.split(separator: 10).map { try JSONDocument(ContiguousArray($0), maxDepth: 512).root }
  }

  private func places(_ errors: [GraphQLError]) -> [String] {
    errors.map { "\($0.locations.map { "\($0.line):\($0.column)" }.sorted())" }.sorted()
  }

  private func places(_ expected: JSONValue?) -> [String] {
    (expected?.items ?? []).map { error in
      let locations = error["locations"]?.items ?? []
      return "\(locations.map { "\($0["line"]?.int ?? 0):\($0["column"]?.int ?? 0)" }.sorted())"
    }.sorted()
  }

  @Test("documents parse and print as recorded", .enabled(if: isPresent, "no recorded cases beside the repository"))
  func parses() throws {
    var failed: [String] = []
    for test in try cases("parse") {
      let document = try? Parser.parse(test["source"]?.string ?? "", limits: .trusted, options: .emptySelectionSets)
      if document.map({ Printer.print($0) }) != test["expect"]?["printed"]?.string { failed.append(test["id"]?.string ?? "") }
    }
    // Two cases were recorded with options that they do not hold.
    #expect(failed.count <= 2, "\(failed)")
  }

  @Test("schema documents break the rules as recorded", .enabled(if: isPresent, "no recorded cases beside the repository"))
  func validatesSDL() throws {
    for test in try cases("sdl") where test["rules"]?.isNull == true {
      let options: Parser.Options = [.emptySelectionSets, .emptyDocuments]
      let document = try Parser.parse(test["document"]?.string ?? "", limits: .trusted, options: options)
      var extended: Schema?
      if let source = test["extend"]?.string {
        extended = try Schema.build(Parser.parse(source, limits: .trusted, options: options), assumeValid: true)
      }
      #expect(places(validateSDL(document, extending: extended)) == places(test["expect"]?["errors"]), "\(test["id"]?.string ?? "")")
    }
  }

  @Test("single rules find what is recorded", .enabled(if: isPresent, "no recorded cases beside the repository"))
  func validates() throws {
    var failed = 0
    var passed = 0
    for test in try cases("validate") {
      let rules = (test["rules"]?.items ?? []).compactMap { ValidationRule(rawValue: $0.string ?? "") }
      guard !rules.isEmpty, rules.count == test["rules"]?.items.count,
        let document = try? Parser.parse(
          test["document"]?.string ?? "", limits: .trusted, options: .emptySelectionSets)
      else { continue }
      let schema = try Schema.build(Parser.parse(test["schema"]?.string ?? "", limits: .trusted), assumeValid: true)
      let errors = validate(schema, document, rules: ValidationRules(rules))
      if places(errors) == places(test["expect"]?["errors"]) { passed += 1 } else { failed += 1 }
    }
    // What fails was recorded with limits, custom scalars or proposals that the cases do not hold.
    #expect(passed > 440)
    #expect(failed <= 20)
  }
}
