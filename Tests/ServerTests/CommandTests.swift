import Foundation
import TestSupport
import Testing

/// The commands that need no server, run as a user would.
@Suite("Commands")
struct CommandTests {
  private func run(
    _ arguments: [String], input: String = "", environment: [String: String]? = nil
  ) throws -> (code: Int32, output: String) {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?
      .bundleURL.deletingLastPathComponent().appendingPathComponent("millrace")
      ?? folder.appendingPathComponent(".build/debug/millrace")
    process.arguments = arguments
    process.environment = environment
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  private func file(_ text: String) throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).graphql")
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test("a breaking change of a schema ends with code 1, a safe one with 0 unless that is asked for")
  func comparesSchemas() throws {
    let old = try file("type Query { a: Int b: Int }")
    let new = try file("type Query { a: Int c: Int }")
    defer { for path in [old, new] { try? FileManager.default.removeItem(atPath: path) } }
    let breaking = try run(["schema", "diff", old, new])
    #expect(breaking.code == 1)
    #expect(breaking.output.contains("FIELD_REMOVED: Field Query.b was removed."))
    #expect(try run(["schema", "diff", old, new, "--fail-on", "never"]).code == 0)
    let added = try file("type Query { a: Int b: Int c: Int }")
    defer { try? FileManager.default.removeItem(atPath: added) }
    #expect(try run(["schema", "diff", old, added]).code == 0)
    let failing = try run(["schema", "diff", old, added, "--fail-on", "safe", "--json"])
    #expect(failing.code == 1)
    #expect(failing.output.hasPrefix("[{\"severity\":\"safe\",\"kind\":\"FIELD_ADDED\""))
  }

  @Test("a printed schema and its introspection mean the same")
  func introspects() throws {
    let printed = try file(try run(["schema", "print"]).output)
    let introspected = try file("\u{FEFF}" + (try run(["schema", "introspect"]).output))
    defer { for path in [printed, introspected] { try? FileManager.default.removeItem(atPath: path) } }
    let comparison = try run(["schema", "diff", printed, introspected])
    #expect(comparison.output == "The schemas are the same for clients.\n")
  }

  @Test("documents are validated against the server's schema, from standard input too")
  func validates() throws {
    let good = try run(["graphql", "validate", "-"], input: "{ allCases { totalCount } }")
    #expect(good.code == 0)
    let bad = try run(["graphql", "validate", "-"], input: "{ allCases { total } }")
    #expect(bad.code == 1)
    #expect(bad.output.hasPrefix("-:1:14: Cannot query field \"total\""))
    #expect(try run(["graphql", "validate", "/nowhere.graphql"]).output.contains("cannot be opened"))
  }

  @Test("a server that cannot be what its settings say does not start, and says why")
  func settings() throws {
    let caluma = try run(["serve"], environment: ["QUERY_DEPTH_LIMIT": "5", "MILLRACE_MAX_DEPTH": "6"])
    #expect(caluma.code == 64)
    #expect(caluma.output.contains("QUERY_DEPTH_LIMIT and MILLRACE_MAX_DEPTH are both given and differ."))
    let folder = try run(
      ["serve", "--port", "0", "--upload-directory", "/nowhere"], environment: ["MILLRACE_MAX_DEPHT": "7"])
    #expect(folder.code == 1)
    #expect(folder.output.contains("There is no setting MILLRACE_MAX_DEPHT. Did you mean \"MILLRACE_MAX_DEPTH\"?"))
    #expect(folder.output.contains("--upload-directory: /nowhere takes no files: No such file or directory. Choose"))
  }

  @Test("a folder without documents is no success, and links to folders are not followed")
  func folders() throws {
    let folder = try TestFiles.directory("documents")
    for arguments in [["validate", folder], ["format", "--check", folder]] {
      let empty = try run(["graphql"] + arguments)
      #expect(empty.code == 1)
      #expect(empty.output == "millrace: \(folder) has no files that end with .graphql, .gql, .graphqls.\n")
    }
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/again", withDestinationPath: folder)
    try "{ __typename }".write(toFile: "\(folder)/a.graphql", atomically: true, encoding: .utf8)
    #expect(try run(["graphql", "validate", folder]).output == "1 file is valid.\n")
  }

  @Test("what is no JSON is told once, with its place")
  func invalidJSON() throws {
    let explained = try run(["graphql", "explain", "-", "--variables", "{"], input: "{ __typename }")
    #expect(explained.output.contains("--variables: Invalid JSON: expected a member name at byte 1.\n"))
    let schema = try file("{ a }")
    defer { try? FileManager.default.removeItem(atPath: schema) }
    let compared = try run(["schema", "diff", schema])
    #expect(compared.code == 1)
    #expect(compared.output == "millrace: \(schema): Invalid JSON: expected a member name at byte 2.\n")
  }

  @Test("documents are formatted in place, and checked")
  func formats() throws {
    let path = try file("query { a # why\n}")
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try run(["graphql", "format", "--check", path]).code == 1)
    #expect(try run(["graphql", "format", "--write", path]).code == 0)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "{\n  # why\n  a\n}\n")
    #expect(try run(["graphql", "format", "--check", path]).code == 0)
  }

  @Test("a document's plan shows with its SQL")
  func explains() throws {
    let explained = try run(["graphql", "explain", "-"], input: "{ allTasks { edges { node { slug } } } }")
    #expect(explained.code == 0)
    #expect(explained.output.contains("from tasks t order by"))
    #expect(try run(["graphql", "explain", "-"], input: "{ nope }").code == 1)
  }

  @Test("definitions are dumped from a running server's own database, loaded into another, and both are sound")
  func definitions() throws {
    let directory = try TestFiles.directory("dump")
    let server = try ServerProcess(arguments: ["--data-dir", directory])
    ServerTests.defineJoin(server.port)
    _ = ServerTests.start(server.port)
    let dumped = try run(["dump", "--data-dir", directory])
    #expect(dumped.code == 0 && dumped.output.contains("\"next\": \"'after'|task\""))
    let healthy = try run(["doctor", "--data-dir", directory, "--json"], environment: ["PATH": "/usr/bin:/bin"])
    #expect(healthy.code == 0 && healthy.output.hasPrefix("{\"ok\":true,"), "\(healthy.output)")
    #expect(server.stop() == 0)

    // The other has no server: the command starts its Postgres, and stops it.
    let other = try TestFiles.directory("load")
    #expect(try run(["dump", "--data-dir", other]).code == 1)
    let planned = try run(["load", "--data-dir", directory, "--dry-run", "-"], input: dumped.output)
    #expect(planned.output == "0 created, 0 changed, 4 unchanged; nothing was written.\n")
    let loaded = try run(["load", "--data-dir", other, "--user", "ann", "-"], input: dumped.output)
    #expect(
      loaded.code == 0 && loaded.output.hasSuffix("created workflow join\n4 created, 0 changed, 0 unchanged.\n"),
      "\(loaded.output)")
    #expect(try run(["dump", "--data-dir", other]).output == dumped.output)
    let wrong = try run(["load", "--data-dir", other, "-"], input: "{\"millrace\": 1}")
    #expect(wrong.code == 1 && wrong.output.hasPrefix("millrace: standard input:1:1: This is no file of definitions"))
    let sick = try run(["doctor", "--data-dir", other], environment: ["PATH": "/usr/bin:/bin", "MILLRACE_PORT": "x"])
    #expect(
      sick.code == 1 && sick.output == "ERROR   configuration: MILLRACE_PORT: \"x\" is not a number from 0 to 65535.\n")
  }
}
