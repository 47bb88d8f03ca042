import Testing

@testable import HTTPServer

@Suite("Bodies with parts")
struct MultipartParserTests {
  private struct Refused: Error, Equatable {
    let failure: MultipartParser.Failure
  }

  /// Parts with their content.
  private static func parse(_ body: String, pieces: Int, boundary: String = "xx") throws -> [String] {
    let made = MultipartParser(boundary: boundary, maximumParts: 5)
    var parser = try #require(made)
    var found: [String] = []
    let bytes = Array(body.utf8)
    var at = 0
    while at < bytes.count {
      let piece = Array(bytes[at..<min(at + pieces, bytes.count)])
      at += pieces
      try piece.withUnsafeBytes { piece in
        try parser.feed(
          piece,
          { (event) throws(Refused) in
            switch event {
            case .begin(let part): found.append("\(part.name)/\(part.filename ?? "-")/\(part.contentType ?? "-"):")
            case .content(let bytes): found[found.count - 1] += String(decoding: bytes, as: UTF8.self)
            case .end: found[found.count - 1] += "."
            }
          }, failed: { Refused(failure: $0) })
      }
    }
    #expect(parser.isComplete)
    return found
  }

  private static let body = """
    what nobody reads\r
    --xx\r
    Content-Disposition: form-data; name="operations"\r
    \r
    {"a": 1}\r
    --xx  \r
    content-disposition: form-data; name=f; filename="a \\"b\\".txt"\r
    Content-Type: text/plain; charset=utf-8\r
    \r
    line\r
    -- x \r\r
    --x\r
    \r
    --xx--\r
    the end
    """

  @Test("parts come whole, wherever the body is cut", arguments: 1...40)
  func cut(pieces: Int) throws {
    #expect(
      try Self.parse(Self.body, pieces: pieces) == [
        #"operations/-/-:{"a": 1}."#, "f/a \"b\".txt/text/plain; charset=utf-8:line\r\n-- x \r\r\n--x\r\n.",
      ])
  }

  @Test("a body may begin with its first part, and a part may be empty")
  func minimal() throws {
    let body = "--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--xx--"
    #expect(try Self.parse(body, pieces: 3) == ["a/-/-:."])
  }

  @Test(
    "what is no such body is refused",
    arguments: [
      ("--xx\r\nContent-Type: text/plain\r\n\r\nno name\r\n--xx--", MultipartParser.Failure.malformed),
      ("--xx\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n\r\n--xx--", .malformed),
      ("--xxy\r\n", .malformed),
      ("--xx\r\n\(String(repeating: "a", count: 5_000))", .headTooLarge),
      (
        String(repeating: "--xx\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n", count: 6) + "--xx--",
        .tooManyParts
      ),
    ])
  func refused(body: String, failure: MultipartParser.Failure) {
    #expect(throws: Refused(failure: failure)) { try Self.parse(body, pieces: 7) }
  }

  @Test("the boundary is what the content type names, if a boundary may be so")
  func boundary() {
    #expect(MultipartParser.boundary(contentType: "multipart/form-data; charset=utf-8; boundary=\"a B\"") == "a B")
    #expect(MultipartParser.boundary(contentType: "Multipart/Form-Data;boundary=aB") == "aB")
    #expect(MultipartParser.boundary(contentType: "multipart/mixed; boundary=a") == nil)
    #expect(MultipartParser.boundary(contentType: "multipart/form-data") == nil)
    for text in ["", "a ", "a\r", String(repeating: "a", count: 71), "ä"] {
      #expect(MultipartParser(boundary: text, maximumParts: 1) == nil, "\(text)")
    }
  }
}
