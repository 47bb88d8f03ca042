import Foundation
import ProviderSupport
import TestSupport
import Testing

/// The built server and an identity provider, each a server of its own.
@Suite("Authentication over HTTP")
struct AuthenticationTests {
  private func claims(_ provider: TestProvider, extra: String = "") -> String {
    let expiry = Int(Date().timeIntervalSince1970) + 300
    return
      "{\"iss\":\"\(provider.issuer)\",\"aud\":\"millrace\",\"exp\":\(expiry),\"sub\":\"ada\",\"caluma_groups\":[\"clerks\",\"heads\"]\(extra)}"
  }

  private static let saveTask =
    "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { task { createdByUser createdByGroup } } }"

  @Test("a signed token makes the caller; a bad one is 401 with a challenge, no token too, an absent provider 503")
  func signed() async throws {
    let provider = try await TestProvider()
    provider.change { $0.keys = [TestKeys.rsa.jwk()] }
    let server = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("oidc")],
      environment: ["OIDC_ISSUER": provider.issuer, "OIDC_AUDIENCE": "millrace"])
    func ask(_ token: String, _ query: String = "{ __typename }") -> HTTPAnswer {
      HTTPAnswer.graphql(server.port, query, fields: ["authorization: Bearer \(token)"])
    }

    provider.change { $0.isDown = true }
    let early = ask(TestKeys.rsa.token(claims(provider), algorithm: "RS256"))
    #expect(early.status == 503 && early.head.contains("retry-after: 1") && early.body.contains("UNAVAILABLE"))
    provider.change { $0.isDown = false }
    let token = TestKeys.rsa.token(claims(provider), algorithm: "RS256")
    // The provider is asked again after some seconds.
    #expect(eventually(within: 20) { ask(token).status == 200 })

    let saved = ask(token, Self.saveTask)
    #expect(saved.value("createdByUser") == "ada")
    #expect(saved.value("createdByGroup") == "clerks")
    let expired = ask(TestKeys.rsa.token(claims(provider, extra: ",\"exp\":1"), algorithm: "RS256"))
    #expect(expired.status == 401 && expired.body.contains("UNAUTHENTICATED"))
    #expect(
      expired.head.contains(
        "www-authenticate: Bearer error=\"invalid_token\", error_description=\"The token has expired.\""))
    let none = HTTPAnswer.graphql(server.port, "{ __typename }")
    #expect(none.status == 401 && none.head.contains("www-authenticate: Bearer\r\n"))
    let both = HTTPAnswer.graphql(
      server.port, "{ __typename }", fields: ["authorization: Bearer \(token)", "Authorization: Bearer bad"])
    #expect(both.status == 400 && both.body.contains("one Authorization field"))
    #expect(HTTPAnswer.get(server.port, "/healthz").status == 200)
    #expect(!server.logged.contains(token))
    #expect(server.stop() == 0)
    await provider.server.stop()
  }

  @Test("tokens that the provider is asked about, with anonymous requests allowed beside them")
  func opaque() async throws {
    let provider = try await TestProvider()
    provider.change { $0.claims["opaque"] = "{\"sub\":\"bob\"}" }
    let server = try ServerProcess(
      arguments: ["--data-dir", try TestFiles.directory("userinfo"), "--anonymous", "allow"],
      environment: ["OIDC_USERINFO_ENDPOINT": "\(provider.issuer)/userinfo"])
    let known = HTTPAnswer.graphql(server.port, Self.saveTask, fields: ["authorization: Bearer opaque"])
    #expect(known.value("createdByUser") == "bob")
    #expect(HTTPAnswer.graphql(server.port, "{ __typename }", fields: ["authorization: Bearer bad"]).status == 401)
    #expect(HTTPAnswer.graphql(server.port, "{ __typename }").status == 200)
    // A client that leaves while the provider is asked takes nothing with it.
    provider.change { $0.hangs = true }
    for number in 0..<10 {
      let connection = RawConnection(port: server.port)
      connection.send(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer t\(number)\r\ncontent-length: 0\r\n\r\n")
    }
    #expect(HTTPAnswer.graphql(server.port, "{ __typename }").status == 200)
    #expect(server.stop() == 0)
    await provider.server.stop()
  }
}
