import Foundation
import TestSupport
import Testing

/// Requests with files, by the GraphQL multipart request specification.
@Suite("Uploads")
struct UploadTests {
  private static let load =
    "mutation ($file: Upload!) { loadDefinitions(input: {file: $file}) { report } }"

  private static func part(_ name: String, _ content: String, filename: String? = nil) -> String {
    let file = filename.map { "; filename=\"\($0)\"\r\nContent-Type: application/json" } ?? ""
    return "--cut\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\r\n\(content)\r\n"
  }

  private static func operations(_ query: String, _ variables: String) -> String {
    part("operations", #"{"query": "\#(query)", "variables": \#(variables)}"#)
  }

  private static func send(_ port: UInt16, _ parts: [String], preflight: Bool = true) -> HTTPAnswer {
    HTTPAnswer.request(
      port, "POST", "/graphql",
      ["content-type: multipart/form-data; boundary=cut"] + (preflight ? ["graphql-require-preflight: 1"] : []),
      parts.joined() + "--cut--\r\n")
  }

  private static func definitions(_ description: String) -> String {
    """
    {"millrace": "definitions", "version": 1, "tasks": [{"slug": "review", "type": "simple", "name": {"en": "Review"}, \
    "description": {"en": "\(description)"}}], "workflows": []}
    """
  }

  @Test("a file comes along with a mutation, in pieces, and leaves nothing on the disk")
  func load() throws {
    let files = try TestFiles.directory("uploads")
    let server = try ServerProcess(arguments: [
      "--data-dir", try TestFiles.directory("upload-data"), "--upload-directory", files,
    ])
    defer { server.stop() }
    // More than waits in memory at once.
    let large = Self.definitions(String(repeating: "long ", count: 200_000))
    let request = [
      Self.operations(Self.load, #"{"file": null}"#), Self.part("map", #"{"0": ["variables.file"]}"#),
      Self.part("0", large, filename: "definitions.json"),
    ]
    let created = Self.send(server.port, request)
    #expect(created.status == 200)
    #expect(
      created.body == #"{"data":{"loadDefinitions":{"report":[{"kind":"task","slug":"review","outcome":"created"}]}}}"#)
    #expect(Self.send(server.port, request).body.contains("unchanged"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: files).isEmpty)

    let broken = Self.send(
      server.port,
      [
        Self.operations(Self.load, #"{"file": null}"#), Self.part("map", #"{"0": ["variables.file"]}"#),
        Self.part("0", "{\n  nothing", filename: "../broken.json"),
      ])
    #expect(broken.body.contains("broken.json:2:"), "\(broken.body)")
    #expect(!broken.body.contains(".."), "\(broken.body)")
  }

  @Test("a body that breaks the specification or a limit is told so, and the server lives on")
  func refusals() throws {
    let server = try ServerProcess(arguments: [
      "--data-dir", try TestFiles.directory("refused-uploads"), "--max-uploads", "2", "--max-upload-bytes", "1000",
    ])
    defer { server.stop() }
    let port = server.port
    let operations = Self.operations(Self.load, #"{"file": null}"#)
    let map = Self.part("map", #"{"0": ["variables.file"]}"#)
    let file = Self.part("0", "{}", filename: "a")
    let cases: [(String, [String], Int, String)] = [
      ("the map first", [map, operations, file], 400, "has to come before"),
      ("the file first", [file, operations, map], 400, "have to come before"),
      ("no file", [operations, map], 400, "did not come"),
      ("no map", [operations], 400, "has to have the parts"),
      (
        "a place that is not null", [Self.operations(Self.load, #"{"file": 1}"#), map, file], 400,
        "There is no null at variables.file"
      ),
      (
        "a place that is not there", [operations, Self.part("map", #"{"0": ["variables.other"]}"#), file], 400,
        "There is no null"
      ),
      (
        "a place outside the variables", [operations, Self.part("map", #"{"0": ["query"]}"#), file], 400,
        "There is no null"
      ),
      (
        "one place twice",
        [operations, Self.part("map", #"{"0": ["variables.file"], "1": ["variables.file"]}"#), file], 400, "two uploads"
      ),
      ("a map that is none", [operations, Self.part("map", "[]"), file], 400, "has to be an object"),
      (
        "three files", [operations, Self.part("map", #"{"0": ["a"], "1": ["b"], "2": ["c"]}"#), file], 400,
        "TOO_MANY_UPLOADS"
      ),
      ("too many parts", [operations, map, file, file, file], 400, "TOO_MANY_UPLOADS"),
      (
        "a large file", [operations, map, Self.part("0", String(repeating: "x", count: 1_001), filename: "a")], 413,
        "UPLOAD_TOO_LARGE"
      ),
      ("no JSON", [Self.part("operations", "{"), map, file], 400, "invalid JSON"),
      ("operations twice", [operations, operations, map, file], 400, "two parts named operations"),
      (
        "a text instead of a file", [Self.operations(Self.load, #"{"file": "upload:1"}"#), Self.part("map", "{}")], 200,
        "There is no such upload"
      ),
      (
        "any text", [Self.operations(Self.load, #"{"file": "x"}"#), Self.part("map", "{}")], 400, "Upload value invalid"
      ),
    ]
    for (name, parts, status, text) in cases {
      let answer = Self.send(port, parts)
      #expect(answer.status == status, "\(name): \(answer.body)")
      #expect(answer.body.contains(text), "\(name): \(answer.body)")
    }
    let foreign = Self.send(port, [operations, map, file], preflight: false)
    #expect(foreign.status == 403)
    #expect(foreign.body.contains("CSRF_PREFLIGHT_REQUIRED"))
    let cut = HTTPAnswer.request(
      port, "POST", "/graphql",
      ["content-type: multipart/form-data; boundary=cut", "graphql-require-preflight: 1"], operations + map)
    #expect(cut.status == 400)
    #expect(HTTPAnswer.graphql(port, "{ __typename }").status == 200)
  }
}
