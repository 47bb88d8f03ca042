import Foundation
import TestSupport
import Testing

/// The built server, driven as a client would.
@Suite("The server")
struct ServerTests {
  /// A workflow whose two start tasks join into a third.
  static func defineJoin(_ port: UInt16) {
    for slug in ["left", "right", "after"] {
      _ = HTTPAnswer.graphql(
        port, "mutation { saveSimpleTask(input: {slug: \"\(slug)\", name: \"\(slug)\"}) { clientMutationId } }")
    }
    _ = HTTPAnswer.graphql(
      port,
      "mutation { saveWorkflow(input: {slug: \"join\", name: \"Join\", startTasks: "
        + "[\"left\", \"right\"]}) { clientMutationId } }"
    )
    let flow = HTTPAnswer.graphql(
      port,
      "mutation { addWorkflowFlow(input: {workflow: \"join\", tasks: [\"left\", \"right\"], next: "
        + "\"'after'|task\"}) { workflow { tasks { slug } } } }"
    )
    #expect(flow.values("slug").sorted() == ["after", "left", "right"])
  }

  /// Starts a case and answers its work items.
  static func start(_ port: UInt16) -> [String] {
    let answer = HTTPAnswer.graphql(
      port, "mutation { startCase(input: {workflow: \"join\"}) { case { workItems { edges { node { id } } } } } }")
    return answer.values("id")
  }

  static func complete(_ port: UInt16, _ id: String) -> HTTPAnswer {
    HTTPAnswer.graphql(
      port, "mutation Complete($id: ID!) { completeWorkItem(input: {id: $id}) { workItem { id status } } }",
      variables: "{\"id\":\"\(id)\"}")
  }

  static func total(_ port: UInt16, _ task: String, _ status: String? = nil) -> Int {
    let filter = status.map { ", {status: \($0)}" } ?? ""
    let body = HTTPAnswer.graphql(port, "{ allWorkItems(filter: [{task: \"\(task)\"}\(filter)]) { totalCount } }").body
    return Int(body.split(separator: "\"totalCount\":").last?.prefix { $0.isNumber } ?? "") ?? -1
  }

  @Test("after kill -9 every acknowledged completion is there, and every other one wholly or not at all")
  func killed() async throws {
    let directory = try TestFiles.directory("kill")
    let server = try ServerProcess(arguments: ["--data-dir", directory])
    Self.defineJoin(server.port)
    let port = server.port
    let items = (0..<40).flatMap { _ in Self.start(port) }
    try #require(items.count == 80)
    let stream = Task.detached { () -> [String] in
      var acknowledged: [String] = []
      for item in items {
        let answer = Self.complete(port, item)
        guard answer.status == 200, answer.value("status") == "COMPLETED" else { break }
        acknowledged.append(item)
      }
      return acknowledged
    }
    // In the middle of the stream, wherever that is.
    _ = eventually(within: 10) { Self.total(port, "left", "COMPLETED") >= 10 }
    server.killHard()
    let acknowledged = await stream.value
    #expect(acknowledged.count < items.count)
    let again = try ServerProcess(arguments: ["--data-dir", directory])
    let completed = Self.total(again.port, "left", "COMPLETED") + Self.total(again.port, "right", "COMPLETED")
    #expect(completed == acknowledged.count || completed == acknowledged.count + 1)
    for item in acknowledged {
      let answer = HTTPAnswer.graphql(
        again.port, "query Item($id: ID!) { node(id: $id) { ... on WorkItem { status } } }",
        variables: "{\"id\":\"\(item)\"}")
      #expect(answer.value("status") == "COMPLETED")
    }
    // A completion that opened a join has its successor with it.
    #expect(Self.total(again.port, "after") == completed / 2)
    again.stop()
  }

  @Test("while the database is down requests get 503, and they work again soon after it is back")
  func databaseRestart() async throws {
    let directory = try TestFiles.directory("down")
    let server = try ServerProcess(arguments: ["--data-dir", directory])
    Self.defineJoin(server.port)
    let text = try String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8)
    let postmaster = try #require(pid_t(text.prefix { $0.isNumber }))
    kill(postmaster, SIGKILL)
    var codes: Set<Int> = []
    let sawDown = eventually(within: 10) {
      let answer = HTTPAnswer.graphql(server.port, "{ allTasks { totalCount } }")
      codes.insert(answer.status)
      return answer.status == 503 && answer.body.contains("\"code\":\"UNAVAILABLE\"")
    }
    #expect(sawDown, "\(codes)")
    let isBack = eventually(within: 15) {
      HTTPAnswer.graphql(server.port, "{ allTasks { totalCount } }").body.contains("\"totalCount\":3")
    }
    #expect(isBack)
    #expect(HTTPAnswer.get(server.port, "/readyz").status == 200)
    #expect(server.isRunning)
    server.stop()
  }

  @Test("a second server is refused the data directory, with the first one's process")
  func secondServer() throws {
    let directory = try TestFiles.directory("second")
    let first = try ServerProcess(arguments: ["--data-dir", directory])
    let failure = #expect(throws: ServerProcess.Failure.self) {
      try ServerProcess(arguments: ["--data-dir", directory])
    }
    #expect(failure?.description.contains("Another server (process \(first.pid)) uses the data directory") == true)
    first.stop()
  }

  @Test("an external database has to be migrated first")
  func migrate() async throws {
    let conninfo = try await TestCluster.database()
    let failure = #expect(throws: ServerProcess.Failure.self) {
      try ServerProcess(environment: ["DATABASE_URL": conninfo])
    }
    #expect(failure?.description.contains("run `millrace migrate`") == true)
  }

  @Test("bad input gets its answer and the server lives on")
  func badInput() throws {
    let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("bad")])
    let port = server.port
    func post(_ body: String, _ type: String = "application/json") -> HTTPAnswer {
      HTTPAnswer.request(port, "POST", "/graphql", ["content-type: \(type)"], body)
    }
    let cases: [(HTTPAnswer, Int, String)] = [
      (post("{\"query\": "), 400, "POST body sent invalid JSON"),
      (post("<x/>", "application/xml"), 415, "UNSUPPORTED_MEDIA_TYPE"),
      (post("{\"query\":\"query A { __typename }\",\"operationName\":\"B\"}"), 400, "Unknown operation named"),
      (post("{\"query\":\"{ \(String(repeating: "a{", count: 300)) \"}"), 400, "NESTING_TOO_DEEP"),
      (
        post("{\"query\":\"{ __typename }\",\"variables\":\(String(repeating: "[", count: 300))}"), 400, "nested deeper"
      ),
      (post("{\"query\":\"\(String(repeating: "#", count: 200_000))\"}"), 400, "DOCUMENT_TOO_LARGE"),
      (post(String(repeating: "x", count: 2_000_000)), 413, "BODY_TOO_LARGE"),
      (HTTPAnswer.get(port, "/nowhere"), 404, "NOT_FOUND"),
      (HTTPAnswer.request(port, "PATCH", "/graphql", [], "{}"), 405, "METHOD_NOT_ALLOWED"),
      (HTTPAnswer.get(port, "/graphql?query=mutation%20%7B%20__typename%20%7D"), 405, "POST request"),
      (HTTPAnswer.graphql(port, "{ nothing }"), 400, "Cannot query field"),
    ]
    for (number, (answer, status, text)) in cases.enumerated() {
      #expect(answer.status == status, "case \(number): \(answer.body.prefix(200))")
      #expect(answer.body.contains(text), "case \(number): \(answer.body.prefix(200))")
    }
    let connection = RawConnection(port: port)
    let invalid = Array("{\"query\":\"{ a\u{e9} }\"}".utf8).filter { $0 != 0xA9 }
    connection.send(
      "POST /graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: \(invalid.count)\r\n\r\n"
    )
    connection.send(invalid)
    let answer = connection.receiveAll()
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(answer.contains("not valid UTF-8"))
    #expect(HTTPAnswer.graphql(port, "{ __typename }").body == "{\"data\":{\"__typename\":\"Query\"}}")
    server.stop()
  }

  @Test("the page and the health checks answer, and the token is asked for where it is set")
  func routes() throws {
    let server = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("routes"), "--cors-origins", "https://a.example"],
      environment: ["MILLRACE_BEARER_TOKEN": "a-secret-of-some-length"])
    let port = server.port
    #expect(HTTPAnswer.get(port, "/healthz").body == "ok\n")
    #expect(HTTPAnswer.get(port, "/readyz").status == 200)
    #expect(HTTPAnswer.get(port, "/").body.contains("<title>Millrace</title>"))
    #expect(HTTPAnswer.graphql(port, "{ __typename }").status == 401)
    #expect(HTTPAnswer.graphql(port, "{ __typename }", fields: ["authorization: Basic x"]).body.contains("No Bearer"))
    #expect(HTTPAnswer.graphql(port, "{ __typename }", fields: ["authorization: Bearer wrong"]).status == 401)
    let answer = HTTPAnswer.graphql(
      port, "{ __typename }", fields: ["authorization: Bearer a-secret-of-some-length", "origin: https://a.example"])
    #expect(answer.status == 200)
    #expect(answer.head.contains("access-control-allow-origin: https://a.example"))
    #expect(!server.logged.contains("a-secret"))
    server.stop()
  }

  @Test("every request acts as the development user, who is noted in what it makes")
  func developmentUser() throws {
    let server = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("user"), "--dev-user", "ann:clerks"])
    let answer = HTTPAnswer.graphql(
      server.port,
      "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { task { createdByUser createdByGroup } } }")
    #expect(answer.value("createdByUser") == "ann")
    #expect(answer.value("createdByGroup") == "clerks")
    server.stop()
  }
}
