import EventLoop
@testable import HTTPServer
import TestSupport
import Testing

/// A request that never reaches a handler.
struct BadRequest: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let text: String
  let status: Int

  init(_ name: String, _ text: String, _ status: Int) {
    testDescription = name
    self.text = text
    self.status = status
  }

  init(_ name: String, get fields: String, _ status: Int) {
    self.init(name, "GET /x HTTP/1.1\r\nhost: a\r\n\(fields)\r\n\r\n", status)
  }

  init(_ name: String, post fields: String, _ body: String, _ status: Int) {
    self.init(name, "POST /x HTTP/1.1\r\nhost: a\r\n\(fields)\r\n\r\n\(body)", status)
  }

  static let all = [
    BadRequest("no version", "GET nonsense\r\n\r\n", 400),
    BadRequest("no host", "GET /x HTTP/1.1\r\n\r\n", 400),
    BadRequest("two hosts", get: "host: b", 400),
    BadRequest("a field without a colon", get: "bad header", 400),
    BadRequest("a blank before the colon", get: "x : y", 400),
    BadRequest("a zero byte", get: "x: a\u{0}b", 400),
    BadRequest("a lone line feed", "GET /x HTTP/1.1\nhost: a\n\n", 400),
    BadRequest("a lone carriage return in a value", get: "x: y\rcontent-length: 3", 400),
    BadRequest("a lone carriage return after an empty field", get: "x:\rcontent-length: 3", 400),
    BadRequest("a folded line", get: "x: y\r\n z", 400),
    BadRequest("a folded line after an empty field", get: "x:\r\n content-length: 3", 400),
    BadRequest("a blank before the first field", "GET /x HTTP/1.1\r\n host: a\r\n\r\n", 400),
    BadRequest("a folded trailer", post: "transfer-encoding: chunked", "0\r\nx:\r\n y\r\n\r\n", 400),
    BadRequest("a length and chunks", post: "content-length: 1\r\ntransfer-encoding: chunked", "0\r\n\r\n", 400),
    BadRequest("chunks and a length", post: "transfer-encoding: chunked\r\ncontent-length: 1", "0\r\n\r\n", 400),
    BadRequest("two lengths", post: "content-length: 1\r\ncontent-length: 2", "x", 400),
    BadRequest("the same length twice", post: "content-length: 1\r\ncontent-length: 1", "x", 400),
    BadRequest("a list of lengths", post: "content-length: 1, 1", "x", 400),
    BadRequest("a length with a sign", post: "content-length: +1", "x", 400),
    BadRequest("a length beyond every number", post: "content-length: 99999999999999999999999", "x", 400),
    BadRequest("a blank after a chunk's size", post: "transfer-encoding: chunked", "2 \r\nxy\r\n0\r\n\r\n", 400),
    BadRequest("a chunk's size with a prefix", post: "transfer-encoding: chunked", "0x2\r\nxy\r\n0\r\n\r\n", 400),
    BadRequest("chunks ended by line feeds", post: "transfer-encoding: chunked", "2\nxy\n0\n\n", 400),
    BadRequest("a chunk's size ended by a lone CR", post: "transfer-encoding: chunked", "2\rXxy\r\n0\r\n\r\n", 400),
    BadRequest("a chunk longer than its size", post: "transfer-encoding: chunked", "2\r\nxyzz0\r\n\r\n", 400),
    BadRequest("a chunk ended by a lone CR", post: "transfer-encoding: chunked", "2\r\nxy\rX0\r\n\r\n", 400),
    BadRequest("an extension ended by a lone CR", post: "transfer-encoding: chunked", "2;x\rXxy\r\n0\r\n\r\n", 400),
    BadRequest("a last chunk ended by a lone CR", post: "transfer-encoding: chunked", "0\r\n\rX", 400),
    BadRequest("a request line ended by a lone CR", "GET /x HTTP/1.1\rXhost: a\r\n\r\n", 505),
    BadRequest("a header ended by a lone CR", "GET /x HTTP/1.1\r\nhost: a\r\n\rX", 400),
    BadRequest("a blank in the target", "GET /x y HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    BadRequest("a tab in the target", "GET /x\ty HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    BadRequest("chunks in HTTP/1.0", "POST /x HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    BadRequest("a body without a length", "POST /x HTTP/1.1\r\nhost: a\r\n\r\n", 411),
    BadRequest("a body too large", post: "content-length: 2000000", "", 413),
    BadRequest("a target too long", "GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nhost: a\r\n\r\n", 414),
    BadRequest("an unknown expectation", get: "expect: tea", 417),
    BadRequest("a value too long", get: "x: \(String(repeating: "a", count: 20_000))", 431),
    BadRequest("blanks beyond measure", get: "x: \(String(repeating: " ", count: 20_000))y", 431),
    BadRequest("too many fields", get: String(repeating: "x: y\r\n", count: 101) + "z: y", 431),
    BadRequest(
      "trailers too long", post: "transfer-encoding: chunked",
      "0\r\nx: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
    BadRequest("an unknown method", "BREW /x HTTP/1.1\r\nhost: a\r\n\r\n", 501),
    BadRequest("a TLS handshake", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", 400),
    BadRequest("no HTTP at all", "hello, world\r\n\r\n", 400),
    BadRequest("capitals that are no method", "HELLO!\r\n\r\n", 400),
    BadRequest("a tunnel", "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n", 501),
    BadRequest("another encoding", post: "transfer-encoding: gzip, chunked", "", 501),
    BadRequest("an encoding after chunks", post: "transfer-encoding: chunked, gzip", "", 501),
    BadRequest("chunks twice", post: "transfer-encoding: chunked\r\ntransfer-encoding: chunked", "0\r\n\r\n", 501),
    BadRequest("another version", "GET /x HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    BadRequest("HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
  ]
}

@Suite("A request that cannot be answered by a handler")
struct RefusalTests {
  @Test("is refused once, with the status for what is wrong with it", arguments: BadRequest.all)
  func refused(_ request: BadRequest) async throws {
    try await withServer { server in
      let answer = exchange(server, request.text)
      #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "), "\(answer.prefix(80))")
      #expect(answer.split(separator: "HTTP/1.1 ").count == 1)
      #expect(answer.contains("connection: close"))
      #expect(answer.contains("\"errors\""))
      #expect(server.handler.handled == 0)
    }
  }

  @Test("is refused wherever its bytes are cut")
  func cutAnywhere() async throws {
    for request in BadRequest.all where request.status == 400 {
      let bytes = Array(request.text.utf8)
      for cut in 1..<bytes.count {
        let parser = RequestParser(HTTPServerConfiguration())
        var isRefused = false
        for part in [bytes[..<cut], bytes[cut...]] where !isRefused {
          part.withUnsafeBytes { raw in
            if case .failure = parser.read(raw).outcome { isRefused = true }
          }
        }
        #expect(isRefused, "\(request.testDescription), cut at \(cut)")
      }
    }
  }

  @Test("is refused after the answers to those before it")
  func afterOthers() async throws {
    try await withServer { server in
      let answer = exchange(server, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET nonsense\r\n\r\n")
      let slow = try #require(answer.firstRange(of: "get /slow"))
      let refusal = try #require(answer.firstRange(of: "HTTP/1.1 400"))
      #expect(slow.lowerBound < refusal.lowerBound)
    }
  }

  @Test("a client that still sends its body gets to read why, and is let go in time")
  func lingering() async throws {
    try await withServer({ $0.lingerTimeout = 300 }) { server in
      let connection = RawConnection(port: server.port)
      connection.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 4000000\r\n\r\n")
      connection.send([UInt8](repeating: 0x78, count: 3_000_000))
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 413 "))
      let isGone = try await server.wait { $0.connectionCount == 0 }
      #expect(isGone)
    }
  }

  @Test("chance bytes never stop the server")
  func chance() async throws {
    try await withServer { server in
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<300 {
        var bytes = Array("POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n".utf8)
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
          let place = Int.random(in: 0..<bytes.count, using: &generator)
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
          case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
          default: bytes.remove(at: place)
          }
        }
        let connection = RawConnection(port: server.port)
        connection.send(bytes)
        connection.finishSending()
        _ = connection.receiveAll()
      }
      #expect(exchange(server, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n").contains("get /x"))
    }
  }
}
