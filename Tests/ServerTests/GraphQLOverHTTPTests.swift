import Foundation
import TestSupport
import Testing

/// Statuses, media types and protection, asked of the built server.
@Suite("GraphQL over HTTP")
struct GraphQLOverHTTPTests {
  private func server(_ name: String, _ arguments: [String] = []) throws -> ServerProcess {
    try ServerProcess(arguments: ["--data-dir", try TestFiles.directory(name)] + arguments)
  }

  @Test("all 61 audits of the specification hold with the default settings")
  func audits() throws {
    #expect(HTTPAudit.all.count == 61)
    #expect(Set(HTTPAudit.all.map(\.id)).count == 61)
    #expect(HTTPAudit.musts.count == 13 && HTTPAudit.shoulds.count == 23 && HTTPAudit.mays.count == 25)
    let server = try server("audits")
    for audit in HTTPAudit.all {
      let problem = audit.problem(server.port)
      #expect(problem == nil, "\(audit.id) \(audit.level.rawValue): \(audit.title)")
    }
    server.stop()
  }

  @Test("the statuses of the draft of August 2026 can be chosen; no audit of a MUST fails with them")
  func draft() throws {
    let server = try server("draft", ["--status-profile", "draft2026"])
    let port = server.port
    func post(_ body: String, accept: String) -> HTTPAnswer {
      HTTPAnswer.request(port, "POST", "/graphql", ["content-type: application/json", "accept: \(accept)"], body)
    }
    for accept in [HTTPAudit.json, HTTPAudit.response] {
      let cases: [(String, Int)] = [
        (#"{"query": "#, 400),
        (#"{"query": 7}"#, 422),
        (#"{"variables": {}}"#, 422),
        (#"{"query":"{"}"#, 400),
        (#"{"query":"{ nothing }"}"#, 422),
        (#"{"query":"query A { __typename } query B { __typename }"}"#, 422),
        (#"{"query":"query ($a: ID!) { node(id: $a) { id } }"}"#, 422),
      ]
      for (body, status) in cases {
        let answer = post(body, accept: accept)
        #expect(answer.status == status, "\(accept) \(body) \(answer.body)")
        if status == 422 { #expect(answer.head.contains("content-type: \(HTTPAudit.response)")) }
      }
    }
    let partial = #"{"query":"{ node(id: \"x\") { id } allTasks(first: -1) { totalCount } }"}"#
    #expect(post(partial, accept: HTTPAudit.response).head.hasPrefix("HTTP/1.1 294 Partial Success\r\n"))
    #expect(post(#"{"query":7}"#, accept: HTTPAudit.json).head.hasPrefix("HTTP/1.1 422 Unprocessable Content\r\n"))
    #expect(post(partial, accept: HTTPAudit.json).status == 200)
    let get = HTTPAnswer.get(port, "/graphql?query=mutation%7B__typename%7D")
    #expect(get.status == 405)
    #expect(get.head.contains("allow: POST"))
    var failed: [HTTPAudit.Level: Int] = [:]
    for audit in HTTPAudit.all where audit.problem(port) != nil { failed[audit.level, default: 0] += 1 }
    #expect(failed[.must] == nil)
    server.stop()
  }

  @Test("the media type follows what the client accepts, and 406 tells when nothing fits")
  func negotiation() throws {
    let server = try server("accept")
    let cases: [(String?, Int, String)] = [
      (nil, 200, "application/json"),
      ("*/*", 200, "application/json"),
      ("application/*", 200, "application/json"),
      ("text/html, */*;q=0.1", 200, "application/json"),
      ("application/graphql-response+json, application/json;q=0.9", 200, HTTPAudit.response),
      ("application/json, application/graphql-response+json;q=0.5", 200, "application/json"),
      ("application/graphql-response+json;q=0.2, */*;q=0.1", 200, HTTPAudit.response),
      ("application/graphql-response+json;q=0, */*", 200, "application/json"),
      ("application/json;q=0, */*", 200, HTTPAudit.response),
      ("Application/GraphQL-Response+JSON; Charset=UTF-8", 200, HTTPAudit.response),
      (";;q=x,,application/json", 200, "application/json"),
      ("text/html", 406, "application/json"),
      ("application/json;q=0", 406, "application/json"),
      ("application/json; charset=latin1", 406, "application/json"),
      (",", 200, "application/json"),
      ("application/json;q=high", 200, "application/json"),
      ("text/html\r\naccept: \(HTTPAudit.response)", 200, HTTPAudit.response),
    ]
    for (accept, status, type) in cases {
      let answer = HTTPAnswer.graphql(server.port, "{ __typename }", fields: accept.map { ["accept: \($0)"] } ?? [])
      #expect(answer.status == status, "\(accept ?? "none")")
      #expect(answer.head.contains("content-type: \(type); charset=utf-8"), "\(accept ?? "none") \(answer.head)")
    }
    // Who takes anything gets the statuses that Caluma's clients know.
    for accept in [[], ["accept: */*"]] {
      #expect(HTTPAnswer.graphql(server.port, "{ nothing }", fields: accept).status == 400)
    }
    #expect(HTTPAnswer.graphql(server.port, "{ __typename }").head.contains("vary: accept, accept-encoding"))
    server.stop()
  }

  @Test(
    "a refusal has the type that the client accepts, depends on what every answer depends on, and is not kept",
    arguments: ["compatible", "draft2026"])
  func refusals(profile: String) throws {
    let server = try server("refusals", ["--status-profile", profile])
    let json = "content-type: application/json"
    let cases: [(method: String, path: String, fields: [String], body: String?, status: Int)] = [
      ("POST", "/graphql", [json], "{", 400),
      ("POST", "/graphql", ["content-type: application/xml"], "{}", 415),
      ("POST", "/graphql", [json, "authorization: Basic eA=="], "{}", 401),
      ("PATCH", "/graphql", [], "", 405),
      ("DELETE", "/graphql?operationId=1", [], nil, 400),
      ("DELETE", "/graphql?operationId=1&token=x", [], nil, 404),
      ("GET", "/graphql?token=x", ["accept: text/event-stream"], nil, 404),
    ]
    for (method, path, fields, body, status) in cases {
      for type in [HTTPAudit.json, HTTPAudit.response] {
        let answer = HTTPAnswer.request(server.port, method, path, fields + ["accept: \(type)"], body)
        let place = "\(method) \(path) \(fields) \(answer.head)"
        #expect(answer.status == status, "\(place)")
        let expected = profile == "draft2026" ? HTTPAudit.response : type
        #expect(answer.head.contains("content-type: \(expected); charset=utf-8"), "\(place)")
        #expect(answer.head.contains("vary: accept, accept-encoding"), "\(place)")
        #expect(answer.head.contains("cache-control: no-store"), "\(place)")
        if status == 405 { #expect(answer.head.contains("allow: GET, HEAD, POST, PUT, DELETE, OPTIONS"), "\(place)") }
      }
    }
    #expect(HTTPAnswer.get(server.port, "/nothing").head.contains("cache-control: no-store"))
    server.stop()
  }

  @Test("bodies that are compressed, in another charset or of another type are 415")
  func bodies() throws {
    let server = try server("bodies")
    func post(_ fields: [String]) -> Int {
      HTTPAnswer.request(server.port, "POST", "/graphql", fields, #"{"query":"{ __typename }"}"#).status
    }
    #expect(post(["content-type: application/json", "content-encoding: gzip"]) == 415)
    #expect(post(["content-type: application/json; charset=utf-16"]) == 415)
    #expect(post(["content-type: application/xml"]) == 415)
    #expect(post(["content-type: application/json; charset=\"UTF-8\""]) == 200)
    #expect(post(["content-type: APPLICATION/JSON"]) == 200)
    #expect(post(["content-type: text/plain"]) == 400)
    server.stop()
  }

  @Test("what a page of another origin can send without asking never carries a mutation")
  func csrf() throws {
    let server = try server("csrf")
    let port = server.port
    let mutation =
      "mutation%20%7B%20saveSimpleTask(input%3A%20%7Bslug%3A%20%22a%22%2C%20name%3A%20%22A%22%7D)%20%7B%20task%20%7B%20slug%20%7D%20%7D%20%7D"
    func form(_ fields: [String], _ query: String) -> HTTPAnswer {
      HTTPAnswer.request(
        port, "POST", "/graphql", ["content-type: application/x-www-form-urlencoded"] + fields, "query=\(query)")
    }
    let refused = form([], mutation)
    #expect(refused.status == 403)
    #expect(refused.body.contains("CSRF_PREFLIGHT_REQUIRED"))
    #expect(form(["sec-fetch-site: cross-site"], "%7B__typename%7D").status == 403)
    #expect(form(["origin: https://evil.example"], "%7B__typename%7D").status == 403)
    #expect(form(["origin: http://localhost"], "%7B__typename%7D").status == 200)
    #expect(form([], "%7B__typename%7D").status == 200)
    #expect(
      HTTPAnswer.get(port, "/graphql?query=%7B__typename%7D", fields: ["sec-fetch-site: cross-site"]).status == 403)
    #expect(HTTPAnswer.get(port, "/graphql?query=%7B__typename%7D", fields: ["sec-fetch-site: none"]).status == 200)
    #expect(
      HTTPAnswer.get(
        port, "/graphql?query=%7B__typename%7D", fields: ["sec-fetch-site: cross-site", "graphql-require-preflight: 1"]
      ).status == 200)
    #expect(HTTPAnswer.graphql(port, "{ allTasks { totalCount } }").body.contains("\"totalCount\":0"))
    #expect(form(["x-apollo-operation-name: Save"], mutation).value("slug") == "a")
    server.stop()
    let strict = try self.server("strict", ["--csrf-protection", "strict"])
    #expect(HTTPAnswer.get(strict.port, "/graphql?query=%7B__typename%7D").status == 403)
    #expect(
      HTTPAnswer.get(strict.port, "/graphql?query=%7B__typename%7D", fields: ["apollo-require-preflight: 1"]).status
        == 200)
    #expect(HTTPAnswer.graphql(strict.port, "{ __typename }").status == 200)
    strict.stop()
  }

  @Test("who takes nothing but an event stream gets no batch")
  func streamedBatch() throws {
    let server = try server("streambatch", ["--batching", "yes"])
    let json = "content-type: application/json"
    let batch = #"[{"query":"{ __typename }"}]"#
    let cases = [
      ("text/event-stream", 406, "NOT_ACCEPTABLE"), ("text/event-stream, application/json;q=0.5", 200, "Query"),
    ]
    for (accept, status, text) in cases {
      let answer = HTTPAnswer.request(server.port, "POST", "/graphql", [json, "accept: \(accept)"], batch)
      #expect(answer.status == status && answer.body.contains(text), "\(accept) \(answer.body)")
    }
    server.stop()
  }

  @Test("pages of allowed origins may send what clients of GraphQL send, and read what they need")
  func pages() throws {
    let server = try server("cors", ["--cors-origins", "https://a.example"])
    let asked = HTTPAnswer.request(
      server.port, "OPTIONS", "/graphql",
      ["origin: https://a.example", "access-control-request-headers: x-apollo-operation-name"], nil)
    #expect(asked.head.contains("x-apollo-operation-name, apollographql-client-name, apollographql-client-version"))
    let allowed = HTTPAnswer.graphql(server.port, "{ __typename }", fields: ["origin: https://a.example"])
    #expect(allowed.head.contains("access-control-allow-origin: https://a.example\r\n"))
    #expect(allowed.head.contains("access-control-expose-headers: etag, retry-after, idempotent-replayed\r\n"))
    for origin in [[], ["origin: https://b.example"]] {
      let other = HTTPAnswer.graphql(server.port, "{ __typename }", fields: origin)
      #expect(!other.head.contains("access-control"))
      // Or a cache would give an answer to a page that may not read it.
      #expect(other.head.contains("vary: origin"))
    }
    server.stop()
  }

  @Test("batches are off unless they are asked for, answer in order, and have a limit")
  func batches() throws {
    let closed = try server("nobatch")
    func post(_ port: UInt16, _ body: String) -> HTTPAnswer {
      HTTPAnswer.request(port, "POST", "/graphql", ["content-type: application/json"], body)
    }
    let refused = post(closed.port, #"[{"query":"{ __typename }"}]"#)
    #expect(refused.status == 400)
    #expect(refused.body.contains("not a valid JSON query"))
    closed.stop()
    let server = try server("batch", ["--batching", "yes", "--max-batch", "3", "--max-cost", "250"])
    let save = #"{"query":"mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { task { slug } } }"}"#
    let list = #"{"query":"{ allTasks { edges { node { slug } } } }"}"#
    let answer = post(server.port, "[\(save),\(list),{\"query\":\"{ nothing }\"}]")
    #expect(answer.status == 200)
    #expect(
      answer.body.hasPrefix(
        #"[{"data":{"saveSimpleTask":{"task":{"slug":"a"}}}},{"data":{"allTasks":{"edges":[{"node":{"slug":"a"}}]}}},{"errors":[{"message":"Cannot query field"#
      ), "\(answer.body)")
    #expect(
      post(server.port, "[7, {\"query\":\"{ __typename }\"}]").body.hasSuffix(#"{"data":{"__typename":"Query"}}]"#))
    #expect(post(server.port, "[]").status == 400)
    let many = post(server.port, "[\((0..<4).map { _ in #"{"query":"{ __typename }"}"# }.joined(separator: ","))]")
    #expect(many.body.contains("BATCH_TOO_LARGE"))
    let dear = #"{"query":"{ allTasks(first: 100) { edges { node { slug } } } }"}"#
    #expect(post(server.port, "[\(dear),\(dear)]").body.hasPrefix("[{\"data\""))
    #expect(post(server.port, "[\(dear),\(dear),\(dear)]").body.contains("COST_LIMIT"))
    server.stop()
  }
}
