import Foundation
import TestSupport
import Testing
import WorkflowEngine

@testable import Server

/// Server-sent events of the built server, read as they come.
@Suite("Server-sent events")
struct EventStreamTests {
  /// A case with one open work item, on a server of its own.
  struct Fixture {
    let server: ServerProcess
    let directory: String

    init(_ arguments: [String] = []) throws {
      directory = try TestFiles.directory("events")
      server = try ServerProcess(arguments: ["--data-dir", directory] + arguments)
      for mutation in [
        "saveSimpleTask(input: {slug: \"a\", name: \"a\"})",
        "saveWorkflow(input: {slug: \"w\", name: \"w\", startTasks: [\"a\"]})",
      ] { _ = HTTPAnswer.graphql(server.port, "mutation { \(mutation) { clientMutationId } }") }
    }

    var port: UInt16 { server.port }
    /// How another process reaches the database.
    var conninfo: String { "host=\(directory)/run dbname=postgres user=millrace" }

    func start() -> (case: String, item: String) {
      let answer = HTTPAnswer.graphql(
        port, "mutation { startCase(input: {workflow: \"w\"}) { case { id workItems { edges { node { id } } } } } }")
      let ids = answer.values("id")
      return (ids.first ?? "", ids.last ?? "")
    }

    func suspend(_ item: String, port: UInt16? = nil) {
      for name in ["suspendWorkItem", "resumeWorkItem"] {
        let answer = HTTPAnswer.graphql(
          port ?? self.port, "mutation { \(name)(input: {id: \"\(item)\"}) { workItem { status } } }")
        #expect(!answer.body.contains("errors"), "\(answer.body)")
      }
    }

    func subscribe(_ id: String, after: Int = 0, fields: [String] = [], port: UInt16? = nil) -> RawConnection {
      let client = RawConnection(port: port ?? self.port)
      let body = "{\"query\":\"subscription { caseEvents(case: \\\"\(id)\\\", after: \(after)) { seq name } }\"}"
      var head =
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n"
      for field in fields { head += field + "\r\n" }
      client.send(head + "content-length: \(body.utf8.count)\r\n\r\n" + body)
      return client
    }
  }

  /// The numbers of the events in a text.
  static func numbers(_ text: String) -> [Int] {
    text.split(separator: "\"seq\":").dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }
  }

  @Test("the log is streamed from its beginning, then as it grows, in order, each event once, with its number as id")
  func stream() throws {
    let fixture = try Fixture()
    let (id, item) = fixture.start()
    let client = fixture.subscribe(id)
    var text = client.receive(until: "\"seq\":4")
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.contains("content-type: text/event-stream; charset=utf-8\r\n"))
    #expect(
      text.contains(
        "event: next\nid: 3\ndata: {\"data\":{\"caseEvents\":{\"seq\":3,\"name\":\"post_create_case\"}}}\n\n"))
    for _ in 0..<5 { fixture.suspend(item) }
    text += client.receive(until: "\"seq\":24")
    #expect(Self.numbers(text) == Array(1...24))
    // Resumed behind an event, by argument or as a browser does.
    let resumed = fixture.subscribe(id, after: 20).receive(until: "\"seq\":24")
    #expect(Self.numbers(resumed) == [21, 22, 23, 24])
    let browser = fixture.subscribe(id, fields: ["last-event-id: 22"]).receive(until: "\"seq\":24")
    #expect(Self.numbers(browser) == [23, 24])
    // The end of the server is not the end of the subscription: the stream ends without `complete`.
    #expect(fixture.server.stop() == 0)
    let rest = client.receiveAll()
    #expect(rest.hasSuffix("0\r\n\r\n") && !rest.contains("complete"))
  }

  @Test("what another process commits arrives long before the subscriber would look by itself")
  func otherProcess() throws {
    let fixture = try Fixture()
    let other = try ServerProcess(environment: ["DATABASE_URL": fixture.conninfo])
    let (id, item) = fixture.start()
    let client = fixture.subscribe(id)
    _ = client.receive(until: "\"seq\":4")
    let began = Date()
    fixture.suspend(item, port: other.port)
    let text = client.receive(until: "\"seq\":8")
    #expect(Self.numbers(text) == [5, 6, 7, 8])
    #expect(Date().timeIntervalSince(began) < 5)
    other.stop()
  }

  @Test("an unknown case, a place behind the log's end and a wrong document are told within the stream, which ends")
  func errors() throws {
    let fixture = try Fixture()
    let (id, _) = fixture.start()
    let unknown = fixture.subscribe("Q2FzZTowMTk4MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA=")
    let text = unknown.receive(until: "0\r\n\r\n")
    #expect(
      text.contains("\"message\":\"No Case matches the given query.\"") && text.contains("\"code\":\"NOT_FOUND\""))
    #expect(text.contains("event: complete\ndata: \n\n"))
    let ahead = fixture.subscribe(id, after: 5).receive(until: "0\r\n\r\n")
    #expect(ahead.contains("There is no event 5: the log of this case ends with 4."))
    let plain = HTTPAnswer.graphql(fixture.port, "subscription { caseEvents(case: \"\(id)\") { seq } }")
    #expect(plain.value("code") == "STREAM_REQUIRED")
    let query = HTTPAnswer.graphql(fixture.port, "{ __typename }", fields: ["accept: text/event-stream"])
    #expect(query.body.contains("event: next\ndata: {\"data\":{\"__typename\":\"Query\"}}\n\n"))
    #expect(query.body.contains("event: complete\n"))
    // A client that prefers JSON gets a stream for subscriptions only.
    let json = HTTPAnswer.graphql(
      fixture.port, "{ __typename }", fields: ["accept: application/json, text/event-stream"])
    #expect(json.body == "{\"data\":{\"__typename\":\"Query\"}}")
  }

  @Test("a quiet stream is kept alive with comments")
  func keepAlive() throws {
    let fixture = try Fixture(["--keep-alive", "100"])
    let (id, _) = fixture.start()
    let client = fixture.subscribe(id, after: 4)
    #expect(client.receive(until: ":\n\n\r\n3\r\n:\n\n\r\n3\r\n:\n\n").contains(":\n\n"))
  }

  @Test("who reserves streams and never listens does not keep others from theirs")
  func reservations() throws {
    let reservations = EventStreamReservations()
    let (ann, bob) = (Caller(user: "ann"), Caller(user: "bob"))
    let listened = try #require(reservations.reserve(bob, now: 0))
    #expect(reservations.claim(listened, bob, now: 0) == .granted)
    let first = try #require(reservations.reserve(ann, now: 0))
    for _ in 2..<EventStreamReservations.maximum { _ = reservations.reserve(ann, now: 0) }
    let token = try #require(reservations.reserve(bob, now: 1))
    #expect(reservations.claim(token, ann, now: 1) == .unknown)
    #expect(reservations.claim(token, bob, now: 1) == .granted)
    #expect(reservations.claim(first, ann, now: 1) == .unknown)
    #expect(reservations.claim(listened, bob, now: 1) == .taken)
    let late = try #require(reservations.reserve(bob, now: 1))
    #expect(reservations.claim(late, bob, now: 1 + EventStreamReservations.lifetime) == .unknown)
  }

  @Test(
    "operations share a stream by its token: events carry their ids, each can be stopped, others' tokens are unknown")
  func singleConnection() throws {
    let fixture = try Fixture(["--loops", "2"])
    let (id, item) = fixture.start()
    let reserved = HTTPAnswer.request(fixture.port, "PUT", "/graphql", ["content-length: 0"], nil)
    #expect(reserved.status == 201)
    let token = "x-graphql-event-stream-token: \(reserved.body)"
    func operate(_ id: String, _ query: String, token: String) -> Int {
      let query = query.replacing("\"", with: "\\\"")
      return HTTPAnswer.request(
        fixture.port, "POST", "/graphql", ["content-type: application/json", token],
        "{\"query\":\"\(query)\",\"extensions\":{\"operationId\":\"\(id)\"}}"
      ).status
    }
    #expect(operate("a", "{ __typename }", token: token) == 409)
    let stream = RawConnection(port: fixture.port)
    stream.send("GET /graphql?token=\(reserved.body) HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n")
    #expect(stream.receive(until: ":\n\n").hasPrefix("HTTP/1.1 200 OK"))
    let second = HTTPAnswer.get(fixture.port, "/graphql?token=\(reserved.body)", fields: ["accept: text/event-stream"])
    #expect(second.status == 409)
    #expect(operate("q", "{ __typename }", token: token) == 202)
    var text = stream.receive(until: "complete\ndata: {\"id\":\"q\"}")
    #expect(text.contains("event: next\ndata: {\"id\":\"q\",\"payload\":{\"data\":{\"__typename\":\"Query\"}}}\n\n"))
    #expect(operate("s", "subscription { caseEvents(case: \"\(id)\", after: 4) { seq } }", token: token) == 202)
    #expect(operate("s", "{ __typename }", token: token) == 409)
    #expect(operate("", "{ __typename }", token: token) == 400)
    #expect(operate("x", "{ __typename }", token: "x-graphql-event-stream-token: 0123") == 404)
    let named = HTTPAnswer.request(
      fixture.port, "POST", "/graphql?token=\(reserved.body)", ["content-type: application/json"],
      #"{"query":"{ __typename }","extensions":{"operationId":"n"}}"#)
    #expect(named.status == 202)
    #expect(stream.receive(until: "complete\ndata: {\"id\":\"n\"}").contains("__typename"))
    fixture.suspend(item)
    text = stream.receive(until: "\"seq\":8")
    #expect(Self.numbers(text) == [5, 6, 7, 8])
    func stop() -> Int { HTTPAnswer.request(fixture.port, "DELETE", "/graphql?operationId=s", [token], nil).status }
    #expect(stop() == 200)
    #expect(stream.receive(until: "complete\ndata: {\"id\":\"s\"}").contains("complete"))
    #expect(stop() == 404)
    // The token ends with its stream.
    stream.finishSending()
    _ = stream.receiveAll()
    #expect(eventually(within: 5) { operate("q", "{ __typename }", token: token) == 404 })
  }
}
