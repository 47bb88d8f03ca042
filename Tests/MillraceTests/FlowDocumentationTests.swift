import Foundation
import Testing

@Suite("The guide to flows")
struct FlowDocumentationTests {
  @Test("every Swift example of the guide is one that the tests compile and run")
  func examples() throws {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let guide = try String(contentsOf: root.appendingPathComponent("docs/how-to/flows.md"), encoding: .utf8)
    let examples = try String(
      contentsOf: root.appendingPathComponent("Tests/MillraceTests/FlowExamples.swift"), encoding: .utf8)
    let blocks = guide.components(separatedBy: "```swift\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    #expect(blocks.count >= 7)
    for block in blocks { #expect(examples.contains(block), "Not among the examples:\n\(block)") }
  }
}
