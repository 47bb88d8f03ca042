import EventLoop
@testable import HTTPServer
import TestSupport
import Testing

@Suite("HTTP/1.1")
struct HTTPServerTests {
  @Test("pipelined requests are answered in their order, also when the first takes longer")
  func pipelining() async throws {
    try await withServer { server in
      let answer = exchange(
        server, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\nGET /fast HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      let slow = try #require(answer.firstRange(of: "get /slow"))
      let fast = try #require(answer.firstRange(of: "get /fast"))
      #expect(slow.lowerBound < fast.lowerBound)
    }
  }

  @Test("a body comes with its length or in chunks")
  func bodies() async throws {
    try await withServer { server in
      #expect(exchange(server, "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nxyz").contains("post /a [xyz]"))
      #expect(
        exchange(
          server, "POST /b HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nxy\r\n1\r\nz\r\n0\r\n\r\n"
        )
          .contains("post /b [xyz]"))
    }
  }

  @Test("a client that waits for leave to send its body gets it")
  func expectContinue() async throws {
    try await withServer { server in
      let connection = RawConnection(port: server.port)
      connection.send("POST /c HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n")
      #expect(connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 Continue"))
      connection.send("ok")
      #expect(connection.receive(until: "[ok]").contains("200 OK"))
    }
  }

  @Test("HEAD has the length of the body but not the body")
  func head() async throws {
    try await withServer { server in
      let answer = exchange(server, "HEAD /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
      #expect(answer.contains("content-length: 10"))
      #expect(answer.hasSuffix("\r\n\r\n"))
    }
  }

  @Test("HTTP/1.0 closes unless it is asked to stay")
  func version10() async throws {
    try await withServer { server in
      #expect(exchange(server, "GET /x HTTP/1.0\r\n\r\n").contains("connection: close"))
    }
  }

  @Test("chunks beyond the limit are refused")
  func chunkedTooLarge() async throws {
    try await withServer({ $0.maximumBodyBytes = 10 }) { server in
      let answer = exchange(
        server, "POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
    }
  }

  @Test("a header that comes too slowly is answered 408")
  func slowHeader() async throws {
    try await withServer({ $0.headerTimeout = 300 }) { server in
      let connection = RawConnection(port: server.port)
      connection.send("GET /x HTTP/1.1\r\nho")
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test("a body that comes too slowly is answered 408")
  func slowBody() async throws {
    try await withServer({ $0.bodyTimeout = 300 }) { server in
      let connection = RawConnection(port: server.port)
      connection.send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
      #expect(connection.receiveAll().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test("an idle connection is closed")
  func idle() async throws {
    try await withServer({ $0.idleTimeout = 300 }) { server in
      let connection = RawConnection(port: server.port)
      #expect(connection.receiveAll().isEmpty)
    }
  }

  @Test("a connection too many is told so")
  func connectionLimit() async throws {
    try await withServer({ $0.maximumConnections = 1 }) { server in
      let first = RawConnection(port: server.port)
      first.send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n")
      #expect(first.receive(until: "[]").contains("200 OK"))
      let second = RawConnection(port: server.port)
      let answer = second.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.contains("retry-after: 1"))
    }
  }

  @Test("a client that reads nothing is not read from, and gets everything once it reads")
  func backPressure() async throws {
    try await withServer({ $0.highWaterMark = 65_536 }) { server in
      let connection = RawConnection(port: server.port)
      connection.send(String(repeating: "GET /large HTTP/1.1\r\nhost: a\r\n\r\n", count: 30))
      let isHeld = try await server.wait { $0.connectionCount == 1 && server.handler.handled > 1 }
      #expect(isHeld)
      // What the kernel buffers of a loopback connection is a few answers; the rest is not even begun.
      #expect(server.handler.handled < 20)
      connection.finishSending()
      let answer = connection.receiveAll()
      #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 30)
    }
  }

  @Test("of many pipelined requests only some are under way at once, and all are answered in order")
  func pipelineBound() async throws {
    try await withServer({ $0.maximumPipelined = 4 }) { server in
      let connection = RawConnection(port: server.port)
      connection.send((0..<20).map { "GET /slow HTTP/1.1\r\nhost: a\r\nx: \($0)\r\n\r\n" }.joined())
      connection.finishSending()
      #expect(connection.receiveAll().split(separator: "HTTP/1.1 200 OK").count == 20)
      #expect(server.handler.mostUnderWay == 4)
    }
  }

  @Test("requests arrive whole however their bytes are cut")
  func splitAnywhere() async throws {
    try await withServer { server in
      let bytes = Array(
        "POST /a?b=c HTTP/1.1\r\nhost: a\r\nempty:\r\nx: y \r\ntransfer-encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\n\r\n"
          .utf8)
      for cut in stride(from: 1, to: bytes.count, by: 3) {
        let connection = RawConnection(port: server.port)
        connection.send(Array(bytes[..<cut]))
        // The second half is sent once the first was read.
        _ = try await server.wait { $0.connectionCount > 0 }
        connection.send(Array(bytes[cut...]))
        connection.finishSending()
        let answer = connection.receiveAll()
        #expect(answer.contains("post /a [xy]") && answer.contains("get /next []"), "cut at \(cut)")
      }
    }
  }

  @Test("trailers of a chunked body are neither part of the body nor fields of the request")
  func trailers() async throws {
    try await withServer { server in
      let answer = exchange(
        server,
        "POST /t HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\nauthorization: me\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\n\r\n"
      )
      #expect(answer.contains("post /t [xy]"))
      #expect(answer.contains("get /next []"))
    }
  }

  @Test("an offer to change the protocol is passed over")
  func upgrade() async throws {
    try await withServer { server in
      let answer = exchange(
        server,
        "GET /up HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\n\r\n"
      )
      #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 2)
      #expect(!answer.contains("501"))
    }
  }

  @Test("the target may name the server")
  func absoluteTarget() async throws {
    try await withServer { server in
      #expect(exchange(server, "GET http://a:1/x?y=/z HTTP/1.1\r\nhost: a\r\n\r\n").contains("get /x []"))
    }
  }

  @Test("an answer without content has no body, whatever the handler says")
  func noContent() async throws {
    try await withServer { server in
      let answer = exchange(server, "GET /empty HTTP/1.1\r\nhost: a\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 204 No Content"))
      #expect(answer.hasSuffix("\r\n\r\n"))
      #expect(!answer.contains("content-length"))
    }
  }

  @Test("leave to send a body is given after the answers before it, and once")
  func continueAfterAnswers() async throws {
    try await withServer { server in
      let connection = RawConnection(port: server.port)
      connection.send(
        "GET /slow HTTP/1.1\r\nhost: a\r\n\r\nPOST /c HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n"
      )
      let first = connection.receive(until: "100 Continue\r\n\r\n")
      #expect(first.contains("get /slow"))
      connection.send("2\r\n")
      connection.send("ok\r\n0\r\n\r\n")
      let rest = connection.receive(until: "[ok]")
      #expect(rest.contains("200 OK"))
      #expect(!rest.contains("100 Continue"))
    }
  }

  @Test("a client that leaves while its request is under way harms nobody")
  func leavingClient() async throws {
    try await withServer { server in
      for _ in 0..<20 { RawConnection(port: server.port).send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n") }
      #expect(exchange(server, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n").contains("get /x"))
      let isEmpty = try await server.wait { $0.connectionCount == 0 }
      #expect(isEmpty)
    }
  }
}
