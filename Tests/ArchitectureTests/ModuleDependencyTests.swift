import Foundation
import Testing

/// The direction in which modules depend, as `docs/architecture.md` draws it.
@Suite("Module dependencies")
struct ModuleDependencyTests {
  /// What each module may import of ours; what is not listed may not be imported.
  private static let allowed: [String: Set<String>] = [
    "EventLoop": ["CLibuv", "CLoop"],
    "Postgres": ["CLibpq", "EventLoop"],
    "HTTPServer": ["CLibuv", "CLlhttp", "CCrypto", "CWslay", "EventLoop"],
    "HTTPClient": ["CCurl", "EventLoop"],
    "Authentication": ["CCrypto", "HTTPClient", "Expressions", "EventLoop"],
    "GraphQL": [],
    "Expressions": [],
    "Charts": ["Expressions"],
    "Monitoring": [],
    "WorkflowEngine": [],
    "Flows": ["WorkflowEngine"],
    "WorkflowStore": ["Postgres", "WorkflowEngine", "Expressions"],
    "Webhooks": ["CCrypto", "HTTPClient", "EventLoop"],
    "Millrace": [
      "Flows", "WorkflowStore", "WorkflowEngine", "Expressions", "Webhooks", "Postgres", "EventLoop",
    ],
    "API": [
      "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Charts", "Expressions", "Postgres", "EventLoop",
      "CEmbedded", "CCrypto",
    ],
    "Server": [
      "API", "Authentication", "GraphQL", "Millrace", "WorkflowStore", "WorkflowEngine", "Webhooks", "HTTPServer",
      "HTTPClient", "Postgres", "EventLoop", "CEmbedded", "CLibuv",
      "CZlib", "CBrotli", "Monitoring",
    ],
    "MillraceMain": ["Server"],
    "ConformanceRunner": ["GraphQL"],
    "TestSupport": ["EventLoop", "HTTPServer", "Postgres"],
  ]

  private static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  private static func files(_ module: String) throws -> [URL] {
    let directory = root.appendingPathComponent("Sources/\(module)")
    let all = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
    return (all?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
  }

  private static func imports(_ file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count else { return nil }
      return String(words[place + 1].prefix { $0 != "." })
    }
  }

  @Test("every module imports only the modules below it", arguments: allowed.keys.sorted())
  func direction(module: String) throws {
    let ours = Set(Self.allowed.keys).union(
      ["CLibuv", "CLibpq", "CLlhttp", "CLoop", "CCurl", "CCrypto", "CEmbedded", "CWslay", "CZlib", "CBrotli"])
    let files = try Self.files(module)
    #expect(!files.isEmpty)
    for file in files {
      for name in try Self.imports(file) where ours.contains(name) {
        #expect(
          Self.allowed[module]?.contains(name) == true,
          "\(module) must not import \(name): \(file.lastPathComponent)")
      }
    }
  }

  @Test("every folder in Sources that holds Swift is in the table")
  func complete() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Sources").path)
    let modules = try folders.filter { try !Self.files($0).isEmpty }
    #expect(Set(modules) == Set(Self.allowed.keys))
  }

  @Test(
    "the request path is free of Foundation",
    arguments: [
      "EventLoop", "Postgres", "HTTPServer", "HTTPClient", "Authentication", "GraphQL", "Expressions", "WorkflowEngine",
      "WorkflowStore", "Millrace", "API", "Server",
    ])
  func noFoundation(module: String) throws {
    for file in try Self.files(module) {
      #expect(try !Self.imports(file).contains { $0.hasPrefix("Foundation") }, "\(file.lastPathComponent)")
    }
  }
}
