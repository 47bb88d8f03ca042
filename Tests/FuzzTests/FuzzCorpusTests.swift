import Foundation
import FuzzTargets
import Testing

/// The inputs that fuzzing found interesting keep running with the tests, without a fuzzer.
@Suite("Inputs kept from fuzzing")
struct FuzzCorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus")

  @Test("every target holds for the inputs kept for it", arguments: FuzzTarget.allCases)
  func holds(target: FuzzTarget) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: Self.folder.appendingPathComponent(target.rawValue), includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      try Data(contentsOf: file).withUnsafeBytes { target.run($0) }
    }
  }
}
