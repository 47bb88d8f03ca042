import Authentication
import EventLoop
import GraphQL
import HTTPServer
import Millrace
import ProviderSupport
import TestSupport
import Testing

@testable import Server

/// `CALUMA_OIDC_USER_FACTORY`: who makes the users of verified tokens.
@Suite("User factories")
struct UserFactoryTests {
  private enum Staff: MillraceModule {
    static let name = "staff"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.userFactory { token in
        guard token.claims["blocked"] != true else { throw MillraceError(.permissionDenied, "The account is blocked.") }
        var user = token.standard
        user.groups.append("staff")
        return user
      }
    }
  }

  @Test(
    "the factory makes the user of what the provider says; what it throws is 401, and nobody without a token meets it")
  func factory() async throws {
    let provider = try await TestProvider()
    provider.change {
      $0.claims["good"] = "{\"sub\": \"bob\", \"caluma_groups\": [\"sales\"]}"
      $0.claims["bad"] = "{\"sub\": \"eve\", \"blocked\": true}"
    }
    let configuration = try Setting.configuration(
      flags: [:],
      environment: [
        "OIDC_USERINFO_ENDPOINT": "\(provider.issuer)/userinfo", "MILLRACE_ANONYMOUS": "allow",
        "CALUMA_OIDC_USER_FACTORY": "staff",
      ], processors: 1)
    let extensions = try ModuleList(linked: [Staff.self]).extensions(of: ["staff"], selection: configuration.extensions)
    try await withLoop { loop in
      let authenticator = try CallerAuthenticator(
        loop: loop, configuration: configuration, keys: ProviderKeys(configuration.authentication),
        factory: extensions.userFactory, logger: TestLog.logger)
      let good = try await authenticator.authenticate(headerValue: "Bearer good")
      #expect(good.name == "bob" && good.groups == ["sales", "staff"] && good.group == "sales")
      // From memory by now, and by the factory all the same.
      let atOnce = try authenticator.immediate(headerValue: "Bearer good")
      #expect(atOnce == nil)
      let refusal = await #expect(throws: Refusal.self) {
        try await authenticator.authenticate(headerValue: "Bearer bad")
      }
      let rejection = refusal.map { Rejection($0) }
      #expect(rejection?.response(ResponseFormat(.json, .compatible)).status == 401)
      #expect(rejection?.error.message == "The account is blocked.")
      let nobody = try authenticator.immediate(headerValue: nil)
      #expect(nobody?.isAuthenticated == false)
    }
    await provider.server.stop()
  }
}
