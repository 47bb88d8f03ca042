import EventLoop
import TestSupport
import Testing

@testable import Authentication

@Suite("Who is let in without a provider")
struct PolicyTests {
  private func outcome(
    _ headerValue: String?, _ configure: @escaping @Sendable (inout AuthenticationConfiguration) -> Void
  ) async throws -> Authenticator.Outcome {
    try await withLoop { loop in
      var configuration = AuthenticationConfiguration()
      configure(&configuration)
      let authenticator = Authenticator(
        loop: loop, configuration: configuration, keys: ProviderKeys(configuration), client: nil, logger: TestLog.logger)
      return await authenticator.authenticate(headerValue: headerValue)
    }
  }

  @Test("nothing configured: requests are anonymous, and a token that nobody can check is refused")
  func open() async throws {
    let anonymous = try await outcome(nil) { _ in }
    #expect(anonymous == .success(nil))
    let token = try await outcome("Bearer x") { _ in }
    #expect(token.refusal?.reason == .invalid)
  }

  @Test("a development user is everybody, whatever they send")
  func development() async throws {
    for header in [nil, "Bearer x", "Basic x"] {
      let result = try await outcome(header) { $0.developmentUser = Identity(username: "dev") }
      #expect(result.user == "dev")
    }
  }

  @Test("a static token is needed once there is one, and makes the development user")
  func staticToken() async throws {
    let configure: @Sendable (inout AuthenticationConfiguration) -> Void = {
      $0.developmentUser = Identity(username: "dev")
      $0.staticToken = "0123456789abcdef"
    }
    let right = try await outcome("bearer 0123456789abcdef", configure)
    #expect(right.user == "dev")
    for (header, reason) in [
      (nil, Refusal.Reason.missing), ("Bearer 0123456789abcdeF", .invalid), ("Bearer", .malformed),
      ("Bearer a b", .malformed), ("Basic 0123456789abcdef", .malformed), ("", .malformed),
    ] {
      let wrong = try await outcome(header, configure)
      #expect(wrong.refusal?.reason == reason)
    }
  }

  @Test("anonymous requests are refused once tokens are verified, unless the policy allows them; bad tokens always are")
  func anonymous() async throws {
    for (policy, isAllowed) in [(nil, false), (AuthenticationConfiguration.Anonymous.refuse, false), (.allow, true)] {
      let configure: @Sendable (inout AuthenticationConfiguration) -> Void = {
        $0.issuer = "http://127.0.0.1:1"
        $0.anonymous = policy
      }
      let without = try await outcome(nil, configure)
      #expect(without == (isAllowed ? .success(nil) : .failure(Refusal(.missing, "A bearer token is needed."))))
      for header in ["Bearer a.b.c", "Bearer x", "Basic x", "Bearer"] {
        let bad = try await outcome(header, configure)
        #expect(bad.refusal?.status == 401)
      }
    }
    let refused = try await outcome(nil) { $0.anonymous = .refuse }
    #expect(refused.refusal?.reason == .missing)
  }

  @Test("challenges say what RFC 6750 wants them to say")
  func challenges() {
    #expect(Refusal(.missing, "m").challenge == "Bearer")
    #expect(
      Refusal(.invalid, "The token has expired.").challenge
        == "Bearer error=\"invalid_token\", error_description=\"The token has expired.\"")
    #expect(
      Refusal(.malformed, "a\"\r\n\\é").challenge == "Bearer error=\"invalid_request\", error_description=\"a\"")
    #expect(Refusal(.unavailable, "m").challenge == nil)
  }

  @Test("the cache keeps no more than its capacity, and the newest")
  func cache() {
    var cache = TokenCache(capacity: 100)
    for number in 0..<1_000 {
      cache.insert(.success(Identity(username: "\(number)")), TokenHash("\(number)"), until: 10, now: 0)
    }
    #expect(cache.count == 100)
    #expect(cache.outcome(TokenHash("899"), now: 0) == nil)
    #expect((try? cache.outcome(TokenHash("900"), now: 9)?.get())?.username == "900")
    #expect(cache.outcome(TokenHash("900"), now: 10) == nil)
  }

  @Test("only the one text of some bytes is taken for them")
  func base64() {
    #expect(Base64URL.decode("") == [])
    #expect(Base64URL.decode("-_8") == [0xFB, 0xFF])
    for text in ["-_9", "A", "AA==", "A+", "A/", "A A", "é"] { #expect(Base64URL.decode(text) == nil) }
    #expect(FormText.base64("a") == "YQ==")
    #expect(FormText.base64("abc") == "YWJj")
    #expect(TokenHash("abc").bytes.prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
  }
}
