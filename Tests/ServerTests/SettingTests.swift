import API
import Foundation
import Testing

@testable import Server

@Suite("Settings")
struct SettingTests {
  @Test("a flag wins over its variable, and both over the default")
  func precedence() throws {
    let configuration = try Setting.configuration(
      flags: ["--port": "9000"], environment: ["MILLRACE_PORT": "9001", "MILLRACE_LANGUAGES": "de, en"], processors: 3)
    #expect(configuration.port == 9_000)
    #expect(configuration.api.languages == ["de", "en"])
    #expect(configuration.loops == 3)
    #expect(configuration.host == "127.0.0.1")
  }

  @Test(
    "a value that cannot be used names its setting and what it takes",
    arguments: [
      ("MILLRACE_PORT", "70000", "MILLRACE_PORT: \"70000\" is not a number from 0 to 65535."),
      ("MILLRACE_LOG_FORMAT", "xml", "MILLRACE_LOG_FORMAT: \"xml\" is not human or json."),
      ("DATABASE_URL", "mysql:secret", "DATABASE_URL: \"…\" is not a Postgres URI or connection string."),
      ("MILLRACE_BEARER_TOKEN", "short", "MILLRACE_BEARER_TOKEN: \"…\" is not a text of at least 16 characters."),
      ("OIDC_INTROSPECTION_ENDPOINT", "ldap://x", "OIDC_INTROSPECTION_ENDPOINT: \"ldap://x\" is not an http or https address."),
      (
        "OIDC_ALGORITHMS", "RS256,none",
        "OIDC_ALGORITHMS: \"RS256,none\" is not names of RFC 7518 with commas, none of them symmetric."
      ),
      (
        "OIDC_ALGORITHMS", "HS256",
        "OIDC_ALGORITHMS: \"HS256\" is not names of RFC 7518 with commas, none of them symmetric."
      ),
      (
        "OIDC_ISSUER", "https://a.example",
        "OIDC_AUDIENCE: name the audience of this server's tokens, or * to take tokens that are for anyone."
      ),
      ("EVENT_RECEIVER_MODULES", "[1]", "EVENT_RECEIVER_MODULES: \"[1]\" is not a JSON list of names, or names with commas."),
    ])
  func refused(variable: String, value: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Setting.configuration(flags: [:], environment: [variable: value], processors: 1)
    }
    #expect(error?.description == message)
  }

  @Test("every setting stands in the reference, with its flag, default and meaning")
  func documented() throws {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    let text = try String(
      contentsOf: url.appendingPathComponent("docs/reference/configuration.md"), encoding: .utf8)
    for setting in Setting.all {
      #expect(text.contains("| `\(setting.flag)` | `\(setting.variable)` | \(setting.meaning) | \(setting.expected) | \(setting.fallback) |"), "\(setting.flag)")
    }
  }
}
