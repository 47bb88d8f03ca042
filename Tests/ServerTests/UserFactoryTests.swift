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
      let good = try await authenticator.authenticate(headerValue: "Bearer good").get()
      #expect(good.name == "bob" && good.groups == ["sales", "staff"] && good.group == "sales")
      // From memory by now, and by the factory all the same.
      #expect(authenticator.immediate(headerValue: "Bearer good") == nil)
      let bad = await authenticator.authenticate(headerValue: "Bearer bad")
      guard case .failure(let refusal) = bad else {
        Issue.record("A blocked user was let in.")
        return
      }
      let rejection = Rejection(refusal)
      #expect(rejection.response(ResponseFormat(.json, .compatible)).status == 401)
      #expect(rejection.error.message == "The account is blocked.")
      let nobody = await authenticator.authenticate(headerValue: nil)
      #expect((try? nobody.get())?.isAuthenticated == false)
    }
    await provider.server.stop()
  }
}
