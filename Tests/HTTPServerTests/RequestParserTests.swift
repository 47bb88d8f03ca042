import Testing

@testable import HTTPServer

@Suite("Requests put together from bytes")
struct RequestParserTests {
  private static let text =
    "POST /graphql?a=1 HTTP/1.1\r\nHost: example\r\nX-Empty:\r\nAccept: a/b  \r\naccept: c/d\r\n"
    + "Content-Length: 5\r\n\r\nhello"

  private func read(_ parts: [String], by parser: RequestParser) throws -> HTTPRequest {
    for part in parts.dropLast() {
      guard case .needsMore = feed(part, to: parser) else { throw NotYet() }
    }
    guard let last = parts.last, case .request(let request) = feed(last, to: parser) else { throw NotYet() }
    return request
  }

  private func feed(_ text: String, to parser: RequestParser) -> RequestParser.Outcome {
    Array(text.utf8).withUnsafeBytes { parser.read($0).outcome }
  }

  private struct NotYet: Error {}

  @Test("a request is the same wherever its bytes are cut")
  func cuts() throws {
    let bytes = Array(Self.text.utf8)
    for cut in 1..<bytes.count {
      let parts = [bytes[..<cut], bytes[cut...]].map { String(decoding: $0, as: UTF8.self) }
      let request = try read(parts, by: RequestParser(HTTPServerConfiguration()))
      #expect(request.path == "/graphql" && request.query == "a=1" && request.method == .post)
      #expect(request.header("host") == "example" && request.header("x-empty") == "")
      #expect(request.header("accept") == "a/b" && request.count(of: "accept") == 2)
      #expect(request.withBody { Array($0) } == Array("hello".utf8), "cut at \(cut)")
    }
  }

  @Test("a field is found by its name in any case, and by no other name of its kind")
  func names() throws {
    let request = try read(
      ["GET / HTTP/1.1\r\nhOsT: a\r\nX-AB-c1: v\r\n\r\n"], by: RequestParser(HTTPServerConfiguration()))
    #expect(request.header("host") == "a" && request.header("x-ab-c1") == "v")
    #expect(request.header("x-ba-c1") == nil && request.header("x-ab-c") == nil && request.count(of: "x-abbc1") == 0)
    #expect(request.header("x-ab-c1", begins: "v") && !request.header("x-ab-c1", begins: "vv"))
  }

  @Test("a request knows nothing of the one before it, and that one stays as it was")
  func oneAfterAnother() throws {
    let parser = RequestParser(HTTPServerConfiguration())
    let next = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
    for isHeld in [false, true] {
      let first = try read([Self.text], by: parser)
      let held = isHeld ? first : nil
      let second = try read([next], by: parser)
      #expect(second.path == "/next" && second.header("host") == "b" && second.method == .get)
      #expect(second.header("accept") == nil && second.header("x-empty") == nil && second.bodyCount == 0)
      guard let held else { continue }
      #expect(held !== second && held.path == "/graphql" && held.header("host") == "example")
    }
  }

  @Test("a connection that waits does not hold what a large request took")
  func memory() throws {
    let parser = RequestParser(HTTPServerConfiguration())
    weak var large: HTTPRequest?
    do {
      let body = String(repeating: "x", count: 100_000)
      let request = try read(["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(body)"], by: parser)
      #expect(request.bodyCount == 100_000)
      large = request
    }
    #expect(large == nil)
  }
}
