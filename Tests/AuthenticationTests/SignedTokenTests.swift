import Authentication
import Expressions
import ProviderSupport
import Testing

@Suite("Tokens verified with the provider's keys")
struct SignedTokenTests {
  @Test("a signed token lets its user in, with groups in the provider's order and all claims")
  func accepted() async throws {
    try await Fixture.withKeys { fixture in
      let outcome = await fixture.authenticate(
        TestKeys.rsa.token(fixture.claims(extra: ",\"email\":\"ada@example.org\""), algorithm: "RS256"))
      let identity = try #require(try outcome.get())
      #expect(identity.username == "ada")
      #expect(identity.groups == ["clerks", "heads"])
      #expect(identity.claims["email"] == "ada@example.org")
      #expect(fixture.provider.count("/keys") == 1)
    }
  }

  @Test(
    "every algorithm of the list verifies with a key of its kind",
    arguments: [
      ("RSA", "RS256"), ("RSA", "RS384"), ("RSA", "RS512"), ("RSA", "PS256"), ("RSA", "PS384"), ("RSA", "PS512"),
      ("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512"), ("Ed25519", "EdDSA"), ("Ed25519", "Ed25519"),
    ])
  func algorithms(kind: String, algorithm: String) async throws {
    let key = SigningKey(kind, identifier: "k")
    try await Fixture.withKeys({ $0.algorithms = Set(SignatureAlgorithm.allCases) }) { fixture in
      fixture.provider.change { $0.keys = [key.jwk()] }
      let token = key.token(fixture.claims(), algorithm: algorithm)
      #expect(await fixture.authenticate(token).user == "ada")
      let parts = token.split(separator: ".")
      let changed = "\(parts[0]).\(SigningKey.encode(Array(fixture.claims(extra: ",\"x\":1").utf8))).\(parts[2])"
      #expect(await fixture.authenticate(changed).refusal?.message == "The token's signature is not valid.")
    }
  }

  @Test("an algorithm outside of the list is refused, whoever signed")
  func allowList() async throws {
    try await Fixture.withKeys({ $0.algorithms = [.es256] }) { fixture in
      let refused = await fixture.authenticate(TestKeys.rsa.token(fixture.claims(), algorithm: "RS256"))
      #expect(refused.refusal?.message == "The token's algorithm is not allowed.")
      #expect(await fixture.authenticate(TestKeys.curve.token(fixture.claims(), algorithm: "ES256")).user == "ada")
    }
  }

  @Test("alg none is refused in any spelling, with and without a signature")
  func none() async throws {
    try await Fixture.withKeys { fixture in
      for name in ["none", "None", "NONE", "nOnE", ""] {
        let signed = TestKeys.rsa.token(
          fixture.claims(), algorithm: "RS256", header: "{\"alg\":\"\(name)\",\"kid\":\"rsa-1\"}")
        let unsigned = signed.split(separator: ".").prefix(2).joined(separator: ".") + "."
        for token in [signed, unsigned] {
          let refusal = await fixture.authenticate(token).refusal
          #expect(refusal?.reason == .invalid && refusal?.status == 401)
        }
      }
    }
  }

  @Test("HS256 with the public key as its secret is refused")
  func symmetric() async throws {
    try await Fixture.withKeys({ $0.algorithms = Set(SignatureAlgorithm.allCases) }) { fixture in
      let secrets = [
        TestKeys.rsa.part("n"), Array(TestKeys.rsa.jwk().utf8), Array(SigningKey.encode(TestKeys.rsa.part("n")).utf8),
      ]
      for secret in secrets {
        let token = SigningKey.symmetricToken(fixture.claims(), identifier: "rsa-1", secret: secret)
        #expect(await fixture.authenticate(token).refusal?.message == "The token's algorithm is not allowed.")
      }
    }
  }

  @Test("a key set's secret is no key")
  func octets() async throws {
    try await Fixture.withKeys { fixture in
      fixture.provider.change { $0.keys.append("{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}") }
      let token = SigningKey.symmetricToken(fixture.claims(), identifier: "s", secret: [0, 0, 0])
      #expect(await fixture.authenticate(token).refusal?.reason == .invalid)
    }
  }

  @Test("another key's signature under the known key's name is refused, and so is a token that brings its own key")
  func forged() async throws {
    try await Fixture.withKeys { fixture in
      let forger = SigningKey("RSA", identifier: "rsa-1")
      let forged = forger.token(fixture.claims(), algorithm: "RS256")
      #expect(await fixture.authenticate(forged).refusal?.message == "The token's signature is not valid.")
      let header = "{\"alg\":\"RS256\",\"kid\":\"mine\",\"jwk\":\(forger.jwk()),\"jku\":\"http://127.0.0.1:1/\"}"
      let own = forger.token(fixture.claims(), algorithm: "RS256", header: header)
      #expect(await fixture.authenticate(own).refusal?.message == "The token's key is not one of the provider's.")
    }
  }

  @Test("a token with a name for its key is not checked with a key of another name, type or use")
  func keyChoice() async throws {
    try await Fixture.withKeys { fixture in
      let renamed = TestKeys.rsa.token(
        fixture.claims(), algorithm: "RS256", header: "{\"alg\":\"RS256\",\"kid\":\"ec-1\"}")
      #expect(await fixture.authenticate(renamed).refusal?.message == "The token's key is not one of the provider's.")
      fixture.provider.change { $0.keys = [TestKeys.other.jwk(extra: ",\"use\":\"enc\""), TestKeys.rsa.jwk()] }
      let encrypting = TestKeys.other.token(fixture.claims(), algorithm: "RS256")
      #expect(await fixture.authenticate(encrypting).refusal?.reason == .invalid)
      fixture.provider.change { $0.keys = [TestKeys.other.jwk(extra: ",\"alg\":\"RS512\""), TestKeys.rsa.jwk()] }
      #expect(await fixture.authenticate(encrypting).refusal?.reason == .invalid)
    }
  }

  @Test("a token without a name for its key is checked with each key of its kind")
  func unnamed() async throws {
    try await Fixture.withKeys { fixture in
      fixture.provider.change { $0.keys = [TestKeys.other.jwk(), TestKeys.rsa.jwk()] }
      let token = TestKeys.rsa.token(fixture.claims(), algorithm: "RS256", header: "{\"alg\":\"RS256\"}")
      #expect(await fixture.authenticate(token).user == "ada")
    }
  }

  @Test("keys that are too weak, broken or off their curve are not taken over")
  func unsoundKeys() async throws {
    try await Fixture.withKeys { fixture in
      let weak = SigningKey("RSA", identifier: "weak", bits: 1_024)
      let zeros = SigningKey.encode([UInt8](repeating: 1, count: 32))
      fixture.provider.change {
        $0.keys = [
          weak.jwk(), "{\"kty\":\"EC\",\"kid\":\"off\",\"crv\":\"P-256\",\"x\":\"\(zeros)\",\"y\":\"\(zeros)\"}", "7",
          "{}",
          "{\"kty\":\"RSA\",\"kid\":\"empty\",\"n\":\"\",\"e\":\"\"}", TestKeys.rsa.jwk(),
        ]
      }
      #expect(await fixture.authenticate(TestKeys.rsa.token(fixture.claims(), algorithm: "RS256")).user == "ada")
      #expect(
        await fixture.authenticate(weak.token(fixture.claims(), algorithm: "RS256")).refusal?.message
          == "The token's key is not one of the provider's.")
    }
  }

  @Test("wrong claims are refused, each with its reason")
  func claims() async throws {
    try await Fixture.withKeys { fixture in
      let now = fixture.clock.now
      let cases: [(String, String)] = [
        (fixture.claims(issuer: "https://elsewhere.example"), "The token's issuer is not the expected one."),
        (fixture.claims(audience: "\"other\""), "The token is for another audience."),
        (fixture.claims(audience: "[\"a\",\"b\"]"), "The token is for another audience."),
        (fixture.claims(audience: "null"), "The token is for another audience."),
        (fixture.claims(expiresIn: -31), "The token has expired."),
        (fixture.claims(extra: ",\"nbf\":\(now + 31)"), "The token is not valid yet."),
        (fixture.claims(extra: ",\"nbf\":\"soon\""), "The token's beginning is not a time."),
        (fixture.claims(extra: ",\"exp\":\"never\""), "The token has no expiry."),
        (fixture.claims(extra: ",\"exp\":null"), "The token has no expiry."),
        (fixture.claims(extra: ",\"sub\":\"\""), "The claim sub does not name a user."),
        (fixture.claims(extra: ",\"sub\":null"), "The claim sub does not name a user."),
        ("[]", "The token's claims are not an object."),
      ]
      for (claims, message) in cases {
        let refusal = await fixture.authenticate(TestKeys.rsa.token(claims, algorithm: "RS256")).refusal
        #expect(refusal == Refusal(.invalid, message))
      }
    }
  }

  @Test("clocks may differ by the leeway; an audience may be one of several")
  func leeway() async throws {
    try await Fixture.withKeys { fixture in
      let now = fixture.clock.now
      for claims in [
        fixture.claims(expiresIn: -29), fixture.claims(extra: ",\"nbf\":\(now + 30)"),
        fixture.claims(audience: "[\"a\",\"millrace\"]"), fixture.claims(extra: ",\"exp\":\(now).5"),
      ] {
        #expect(await fixture.authenticate(TestKeys.rsa.token(claims, algorithm: "RS256")).user == "ada")
      }
    }
  }

  @Test("a token that was good is refused once it has expired, also from the cache")
  func expiresInCache() async throws {
    try await Fixture.withKeys({ $0.leeway = 0 }) { fixture in
      let token = TestKeys.rsa.token(fixture.claims(expiresIn: 10), algorithm: "RS256")
      #expect(await fixture.authenticate(token).user == "ada")
      fixture.clock.advance(9)
      #expect(await fixture.authenticate(token).user == "ada")
      fixture.clock.advance(1)
      #expect(await fixture.authenticate(token).refusal?.message == "The token has expired.")
    }
  }

  @Test("a header with a critical extension or of another kind of token is refused")
  func header() async throws {
    try await Fixture.withKeys { fixture in
      for (member, message) in [
        ("\"crit\":[\"exp\"]", "The token needs an extension that is not known."),
        ("\"typ\":\"logout+jwt\"", "The token is not an access token."),
        ("\"kid\":7", "The token's key identifier is not a text."),
      ] {
        let kid = member.contains("kid") ? "" : "\"kid\":\"rsa-1\","
        let token = TestKeys.rsa.token(
          fixture.claims(), algorithm: "RS256", header: "{\"alg\":\"RS256\",\(kid)\(member)}")
        #expect(await fixture.authenticate(token).refusal == Refusal(.invalid, message))
      }
    }
  }

  @Test(
    "what is not a token is refused without asking anybody",
    arguments: [
      "x", "a.b", "a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.e30", "a.b.c.d.e", "eyJhbGciOiJSUzI1NiJ9.e30.=", "\u{FF}.é.ü",
    ])
  func malformed(token: String) async throws {
    try await Fixture.withKeys { fixture in
      let refusal = await fixture.authenticate(token).refusal
      #expect(refusal?.reason == .invalid)
      #expect(fixture.provider.count("/keys") == 0)
    }
  }

  @Test("user and groups come from the configured claims, also along a path")
  func configuredClaims() async throws {
    try await Fixture.withKeys({
      $0.usernameClaim = "preferred_username"
      $0.groupsClaim = "realm_access.roles"
    }) { fixture in
      let claims = fixture.claims(
        extra: ",\"preferred_username\":\"lovelace\",\"realm_access\":{\"roles\":[\"x\",1,\"y\"]}")
      let identity = try #require(
        try await fixture.authenticate(TestKeys.rsa.token(claims, algorithm: "RS256")).get())
      #expect(identity.username == "lovelace")
      #expect(identity.groups == ["x", "y"])
    }
  }
}
