import Foundation
import TestSupport
import Testing

@testable import API

/// Documents that clients name instead of sending them.
@Suite("Persisted documents")
struct PersistedDocumentTests {
  private static let query = "{ __typename }"

  private static func hash(_ text: String) -> String { SHA256.hex(ContiguousArray(text.utf8)) }

  private func server(_ name: String, _ arguments: [String] = []) throws -> ServerProcess {
    try ServerProcess(arguments: ["--data-dir", try TestFiles.directory(name)] + arguments)
  }

  private func post(_ port: UInt16, _ body: String) -> HTTPAnswer {
    HTTPAnswer.request(port, "POST", "/graphql", ["content-type: application/json"], body)
  }

  private func persisted(_ hash: String, query: String? = nil, version: Int = 1) -> String {
    let text = query.map { "\"query\":\"\($0)\"," } ?? ""
    return "{\(text)\"extensions\":{\"persistedQuery\":{\"version\":\(version),\"sha256Hash\":\"\(hash)\"}}}"
  }

  private func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  @Test("SHA-256 is that of the standard's examples")
  func digest() {
    #expect(Self.hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Self.hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(SHA256.isHex(Self.hash("abc")))
    #expect(!SHA256.isHex("ABC"))
  }

  @Test("a query that was sent with its hash is found by the hash alone, on every loop")
  func automatic() throws {
    let server = try server("apq", ["--loops", "2"])
    let port = server.port
    let hash = Self.hash(Self.query)
    let unknown = post(port, persisted(hash))
    #expect(unknown.status == 200)
    #expect(
      unknown.body
        == #"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#)
    #expect(post(port, persisted(hash, query: Self.query)).body == #"{"data":{"__typename":"Query"}}"#)
    for _ in 0..<8 { #expect(post(port, persisted(hash)).body == #"{"data":{"__typename":"Query"}}"#) }
    #expect(post(port, "{\"documentId\":\"sha256:\(hash)\"}").status == 200)
    #expect(HTTPAnswer.get(port, "/graphql/sha256:\(hash)").status == 200)
    server.stop()
  }

  @Test("a hash that is another query's, or none, is refused; what is not valid is not kept")
  func automaticBadInput() throws {
    let server = try server("apqbad")
    let port = server.port
    let other = Self.hash("{ a }")
    #expect(post(port, persisted(other, query: Self.query)).status == 400)
    #expect(post(port, persisted(other)).body.contains("PERSISTED_QUERY_NOT_FOUND"))
    #expect(post(port, persisted("xyz")).status == 400)
    #expect(post(port, persisted(other, version: 2)).status == 400)
    #expect(post(port, #"{"extensions":{"persistedQuery":7}}"#).status == 400)
    let invalid = "{ nothing }"
    #expect(post(port, persisted(Self.hash(invalid), query: invalid)).body.contains("Cannot query field"))
    #expect(post(port, persisted(Self.hash(invalid))).body.contains("PERSISTED_QUERY_NOT_FOUND"))
    #expect(post(port, #"{"documentId":"nobody"}"#).body.contains("UNKNOWN_DOCUMENT"))
    #expect(post(port, #"{"documentId":7}"#).status == 400)
    #expect(post(port, #"{"documentId":"a","query":"{ __typename }"}"#).status == 400)
    server.stop()
    let without = try self.server("noapq", ["--persisted-query-bytes", "0"])
    let hash = Self.hash(Self.query)
    #expect(post(without.port, persisted(hash)).body.contains("PERSISTED_QUERY_NOT_SUPPORTED"))
    #expect(post(without.port, persisted(hash, query: Self.query)).body == #"{"data":{"__typename":"Query"}}"#)
    #expect(post(without.port, persisted(hash)).body.contains("PERSISTED_QUERY_NOT_SUPPORTED"))
    without.stop()
  }

  @Test("the room for documents that clients bring is bounded")
  func bounded() {
    let documents = PersistedDocuments(automaticBytes: 64_000)
    for number in 0..<10_000 {
      let text = "{ a\(number) }"
      documents.keep(ContiguousArray(text.utf8), under: Self.hash(text))
    }
    #expect(documents.automaticCount > 0)
    #expect(documents.automaticCount <= 64_000 / 256)
  }

  @Test("an answer to a persisted query by GET has a tag, and is not sent again to who has it")
  func entityTags() throws {
    let server = try server("etag", ["--persisted-max-age", "60"])
    let port = server.port
    let query = "{ __type(name: \"Case\") { fields { name description type { name kind } } } }"
    let hash = Self.hash(query)
    #expect(post(port, persisted(hash, query: query.replacing("\"", with: "\\\""))).status == 200)
    let path = "/graphql?extensions=" + encoded("{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"\(hash)\"}}")
    let first = HTTPAnswer.get(port, path)
    #expect(first.status == 200)
    let tag = try #require(field("etag", of: first))
    #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
    #expect(field("cache-control", of: first) == "private, max-age=60")
    #expect(field("vary", of: first)?.contains("authorization") == true)
    let matches = [
      tag, "W/\(tag)", "\"other\", \(tag)", "\"other\"\t,\t\(tag)", "\"other\"\r\nif-none-match: \(tag)", "*",
    ]
    for match in matches {
      let again = HTTPAnswer.get(port, path, fields: ["if-none-match: \(match)"])
      #expect(again.status == 304, "\(match)")
      #expect(again.body.isEmpty)
      #expect(field("etag", of: again) == tag)
    }
    #expect(HTTPAnswer.get(port, path, fields: ["if-none-match: \"other\""]).status == 200)
    // Another coding is another representation.
    let zipped = HTTPAnswer.get(port, path, fields: ["accept-encoding: gzip"])
    #expect(field("content-encoding", of: zipped) == "gzip")
    #expect(field("etag", of: zipped) != tag)
    // What is not persisted is nobody's to keep.
    let plain = HTTPAnswer.get(port, "/graphql?query=%7B__typename%7D")
    #expect(field("etag", of: plain) == nil)
    #expect(field("cache-control", of: plain) == "no-store")
    server.stop()
  }

  private func field(_ name: String, of answer: HTTPAnswer) -> String? {
    answer.head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map {
      String($0.dropFirst(name.count + 2))
    }
  }

  @Test("trusted documents are found by id and by hash, and others are refused where only they are taken")
  func trusted() throws {
    let folder = try TestFiles.directory("trusted")
    let listed = "query Tasks($n: Int) { allTasks(first: $n) { totalCount } }"
    try write(Self.query, folder, "\(Self.hash(Self.query)).graphql")
    try write(
      #"{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"tasks","name":"Tasks","type":"query","body":"\#(listed)"}]}"#,
      folder, "apollo.json")
    try write(#"{"relay-1":"{ __schema { queryType { name } } }"}"#, folder, "relay.json")
    let server = try server("trust", ["--trusted-documents", folder, "--only-trusted-documents", "yes"])
    let port = server.port
    #expect(
      post(port, "{\"documentId\":\"sha256:\(Self.hash(Self.query))\"}").body == #"{"data":{"__typename":"Query"}}"#)
    #expect(
      post(port, #"{"documentId":"tasks","variables":{"n":1}}"#).body == #"{"data":{"allTasks":{"totalCount":0}}}"#)
    #expect(post(port, #"{"documentId":"relay-1"}"#).body.contains("\"name\":\"Query\""))
    #expect(post(port, persisted(Self.hash(listed))).status == 200)
    #expect(HTTPAnswer.get(port, "/graphql?documentId=tasks").body.contains("totalCount"))
    #expect(HTTPAnswer.graphql(port, Self.query).status == 200)
    for refused in [
      HTTPAnswer.graphql(port, "{ a: __typename }"), post(port, persisted(Self.hash("{ a: __typename }"))),
      post(port, persisted(Self.hash("{ a: __typename }"), query: "{ a: __typename }")),
    ] {
      #expect(refused.body.contains("DOCUMENT_NOT_TRUSTED"), "\(refused.body)")
    }
    #expect(post(port, #"{"documentId":"other"}"#).body.contains("UNKNOWN_DOCUMENT"))
    server.stop()
    let open = try self.server("open", ["--trusted-documents", "\(folder)/apollo.json"])
    #expect(post(open.port, #"{"documentId":"tasks"}"#).status == 200)
    #expect(HTTPAnswer.graphql(open.port, "{ a: __typename }").status == 200)
    open.stop()
  }

  @Test("documents that cannot be trusted stop the start, each with its reason")
  func trustedBadInput() throws {
    let folder = try TestFiles.directory("distrusted")
    let wrong = String(repeating: "0", count: 64)
    try write("{ nothing }", folder, "\(Self.hash("{ nothing }")).graphql")
    try write(Self.query, folder, "\(wrong).graphql")
    try write(Self.query, folder, "name.gql")
    try write("{", folder, "broken.json")
    try write("[]", folder, "list.json")
    try write(#"{"format":"other"}"#, folder, "format.json")
    try write(#"{"a":7}"#, folder, "number.json")
    try write(#"{"f":"fragment F on Query { __typename }"}"#, folder, "fragment.json")
    try write(#"{"same":"{ a: __typename }"}"#, folder, "x.json")
    try write(#"{"same":"{ b: __typename }"}"#, folder, "y.json")
    let failure = #expect(throws: ServerProcess.Failure.self) {
      try server("distrust", ["--trusted-documents", folder])
    }
    let text = failure?.description ?? ""
    for expected in [
      "Cannot query field \"nothing\"", "the document \(wrong) has the SHA-256 \(Self.hash(Self.query))",
      "the file has to be named by the SHA-256", "broken.json: this is no JSON",
      "list.json: a manifest is a JSON object",
      "the format other is not known", "the document a is no text", "Fragment \"F\" is never used",
      "there are two documents with the id same",
    ] {
      #expect(text.contains(expected), "\(expected) in \(text)")
    }
    let missing = #expect(throws: ServerProcess.Failure.self) {
      try server("missing", ["--trusted-documents", "\(folder)/nowhere"])
    }
    #expect(missing?.description.contains("The trusted documents cannot be read") == true)
    let alone = #expect(throws: ServerProcess.Failure.self) { try server("alone", ["--only-trusted-documents", "yes"]) }
    #expect(alone?.description.contains("needs --trusted-documents") == true)
  }

  private func write(_ text: String, _ folder: String, _ name: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
  }
}
