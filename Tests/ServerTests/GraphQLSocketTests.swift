import Glibc
import GraphQL
import TestSupport
import Testing

@testable import Server

@Suite("The protocol graphql-transport-ws")
struct GraphQLSocketProtocolTests {
  private func received(_ text: String, _ machine: inout GraphQLSocketProtocol) -> [GraphQLSocketProtocol.Action] {
    machine.received(ContiguousArray(text.utf8))
  }

  private func texts(_ actions: [GraphQLSocketProtocol.Action]) -> [String] {
    actions.map {
      switch $0 {
      case .send(let text): String(decoding: text, as: UTF8.self)
      case .close(let code, _): "close \(code)"
      case .authenticate(let value): "authenticate \(value ?? "-")"
      case .begin(let id, _): "begin \(id)"
      case .cancel(let id): "cancel \(id)"
      }
    }
  }

  private func ready() -> GraphQLSocketProtocol {
    var machine = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    _ = received(#"{"type":"connection_init"}"#, &machine)
    _ = machine.authenticated(true)
    return machine
  }

  @Test("a client is acknowledged once it is known who it is")
  func initialisation() {
    var machine = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    #expect(
      texts(received(#"{"type":"connection_init","payload":{"Authorization":"Bearer x"}}"#, &machine)) == [
        "authenticate Bearer x"
      ])
    #expect(!machine.isReady)
    #expect(texts(machine.authenticated(true)) == [#"{"type":"connection_ack"}"#])
    #expect(machine.isReady)
    #expect(machine.initExpired() == [])
  }

  @Test(
    "what ends a connection before it is acknowledged",
    arguments: [
      ("{", 4_400), ("[]", 4_400), (#"{"type":1}"#, 4_400), (#"{"type":"start"}"#, 4_400),
      (#"{"type":"connection_init","payload":[]}"#, 4_400),
      (#"{"type":"connection_init","payload":{"authorization":1}}"#, 4_400),
      (#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, 4_401),
      (#"{"type":"ping","payload":"x"}"#, 4_400), (#"{"type":"complete"}"#, 4_400),
    ])
  func refusals(text: String, code: Int) {
    var machine = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    #expect(texts(received(text, &machine)) == ["close \(code)"])
    // Nothing is done or said after it.
    #expect(received(#"{"type":"ping"}"#, &machine) == [])
    #expect(machine.authenticated(true) == [])
  }

  @Test("a second connection_init, none in time, and a client that is not let in")
  func otherEnds() {
    var machine = ready()
    #expect(texts(received(#"{"type":"connection_init"}"#, &machine)) == ["close 4429"])
    var silent = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    #expect(texts(silent.initExpired()) == ["close 4408"])
    var foreign = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    _ = received(#"{"type":"connection_init"}"#, &foreign)
    #expect(texts(foreign.authenticated(false)) == ["close 4403"])
    // While it is found out who the client is, a second init is one too many.
    var hasty = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    _ = received(#"{"type":"connection_init"}"#, &hasty)
    #expect(texts(received(#"{"type":"connection_init"}"#, &hasty)) == ["close 4429"])
  }

  @Test("operations begin, answer and end by their ids")
  func operations() {
    var machine = ready()
    let subscribe = #"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#
    #expect(texts(received(subscribe, &machine)) == ["begin 1"])
    #expect(texts(machine.next("1", ContiguousArray("{}".utf8))) == [#"{"id":"1","type":"next","payload":{}}"#])
    #expect(texts(machine.completed("1")) == [#"{"type":"complete","id":"1"}"#])
    #expect(machine.completed("1") == [])
    #expect(texts(received(subscribe, &machine)) == ["begin 1"])
    #expect(
      texts(machine.failed("1", errors: ContiguousArray("[]".utf8))) == [#"{"id":"1","type":"error","payload":[]}"#])
    #expect(machine.completed("1") == [])
  }

  @Test("after the client has completed an operation nothing more is said of it")
  func completedByClient() {
    var machine = ready()
    _ = received(#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, &machine)
    #expect(texts(received(#"{"type":"complete","id":"1"}"#, &machine)) == ["cancel 1"])
    #expect(machine.next("1", []) == [] && machine.failed("1", errors: []) == [] && machine.completed("1") == [])
    #expect(received(#"{"type":"complete","id":"1"}"#, &machine) == [])
  }

  @Test("an id that is in use, one operation too many, and operations that are none")
  func badOperations() {
    var machine = ready()
    _ = received(#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, &machine)
    _ = received(#"{"type":"subscribe","id":"2","payload":{"documentId":"x"}}"#, &machine)
    let refused = texts(received(#"{"type":"subscribe","id":"3","payload":{"query":"{a}"}}"#, &machine))
    #expect(
      refused.count == 1 && refused[0].contains("TOO_MANY_OPERATIONS")
        && refused[0].hasPrefix(#"{"id":"3","type":"error""#))
    #expect(machine.operationCount == 2)
    #expect(texts(received(#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#, &machine)) == ["close 4409"])
    for text in [
      #"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#, #"{"type":"subscribe","payload":{"query":"{a}"}}"#,
      #"{"type":"subscribe","id":"1"}"#, #"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
    ] {
      var machine = ready()
      #expect(texts(received(text, &machine)) == ["close 4400"], "\(text)")
    }
  }

  @Test("pings are answered with their payload, whenever they come")
  func pings() {
    var machine = GraphQLSocketProtocol(maximumOperations: 2, maximumDepth: 20)
    #expect(texts(received(#"{"type":"ping"}"#, &machine)) == [#"{"type":"pong"}"#])
    #expect(
      texts(received(#"{"type":"ping","payload":{"a":[1]}}"#, &machine)) == [#"{"type":"pong","payload":{"a":[1]}}"#])
    #expect(received(#"{"type":"pong","payload":null}"#, &machine) == [])
  }
}

@Suite("GraphQL over WebSocket")
struct GraphQLSocketTests {
  static let ack = #"{"type":"connection_ack"}"#

  private func subscribe(_ client: WebSocketClient, _ id: String, _ query: String) {
    let query = query.replacing("\"", with: "\\\"")
    client.send(#"{"type":"subscribe","id":"\#(id)","payload":{"query":"\#(query)"}}"#)
  }

  @Test("queries, mutations and subscriptions share a connection; a stop ends it with 1001")
  func operations() throws {
    let fixture = try EventStreamTests.Fixture(["--max-operations", "2"])
    let (id, item) = fixture.start()
    let client = WebSocketClient(port: fixture.port)
    #expect(client.head.contains("sec-websocket-protocol: graphql-transport-ws\r\n"))
    client.send(#"{"type":"connection_init"}"#)
    #expect(client.receiveText() == Self.ack)
    subscribe(client, "q", "{ __typename }")
    #expect(client.receiveText() == #"{"id":"q","type":"next","payload":{"data":{"__typename":"Query"}}}"#)
    #expect(client.receiveText() == #"{"type":"complete","id":"q"}"#)
    subscribe(client, "bad", "{ nothing }")
    #expect(
      client.receiveText()?.hasPrefix(#"{"id":"bad","type":"error","payload":[{"message":"Cannot query field"#) == true)
    subscribe(client, "s", "subscription { caseEvents(case: \"\(id)\", after: 4) { seq } }")
    subscribe(client, "m", "mutation { suspendWorkItem(input: {id: \"\(item)\"}) { workItem { status } } }")
    var texts: Set<String> = []
    while texts.count < 4, let text = client.receiveText() { texts.insert(text) }
    #expect(
      texts == [
        #"{"id":"m","type":"next","payload":{"data":{"suspendWorkItem":{"workItem":{"status":"SUSPENDED"}}}}}"#,
        #"{"type":"complete","id":"m"}"#, #"{"id":"s","type":"next","payload":{"data":{"caseEvents":{"seq":5}}}}"#,
        #"{"id":"s","type":"next","payload":{"data":{"caseEvents":{"seq":6}}}}"#,
      ])
    subscribe(client, "t", "subscription { caseEvents(case: \"\(id)\", after: 6) { seq } }")
    subscribe(client, "u", "{ __typename }")
    #expect(client.receiveText()?.contains("TOO_MANY_OPERATIONS") == true)
    // After `complete` no event of the operation comes any more.
    client.send(#"{"type":"complete","id":"s"}"#)
    client.send(#"{"type":"complete","id":"t"}"#)
    fixture.suspend(fixture.start().item)
    client.send(#"{"type":"ping"}"#)
    #expect(client.receiveText() == #"{"type":"pong"}"#)
    kill(fixture.server.pid, SIGTERM)
    var last = client.receive()
    while last == .ping { last = client.receive() }
    #expect(last == .close(1_001, "The server is stopping."))
  }

  @Test("a client is let in by its token, from connection_init or the handshake, as over HTTP")
  func authorisation() throws {
    let token = "a-token-of-sixteen"
    let fixture = try EventStreamTests.Fixture(["--bearer-token", token, "--dev-user", "anna", "--init-timeout", "300"])
    func first(_ message: String?, fields: [String] = []) -> WebSocketClient.Frame {
      let client = WebSocketClient(port: fixture.port, fields: fields)
      if let message { client.send(message) }
      return client.receive()
    }
    #expect(first(#"{"type":"connection_init","payload":{"Authorization":"Bearer \#(token)"}}"#) == .text(Self.ack))
    #expect(first(#"{"type":"connection_init","payload":{"authorization":"Bearer \#(token)"}}"#) == .text(Self.ack))
    #expect(first(#"{"type":"connection_init"}"#, fields: ["authorization: Bearer \(token)"]) == .text(Self.ack))
    for refused in [
      first(#"{"type":"connection_init","payload":{"Authorization":"Bearer another-token-here"}}"#),
      first(#"{"type":"connection_init"}"#),
    ] {
      guard case .close(4_403, _) = refused else {
        Issue.record("\(refused)")
        continue
      }
    }
    guard case .close(4_408, _) = first(nil) else {
      Issue.record("The time for connection_init did not end.")
      return
    }
  }

  @Test("pages of other origins and clients of other subprotocols are refused")
  func refusals() throws {
    let fixture = try EventStreamTests.Fixture(["--cors-origins", "https://app.example"])
    func head(_ origin: String) -> String {
      WebSocketClient(port: fixture.port, fields: ["origin: \(origin)"]).head
    }
    #expect(head("https://evil.example").hasPrefix("HTTP/1.1 403 "))
    #expect(head("null").hasPrefix("HTTP/1.1 403 "))
    #expect(head("https://app.example").hasPrefix("HTTP/1.1 101 "))
    #expect(head("http://localhost:\(fixture.port)").hasPrefix("HTTP/1.1 101 "))
    let old = WebSocketClient(port: fixture.port, subprotocol: "graphql-ws")
    #expect(old.receive() == .close(4_406, "Subprotocol not acceptable"))
    let strict = try ServerProcess(
      arguments: ["--websocket-origins", "https://only.example"], environment: ["DATABASE_URL": fixture.conninfo])
    func status(_ origin: String) -> String {
      String(WebSocketClient(port: strict.port, fields: ["origin: \(origin)"]).head.dropFirst(9).prefix(3))
    }
    #expect(status("http://localhost:\(strict.port)") == "403")
    #expect(status("https://only.example") == "101")
    strict.stop()
  }
}
