import API
import Foundation
import GraphQL
import Logging
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
      (
        "OIDC_INTROSPECTION_ENDPOINT", "ldap://x",
        "OIDC_INTROSPECTION_ENDPOINT: \"ldap://x\" is not an http or https address."
      ),
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
      (
        "MILLRACE_CORS_ORIGINS", "https://a.example/",
        "MILLRACE_CORS_ORIGINS: \"https://a.example/\" is not origins such as https://app.example with commas, or *."
      ),
      (
        "MILLRACE_WEBSOCKET_ORIGINS", "a.example",
        "MILLRACE_WEBSOCKET_ORIGINS: \"a.example\" is not origins such as https://app.example with commas, or *."
      ),
      ("MILLRACE_LANGUAGES", "en,d e/", "MILLRACE_LANGUAGES: \"en,d e/\" is not language codes with commas."),
      (
        "EVENT_RECEIVER_MODULES", "[1]",
        "EVENT_RECEIVER_MODULES: \"[1]\" is not a JSON list of names, or names with commas."
      ),
    ])
  func refused(variable: String, value: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Setting.configuration(flags: [:], environment: [variable: value], processors: 1)
    }
    #expect(error?.description == message)
  }

  @Test("origins are written as browsers send them, and none that a browser never sends is taken")
  func origins() {
    #expect(WebOrigins.parse("HTTPS://App.Example:443, http://[::1]:8000,capacitor://localhost, null,*")
      == ["https://app.example", "http://[::1]:8000", "capacitor://localhost", "null", "*"])
    #expect(WebOrigins.parse("") == [])
    for text in ["a", "https://", "https://a/", "https://a/b", "https://*.a", "https://a?b", "://a", "https://u@a"] {
      #expect(WebOrigins.parse(text) == nil, "\(text)")
    }
  }

  @Test("a page without a size is not larger than the largest")
  func pageSizes() throws {
    let configuration = try Setting.configuration(
      flags: ["--max-page-size": "100"], environment: [:], processors: 1)
    #expect(configuration.api.limits.defaultPageSize == 100)
  }

  @Test("Caluma's names of variables mean the same")
  func calumaNames() throws {
    let configuration = try Setting.configuration(
      flags: [:],
      environment: [
        "DATABASE_HOST": "db.example", "DATABASE_PASSWORD": "it's", "LANGUAGES": "de, en", "LANGUAGE_CODE": "en",
        "LOG_LEVEL": "WARNING", "CORS_ORIGIN_WHITELIST": "https://a.example, https://b.example",
        "DISABLE_INTROSPECTION": "true", "QUERY_DEPTH_LIMIT": "0",
      ], processors: 1)
    #expect(configuration.databaseURL == "host='db.example' dbname='caluma' user='caluma' password='it\\'s'")
    #expect(configuration.api.languages == ["en", "de"])
    #expect(configuration.logLevel == .warning)
    #expect(configuration.corsOrigins == ["https://a.example", "https://b.example"])
    #expect(configuration.api.introspection == .off)
    #expect(configuration.api.limits.maxSelectionDepth == 1_000)
    let open = try Setting.configuration(
      flags: [:], environment: ["CORS_ORIGIN_ALLOW_ALL": "True", "LANGUAGE_CODE": "fr"], processors: 1)
    #expect(open.corsOrigins == ["*"])
    #expect(open.api.languages == ["fr", "en", "de"])
  }

  @Test("Caluma's variable and our own may both be given if they say the same; a flag wins over both")
  func bothNames() throws {
    let same = try Setting.configuration(
      flags: [:], environment: ["LANGUAGES": "de,en", "MILLRACE_LANGUAGES": "de, en"], processors: 1)
    #expect(same.api.languages == ["de", "en"])
    let flag = try Setting.configuration(
      flags: ["--log-level": "error"], environment: ["LOG_LEVEL": "DEBUG", "MILLRACE_LOG_LEVEL": "info"], processors: 1)
    #expect(flag.logLevel == .error)
  }

  @Test(
    "Caluma's variables that contradict our own, or cannot be used, stop the start",
    arguments: [
      (
        ["LOG_LEVEL": "DEBUG", "MILLRACE_LOG_LEVEL": "info"],
        "LOG_LEVEL and MILLRACE_LOG_LEVEL are both given and differ. Keep one of them."
      ),
      (
        ["DATABASE_HOST": "db", "DATABASE_PASSWORD": "secret", "DATABASE_URL": "postgres://other/x"],
        "DATABASE_HOST, DATABASE_PASSWORD and DATABASE_URL are both given and differ. Keep one of them."
      ),
      (["LOG_LEVEL": "LOUD"], "LOG_LEVEL: \"LOUD\" is not DEBUG, INFO, WARNING, ERROR or CRITICAL."),
      (["DISABLE_INTROSPECTION": "maybe"], "DISABLE_INTROSPECTION: \"maybe\" is not true or false."),
      (["QUERY_DEPTH_LIMIT": "-1"], "QUERY_DEPTH_LIMIT: \"-1\" is not a number from 0 to 1000."),
    ])
  func contradictions(environment: [String: String], message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Setting.configuration(flags: [:], environment: environment, processors: 1)
    }
    #expect(error?.description == message)
  }

  @Test("every variable of Caluma that is taken stands in the reference")
  func calumaNamesAreDocumented() throws {
    let text = try String(contentsOf: Self.reference, encoding: .utf8)
    for entry in CalumaVariable.all {
      let names = entry.names.map { "`\($0)`" }.joined(separator: ", ")
      #expect(text.contains("| \(names) | `\(entry.variable)` |"), "\(names)")
    }
  }

  private static let reference: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.appendingPathComponent("docs/reference/configuration.md")
  }()

  @Test("every setting stands in the reference, with its flag, default and meaning")
  func documented() throws {
    let text = try String(contentsOf: Self.reference, encoding: .utf8)
    for setting in Setting.all {
      #expect(
        text.contains(
          "| `\(setting.flag)` | `\(setting.variable)` | \(setting.meaning) | \(setting.expected) | \(setting.fallback) |"
        ), "\(setting.flag)")
    }
  }
}
