import Authentication
import ProviderSupport
import Testing
import TestSupport

@Suite("Tokens that the provider is asked about")
struct OpaqueTokenTests {
  private func withUserinfo<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    try await Fixture.with({ configuration, provider in
      configuration.userinfoEndpoint = "\(provider.issuer)/userinfo"
      provider.change { $0.claims["good"] = "{\"sub\":\"ada\",\"caluma_groups\":[\"b\",\"a\"]}" }
      configure(&configuration)
    }, body)
  }

  private func withIntrospection<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    try await Fixture.with({ configuration, provider in
      configuration.introspectionEndpoint = "\(provider.issuer)/introspect"
      configuration.introspection.clientIdentifier = "mill race"
      configuration.introspection.clientSecret = "p:w%"
      configure(&configuration)
    }, body)
  }

  @Test("userinfo tells the user and the groups; the answer is believed for a while and then asked for again")
  func userinfo() async throws {
    try await withUserinfo { fixture in
      let identity = try #require(try await fixture.authenticate("good").get())
      #expect(identity.username == "ada" && identity.groups == ["b", "a"])
      _ = await fixture.authenticate("good")
      #expect(fixture.provider.count("/userinfo") == 1)
      fixture.clock.advance(30)
      _ = await fixture.authenticate("good")
      #expect(fixture.provider.count("/userinfo") == 2)
    }
  }

  @Test("without a revalidation time every request asks")
  func noCache() async throws {
    try await withUserinfo({ $0.revalidationTime = 0 }) { fixture in
      for _ in 0..<3 { #expect(await fixture.authenticate("good").user == "ada") }
      #expect(fixture.provider.count("/userinfo") == 3)
    }
  }

  @Test("a token that the provider refuses is 401, and asked about again after seconds")
  func refused() async throws {
    try await withUserinfo { fixture in
      for _ in 0..<3 {
        let refusal = await fixture.authenticate("bad").refusal
        #expect(refusal == Refusal(.invalid, "The identity provider does not accept the token."))
      }
      #expect(fixture.provider.count("/userinfo") == 1)
      fixture.provider.change { $0.claims["bad"] = "{\"sub\":\"eve\"}" }
      fixture.clock.advance(5)
      #expect(await fixture.authenticate("bad").user == "eve")
    }
  }

  @Test("an outage, an error and nonsense are 503, and never a reason to let in or to remember")
  func outage() async throws {
    try await withUserinfo { fixture in
      fixture.provider.change { $0.isDown = true }
      #expect(await fixture.authenticate("good").refusal?.reason == .unavailable)
      fixture.provider.change {
        $0.isDown = false
        $0.userinfoStatus = 302
      }
      #expect(await fixture.authenticate("good").refusal?.reason == .unavailable)
      fixture.provider.change {
        $0.userinfoStatus = 200
        $0.claims["odd"] = "<html>"
      }
      #expect(await fixture.authenticate("odd").refusal?.reason == .unavailable)
      #expect(await fixture.authenticate("good").user == "ada")
      await fixture.provider.server.stop()
      #expect(await fixture.authenticate("good").user == "ada")
      fixture.clock.advance(30)
      #expect(await fixture.authenticate("good").refusal?.reason == .unavailable)
    }
  }

  @Test("claims without a user are refused")
  func nobody() async throws {
    try await withUserinfo { fixture in
      fixture.provider.change { $0.claims["empty"] = "{}" }
      #expect(await fixture.authenticate("empty").refusal?.message == "The claim sub does not name a user.")
    }
  }

  @Test("requests with the same token share one question")
  func shared() async throws {
    try await withUserinfo { fixture in
      let accepted = await withTaskGroup(of: Bool.self) { tasks in
        for _ in 0..<50 { tasks.addTask { await fixture.authenticate("good").user == "ada" } }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(accepted == 50)
      #expect(fixture.provider.count("/userinfo") == 1)
    }
  }

  @Test("a token that says when it expires is not believed for longer")
  func ownExpiry() async throws {
    try await withUserinfo { fixture in
      let token = TestKeys.rsa.token("{\"exp\":\(fixture.clock.now + 5)}", algorithm: "RS256")
      fixture.provider.change { $0.claims[token] = "{\"sub\":\"ada\"}" }
      #expect(await fixture.authenticate(token).user == "ada")
      fixture.clock.advance(5)
      fixture.provider.change { $0.claims[token] = nil }
      #expect(await fixture.authenticate(token).refusal?.reason == .invalid)
    }
  }

  @Test("introspection sends the client's credentials, encoded, and takes active tokens only")
  func introspection() async throws {
    try await withIntrospection { fixture in
      fixture.provider.change {
        $0.claims["good"] = "{\"active\":true,\"sub\":\"ada\",\"caluma_groups\":\"clerks\"}"
        $0.claims["old"] = "{\"active\":false,\"sub\":\"ada\"}"
        $0.claims["vague"] = "{\"sub\":\"ada\"}"
      }
      let identity = try #require(try await fixture.authenticate("good").get())
      #expect(identity.username == "ada" && identity.groups == ["clerks"])
      // "mill%20race:p%3Aw%25" in base64.
      #expect(fixture.provider.introspected.authorization == "Basic bWlsbCUyMHJhY2U6cCUzQXclMjU=")
      #expect(fixture.provider.introspected.body == "token=good&token_type_hint=access_token")
      #expect(await fixture.authenticate("old").refusal?.reason == .invalid)
      #expect(await fixture.authenticate("vague").refusal?.reason == .unavailable)
      #expect(await fixture.authenticate("a&token=good").refusal?.reason == .invalid)
    }
  }

  @Test("an active token that has expired, or is for somebody else, is refused; expiry bounds the cache")
  func introspectedClaims() async throws {
    try await withIntrospection({ $0.audiences = ["millrace"]; $0.leeway = 0 }) { fixture in
      let now = fixture.clock.now
      fixture.provider.change {
        $0.claims["old"] = "{\"active\":true,\"sub\":\"ada\",\"aud\":\"millrace\",\"exp\":\(now)}"
        $0.claims["other"] = "{\"active\":true,\"sub\":\"ada\",\"aud\":\"other\"}"
        $0.claims["short"] = "{\"active\":true,\"sub\":\"ada\",\"aud\":\"millrace\",\"exp\":\(now + 5)}"
      }
      #expect(await fixture.authenticate("old").refusal?.message == "The token has expired.")
      #expect(await fixture.authenticate("other").refusal?.message == "The token is for another audience.")
      #expect(await fixture.authenticate("short").user == "ada")
      fixture.clock.advance(5)
      #expect(await fixture.authenticate("short").refusal?.message == "The token has expired.")
    }
  }

  @Test("beside keys, only opaque tokens are asked about: a bad signature is final")
  func both() async throws {
    try await withUserinfo({ $0.issuer = "http://127.0.0.1:1"; $0.keySetEndpoint = nil }) { fixture in
      #expect(await fixture.authenticate("good").user == "ada")
      let token = TestKeys.rsa.token(fixture.claims(), algorithm: "RS256")
      fixture.provider.change { $0.claims[token] = "{\"sub\":\"eve\"}" }
      #expect(await fixture.authenticate(token).user == nil)
    }
  }
}
