import Expressions
import ProviderSupport
import Testing

@testable import Authentication

@Suite("When the keys are asked for")
struct KeySetTests {
  private func make() -> KeySet { KeySet(maximumAge: 100, staleFor: 1_000, cooldown: 10) }

  private func keys(_ key: SigningKey) throws -> [VerificationKey] {
    let jwk = try #require(Value(json: key.jwk()))
    return [try #require(VerificationKey(jwk))]
  }

  private func decide(_ set: KeySet, _ identifier: String, at now: UInt64, mayFetch: Bool = true) -> String {
    switch set.decide(identifier: identifier, algorithm: .rs256, now: now, mayFetch: mayFetch) {
    case .keys: "keys"
    case .keysAndRefresh: "keys and refresh"
    case .fetch: "fetch"
    case .unknown: "unknown"
    case .unavailable: "unavailable"
    }
  }

  @Test("keys are used up to their age, then also refreshed, and waited for when nobody has asked for long")
  func age() throws {
    var set = make()
    #expect(decide(set, "rsa-1", at: 0) == "fetch")
    set.fetched(try keys(TestKeys.rsa), now: 0)
    #expect(decide(set, "rsa-1", at: 99) == "keys")
    #expect(decide(set, "rsa-1", at: 100) == "keys and refresh")
    #expect(decide(set, "rsa-1", at: 199) == "keys and refresh")
    #expect(decide(set, "rsa-1", at: 200) == "fetch")
  }

  @Test("while the provider fails, keys are used until they are too old for that as well")
  func stale() throws {
    var set = make()
    set.fetched(try keys(TestKeys.rsa), now: 0)
    set.failed(now: 200)
    #expect(decide(set, "rsa-1", at: 205) == "keys")
    #expect(decide(set, "rsa-1", at: 210) == "keys and refresh")
    set.failed(now: 1_095)
    #expect(decide(set, "rsa-1", at: 1_099) == "keys")
    #expect(decide(set, "rsa-1", at: 1_100) == "unavailable")
    #expect(decide(set, "rsa-1", at: 1_105) == "fetch")
    #expect(decide(set, "rsa-1", at: 1_105, mayFetch: false) == "unavailable")
  }

  @Test("an unknown key is asked for once per cooldown")
  func unknown() throws {
    var set = make()
    set.fetched(try keys(TestKeys.rsa), now: 0)
    #expect(decide(set, "new", at: 9) == "unknown")
    #expect(decide(set, "new", at: 10) == "fetch")
    #expect(decide(set, "new", at: 10, mayFetch: false) == "unknown")
    set.failed(now: 10)
    #expect(decide(set, "new", at: 19) == "unavailable")
    #expect(decide(set, "new", at: 20) == "fetch")
  }
}
