import Foundation
import TestSupport
import Testing

/// Every limit of a request, asked of the built server.
@Suite("Limits of requests")
struct RequestLimitTests {
  @Test("each limit that is passed is told by its code, and the server goes on")
  func codes() throws {
    let server = try ServerProcess(arguments: [
      "--data-dir", try TestFiles.directory("limits"), "--max-body", "4000000",
    ])
    let port = server.port
    let deep = "{ node(id: \"a\") { ... on WorkItem { "
      + String(repeating: "previousWorkItem { ", count: 20) + "id" + String(repeating: " }", count: 23)
    var growing = "{ allTasks { edges { node { ...F0 } } } } fragment F12 on SimpleTask { id slug }"
    for level in 0..<12 {
      growing +=
        " fragment F\(level) on SimpleTask { ... on SimpleTask { ...F\(level + 1) } ... on Task { ... on SimpleTask { ...F\(level + 1) } } }"
    }
    let large = String(repeating: "x", count: 1_100_000)
    let cases: [(query: String, variables: String, code: String)] = [
      (String(repeating: " ", count: 100_001), "{}", "DOCUMENT_TOO_LARGE"),
      ("{ \(String(repeating: "a ", count: 10_001)) }", "{}", "TOO_MANY_TOKENS"),
      (String(repeating: "#\n", count: 1_001), "{}", "TOO_MANY_COMMENTS"),
      (String(repeating: "{ a ", count: 201), "{}", "NESTING_TOO_DEEP"),
      ("{ \((0..<51).map { "a\($0): __typename " }.joined()) }", "{}", "MAX_ALIASES_LIMIT"),
      ("{ __typename \(String(repeating: "@skip(if: false) ", count: 9)) }", "{}", "MAX_DIRECTIVES_LIMIT"),
      ("{ \(String(repeating: "__typename @skip(if: false) ", count: 101)) }", "{}", "MAX_DIRECTIVES_LIMIT"),
      ("{ \((0..<101).map { "x\($0) " }.joined()) }", "{}", "TOO_MANY_ERRORS"),
      (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }", "{}",
        "INTROSPECTION_TOO_DEEP"
      ),
      (deep, "{}", "MAX_DEPTH_LIMIT"),
      ("{ \((0..<21).map { "a\($0): allTasks { totalCount } " }.joined()) }", "{}", "MAX_ROOT_FIELDS_LIMIT"),
      (growing, "{}", "MAX_FIELDS_LIMIT"),
      (
        "{ allCases(first: 1000) { edges { node { workItems(first: 1000) { edges { node { id } } } } } } }", "{}",
        "COST_LIMIT"
      ),
      (
        "query ($n: Int) { allCases(first: $n) { edges { node { workItems(first: $n) { edges { node { id } } } } } } }",
        "{\"n\":1000}", "COST_LIMIT"
      ),
      (
        "{ __typename }", "{\"a\":\(String(repeating: "[", count: 65))\(String(repeating: "]", count: 65))}",
        "VARIABLES_TOO_DEEP"
      ),
      ("{ __typename }", "{\"a\":\"\(large)\"}", "VARIABLES_TOO_LARGE"),
      ("{ __typename }", "{\"a\":[\(String(repeating: "0,", count: 70_000))0]}", "VARIABLES_TOO_LARGE"),
    ]
    for (query, variables, code) in cases {
      // Twice: what was refused is known the second time.
      for _ in 0..<2 {
        let answer = HTTPAnswer.graphql(port, query, variables: variables)
        #expect(answer.status == 400, "\(code) \(answer.body.prefix(200))")
        #expect(answer.body.contains("\"code\":\"\(code)\""), "\(code) \(answer.body.suffix(300))")
      }
    }
    let fine = HTTPAnswer.graphql(
      port,
      "query ($n: Int) { allCases(first: $n) { edges { node { workItems(first: $n) { edges { node { id } } } } } } }",
      variables: "{\"n\":90}")
    #expect(fine.body == #"{"data":{"allCases":{"edges":[]}}}"#)
    server.stop()
  }

  @Test("variables that are nested too deeply are told so, whatever brings them")
  func depth() throws {
    let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("depth")])
    let (query, code) = ("{ __typename }", "\"code\":\"VARIABLES_TOO_DEEP\"")
    for depth in [64, 100, 200] {
      let deep = "{\"a\":\(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))}"
      let parameters = "query=%7B__typename%7D&variables=" + deep.replacing("\"", with: "%22")
      let answers = [
        HTTPAnswer.graphql(server.port, query, variables: deep),
        HTTPAnswer.get(server.port, "/graphql?" + parameters),
        HTTPAnswer.get(server.port, "/graphql?" + parameters, fields: ["accept: text/event-stream, application/json"]),
        HTTPAnswer.request(
          server.port, "POST", "/graphql", ["content-type: application/x-www-form-urlencoded"], parameters),
        HTTPAnswer.request(
          server.port, "POST", "/graphql", ["content-type: application/json", "accept: text/event-stream"],
          "{\"query\":\"\(query)\",\"variables\":\(deep)}"),
      ]
      for answer in answers { #expect(answer.body.contains(code), "\(depth) \(answer.body)") }
      guard depth < 128 else { continue }
      let socket = WebSocketClient(port: server.port)
      socket.send(#"{"type":"connection_init"}"#)
      #expect(socket.receiveText() == GraphQLSocketTests.ack)
      socket.send(#"{"type":"subscribe","id":"1","payload":{"query":"\#(query)","variables":\#(deep)}}"#)
      #expect(socket.receiveText()?.contains(code) == true)
    }
    server.stop()
  }

  @Test("the full introspection query of the usual tools passes every limit")
  func introspection() throws {
    let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("introspect")])
    let answer = HTTPAnswer.graphql(server.port, Self.introspectionQuery)
    #expect(answer.status == 200)
    #expect(answer.body.hasPrefix(#"{"data":{"__schema":{"queryType":{"name":"Query""#), "\(answer.body.prefix(200))")
    #expect(!answer.body.contains("\"errors\""))
    server.stop()
  }

  @Test("the schema can be hidden from all, or from those without a name, while every rule still holds")
  func hiddenSchema() throws {
    let off = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("hidden"), "--introspection", "off", "--suggestions", "no"])
    for query in ["{ __schema { queryType { name } } }", "{ __type(name: \"Case\") { name } }"] {
      #expect(HTTPAnswer.graphql(off.port, query).body.contains("\"code\":\"INTROSPECTION_DISABLED\""))
    }
    #expect(HTTPAnswer.graphql(off.port, "{ __typename }").status == 200)
    let wrong = HTTPAnswer.graphql(off.port, "{ allTask { totalCount } }")
    #expect(wrong.body.contains("Cannot query field"))
    #expect(!wrong.body.contains("Did you mean"))
    let variable = HTTPAnswer.graphql(
      off.port, "query ($f: [TaskFilterSetInput]) { allTasks(filter: $f) { totalCount } }",
      variables: "{\"f\":[{\"slugg\":\"a\"}]}")
    #expect(variable.status == 400)
    #expect(!variable.body.contains("Did you mean"))
    off.stop()
    let named = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("named"), "--introspection", "authenticated"])
    #expect(HTTPAnswer.graphql(named.port, "{ __schema { queryType { name } } }").status == 400)
    #expect(HTTPAnswer.graphql(named.port, "{ allTask { totalCount } }").body.contains("Did you mean"))
    named.stop()
    let user = try ServerProcess(
      arguments: [
        "--data-dir", try TestFiles.directory("known"), "--introspection", "authenticated", "--dev-user", "ann",
      ])
    #expect(HTTPAnswer.graphql(user.port, "{ __schema { queryType { name } } }").status == 200)
    user.stop()
  }

  @Test("where tokens are verified, who has none sees neither the schema nor suggestions, unless that is wanted")
  func automaticVisibility() throws {
    func see(_ arguments: [String], _ fields: [String] = []) throws -> [Bool] {
      let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("visible")] + arguments)
      defer { server.stop() }
      func ask(_ query: String) -> String {
        HTTPAnswer.request(
          server.port, "POST", "/graphql", ["content-type: application/json"] + fields, "{\"query\":\"\(query)\"}").body
      }
      let schema = ask("{ __schema { queryType { name } } }")
      #expect(schema.contains("\"Query\"") || schema.contains("INTROSPECTION_DISABLED"), "\(schema)")
      return [schema.contains("\"Query\""), ask("{ allTask { totalCount } }").contains("Did you mean")]
    }
    let token = "a-token-of-some-length"
    let verified = ["--bearer-token", token, "--dev-user", "ann", "--anonymous", "allow"]
    #expect(try see([]) == [true, true])
    #expect(try see(verified) == [false, false])
    #expect(try see(verified, ["authorization: Bearer \(token)"]) == [true, false])
    #expect(try see(verified + ["--introspection", "everyone", "--suggestions", "yes"]) == [true, true])
  }

  @Test("one user's operations are counted over all connections and transports")
  func userOperations() throws {
    let fixture = try EventStreamTests.Fixture(["--dev-user", "ann", "--max-user-operations", "1", "--loops", "2"])
    let (id, _) = fixture.start()
    let stream = fixture.subscribe(id)
    #expect(stream.receive(until: "\"seq\":1").contains("200 OK"))
    let refused = "TOO_MANY_USER_OPERATIONS"
    let answer = HTTPAnswer.graphql(fixture.port, "{ allTasks { totalCount } }")
    #expect(answer.status == 429 && answer.body.contains(refused), "\(answer.body)")
    #expect(HTTPAnswer.graphql(fixture.port, "{ __typename }").status == 200)
    let socket = WebSocketClient(port: fixture.port)
    socket.send(#"{"type":"connection_init"}"#)
    #expect(socket.receiveText() == #"{"type":"connection_ack"}"#)
    socket.send(
      #"{"type":"subscribe","id":"1","payload":{"query":"subscription { caseEvents(case: \"\#(id)\") { seq } }"}}"#)
    let error = socket.receiveText() ?? ""
    #expect(error.hasPrefix(#"{"id":"1","type":"error""#) && error.contains(refused), "\(error)")
    #expect(fixture.subscribe(id).receive(until: "event: complete").contains(refused))
    stream.finishSending()
    #expect(eventually(within: 10) { HTTPAnswer.graphql(fixture.port, "{ allTasks { totalCount } }").status == 200 })
  }

  @Test("a port that another process listens on is refused, with words for the operator")
  func portTaken() throws {
    let first = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("port1")])
    let failure = #expect(throws: ServerProcess.Failure.self) {
      try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("port2"), "--port", "\(first.port)"])
    }
    #expect(
      failure?.description.contains("Another process listens on 127.0.0.1:\(first.port)") == true,
      "\(failure?.description ?? "")")
    #expect(HTTPAnswer.get(first.port, "/healthz").status == 200)
    first.stop()
  }

  private static let introspectionQuery = """
    query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name }
      types { ...FullType } directives { name description isRepeatable locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf
      fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef }
        isDeprecated deprecationReason }
      inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
      ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }
    """
}
