import Authentication
import ProviderSupport
import Testing
import TestSupport

@Suite("Keys that change, and a provider that fails")
struct KeyRotationTests {
  private func token(_ key: SigningKey, _ fixture: Fixture) -> String {
    key.token(fixture.claims(), algorithm: "RS256")
  }

  /// Well signed, by a key that the provider does not have under this name.
  private func unknown(_ identifier: String, _ fixture: Fixture) -> String {
    let header = "{\"alg\":\"RS256\",\"kid\":\"\(identifier)\"}"
    return TestKeys.rsa.token(fixture.claims(), algorithm: "RS256", header: header)
  }

  @Test("a token signed with a new key is accepted after one fetch; the old key's goes with the key")
  func rotation() async throws {
    try await Fixture.withKeys { fixture in
      let before = token(TestKeys.rsa, fixture)
      #expect(await fixture.authenticate(before).user == "ada")
      fixture.provider.change { $0.keys = [TestKeys.other.jwk()] }
      #expect(await fixture.authenticate(token(TestKeys.other, fixture)).user == "ada")
      #expect(fixture.provider.count("/keys") == 2)
      let old = TestKeys.rsa.token(fixture.claims(extra: ",\"x\":1"), algorithm: "RS256")
      #expect(await fixture.authenticate(old).refusal?.message == "The token's key is not one of the provider's.")
      // Not from memory either.
      #expect(await fixture.authenticate(before).refusal?.message == "The token's key is not one of the provider's.")
    }
  }

  @Test("tokens that name unknown keys make one fetch within the cooldown, however many come")
  func rateLimit() async throws {
    try await Fixture.withKeys({ $0.keySetCooldown = 3_600_000 }) { fixture in
      for number in 0..<20 {
        let forged = SigningKey.symmetricToken(fixture.claims(), identifier: "x", secret: [1])
        _ = await fixture.authenticate(forged)
        #expect(await fixture.authenticate(unknown("unknown-\(number)", fixture)).refusal?.reason == .invalid)
      }
      #expect(fixture.provider.count("/keys") == 1)
    }
  }

  @Test("a hundred requests that wait for the keys share one fetch")
  func singleFlight() async throws {
    try await Fixture.withKeys { fixture in
      let tokens = (0..<100).map { TestKeys.rsa.token(fixture.claims(extra: ",\"n\":\($0)"), algorithm: "RS256") }
      let accepted = await withTaskGroup(of: Bool.self) { tasks in
        for token in tokens { tasks.addTask { await fixture.authenticate(token).user == "ada" } }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(accepted == 100)
      #expect(fixture.provider.count("/keys") == 1)
    }
  }

  @Test("without a provider nobody is let in and nobody is called a liar: 503")
  func outageAtStart() async throws {
    try await Fixture.withKeys { fixture in
      fixture.provider.change { $0.isDown = true }
      let refusal = await fixture.authenticate(token(TestKeys.rsa, fixture)).refusal
      #expect(refusal?.reason == .unavailable && refusal?.status == 503 && refusal?.challenge == nil)
      fixture.provider.change { $0.isDown = false }
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).user == "ada")
    }
  }

  @Test("known keys go on working while the provider is down; unknown ones cannot be told")
  func outageLater() async throws {
    try await Fixture.withKeys { fixture in
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).user == "ada")
      await fixture.provider.server.stop()
      let fresh = TestKeys.rsa.token(fixture.claims(extra: ",\"x\":1"), algorithm: "RS256")
      #expect(await fixture.authenticate(fresh).user == "ada")
      #expect(await fixture.authenticate(token(TestKeys.other, fixture)).refusal?.reason == .unavailable)
      let again = TestKeys.rsa.token(fixture.claims(extra: ",\"x\":2"), algorithm: "RS256")
      #expect(await fixture.authenticate(again).user == "ada")
    }
  }

  @Test("what one loop has fetched all loops verify with: while the provider is down, and without asking it again")
  func loops() async throws {
    try await Fixture.withKeys({ $0.keySetCooldown = 3_600_000 }) { fixture in
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).user == "ada")
      fixture.provider.change { $0.isDown = true }
      try await fixture.onAnotherLoop { other in
        #expect(await other.authenticate(token(TestKeys.rsa, other)).user == "ada")
        #expect(await other.authenticate(unknown("unknown", other)).refusal?.reason == .invalid)
      }
      #expect(fixture.provider.count("/keys") == 1)
    }
  }

  @Test("a token that one loop remembers is refused once another has learnt that its key was withdrawn")
  func withdrawn() async throws {
    try await Fixture.withKeys { fixture in
      try await fixture.onAnotherLoop { other in
        let old = token(TestKeys.rsa, fixture)
        #expect(await fixture.authenticate(old).user == "ada")
        #expect(await other.authenticate(old).user == "ada")
        fixture.provider.change { $0.keys = [TestKeys.other.jwk()] }
        #expect(await other.authenticate(token(TestKeys.other, other)).user == "ada")
        #expect(await fixture.authenticate(old).refusal?.reason == .invalid)
      }
    }
  }

  @Test("a provider that does not answer costs the timeout and no more")
  func hanging() async throws {
    try await Fixture.withKeys({ $0.timeout = 50 }) { fixture in
      fixture.provider.change { $0.hangs = true }
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).refusal?.reason == .unavailable)
    }
  }

  @Test("a discovery document of another issuer is not believed")
  func wrongIssuer() async throws {
    try await Fixture.withKeys { fixture in
      fixture.provider.change { $0.issuer = "http://elsewhere.example" }
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).refusal?.reason == .unavailable)
      #expect(fixture.provider.count("/keys") == 0)
    }
  }

  @Test("a key set that stands alone needs no discovery")
  func keySetAlone() async throws {
    try await Fixture.with({ configuration, provider in
      configuration.keySetEndpoint = "\(provider.issuer)/keys"
    }) { fixture in
      #expect(await fixture.authenticate(token(TestKeys.rsa, fixture)).user == "ada")
      #expect(fixture.provider.count("/.well-known/openid-configuration") == 0)
    }
  }
}
