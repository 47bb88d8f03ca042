import CLoop
import Glibc
import Testing

@Suite("The memory of the process")
struct ProcessMemoryTests {
  /// Pages that are resident and not changed, of files.
  private func shared() throws -> Int {
    let file = try #require(fopen("/proc/self/statm", "r"))
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    let text = try #require(fgets(&line, 200, file))
    return try #require(Int(String(cString: text).split(separator: " ")[2]))
  }

  @Test("what the start needed is handed back, and comes again when it is needed")
  func release() throws {
    let before = try shared()
    millrace_release_memory()
    let after = try shared()
    #expect(after < before)
    #expect((0..<1_000).map { String($0) }.joined().utf8.count == 2_890)
  }
}
