import TestSupport
import Testing

@testable import Server

@Suite("The Idempotency-Key field")
struct IdempotencyHeaderTests {
  @Test(
    "a key is a structured string or the bare text",
    arguments: [
      ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"), ("plain-key", "plain-key"),
      ("\"a\\\"b\\\\c\"", "a\"b\\c"), ("a\"b", "a\"b"),
    ])
  func keys(text: String, key: String) {
    #expect(IdempotencyKeyHeader.key(text) == key)
  }

  @Test(
    "what is no key is refused",
    arguments: [
      "", "\"\"", "\"open", "\"a\" b", "\"a\";p=1", "\"a\\x\"", "with blank", "\"with blank\"", "ü",
      String(repeating: "k", count: 256),
    ])
  func noKeys(text: String) {
    #expect(IdempotencyKeyHeader.key(text) == nil)
  }

  @Test("over HTTP: the stored answer comes again and says so; another request with the key is 422; a bad key is 400")
  func overHTTP() throws {
    let server = try ServerProcess(arguments: ["--data-dir", try TestFiles.directory("idempotency")])
    let save = "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { task { slug } } }"
    let field = "idempotency-key: \"k1\""
    let first = HTTPAnswer.graphql(server.port, save, fields: [field])
    let second = HTTPAnswer.graphql(server.port, save, fields: [field])
    #expect(first.status == 200 && second.status == 200 && first.body == second.body)
    #expect(!first.head.contains("idempotent-replayed") && second.head.contains("idempotent-replayed: true"))
    let other = HTTPAnswer.graphql(server.port, save.replacing("\"A\"", with: "\"B\""), fields: [field])
    #expect(other.status == 422 && other.value("code") == "IDEMPOTENCY_KEY_REUSED")
    for fields in [["idempotency-key: a b"], ["idempotency-key: a", "idempotency-key: b"]] {
      let bad = HTTPAnswer.graphql(server.port, save, fields: fields)
      #expect(bad.status == 400 && bad.value("code") == "BAD_REQUEST")
    }
    func extended(_ key: String, _ fields: [String]) -> HTTPAnswer {
      HTTPAnswer.request(
        server.port, "POST", "/graphql", ["content-type: application/json"] + fields,
        "{\"query\":\"mutation { saveSimpleTask(input: {slug: \\\"a\\\", name: "
          + "\\\"A\\\"}) { task { slug } } }\",\"extensions\":{\"idempotencyKey\":\"\(key)\"}}"
      )
    }
    #expect(extended("k1", []).head.contains("idempotent-replayed: true"))
    #expect(extended("k1", [field]).head.contains("idempotent-replayed: true"))
    #expect(extended("k2", [field]).status == 400)
    #expect(server.stop() == 0)
  }
}
