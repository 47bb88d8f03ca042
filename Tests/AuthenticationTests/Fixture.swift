import Authentication
import EventLoop
import Expressions
import HTTPClient
import ProviderSupport
import Synchronization
import TestSupport

/// The time of a test, which only the test moves.
final class TestClock: Sendable {
  private let seconds = Mutex<Int64>(1_700_000_000)

  var now: Int64 { seconds.withLock { $0 } }
  func advance(_ by: Int64) { seconds.withLock { $0 += by } }
}

/// A provider, and an authenticator that believes it.
struct Fixture: Sendable {
  let provider: TestProvider
  let authenticator: Authenticator
  let keys: ProviderKeys
  let configuration: AuthenticationConfiguration
  let clock: TestClock

  static func with<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration, TestProvider) -> Void,
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    let provider = try await TestProvider()
    provider.change { $0.keys = [TestKeys.rsa.jwk(), TestKeys.curve.jwk()] }
    let result = try await withLoop { loop in
      var configuration = AuthenticationConfiguration()
      configuration.keySetCooldown = 0
      configure(&configuration, provider)
      let clock = TestClock()
      let client = try HTTPClient(loop: loop)
      defer { client.close() }
      let keys = ProviderKeys(configuration)
      let authenticator = Authenticator(
        loop: loop, configuration: configuration, keys: keys, client: client, logger: TestLog.logger, now: { clock.now })
      return try await body(
        Fixture(
          provider: provider, authenticator: authenticator, keys: keys, configuration: configuration, clock: clock))
    }
    await provider.server.stop()
    return result
  }

  /// Tokens are verified with the provider's keys.
  static func withKeys<Result: Sendable>(
    _ configure: @escaping @Sendable (inout AuthenticationConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    try await with({ configuration, provider in
      configuration.issuer = provider.issuer
      configuration.audiences = ["millrace"]
      configure(&configuration)
    }, body)
  }

  /// The same on another loop, as a server has it.
  func onAnotherLoop<Result: Sendable>(
    _ body: @escaping @Sendable (Fixture) async throws -> Result
  ) async throws -> Result {
    try await withLoop { [self] loop in
      let client = try HTTPClient(loop: loop)
      defer { client.close() }
      let other = Authenticator(
        loop: loop, configuration: configuration, keys: keys, client: client, logger: TestLog.logger, now: { clock.now })
      return try await body(
        Fixture(provider: provider, authenticator: other, keys: keys, configuration: configuration, clock: clock))
    }
  }

  func authenticate(_ token: String) async -> Authenticator.Outcome {
    await authenticator.authenticate(headerValue: "Bearer \(token)")
  }

  /// Good claims, but for what the test changes.
  func claims(
    issuer: String? = nil, audience: String = "\"millrace\"", expiresIn: Int64 = 300, extra: String = ""
  ) -> String {
    """
    {"iss":"\(issuer ?? provider.issuer)","aud":\(audience),"exp":\(clock.now + expiresIn),"sub":"ada",\
    "caluma_groups":["clerks","heads"]\(extra)}
    """
  }
}

extension Result where Success == Identity?, Failure == Refusal {
  var user: String? { if case .success(let identity) = self { identity?.username } else { nil } }
  var refusal: Refusal? { if case .failure(let refusal) = self { refusal } else { nil } }
}
