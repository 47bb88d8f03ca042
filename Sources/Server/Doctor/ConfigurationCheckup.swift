import Authentication
import GraphQL
import HTTPClient
import Millrace

/// Looks at the settings, without anything else.
struct ConfigurationCheckup {
  /// By flag.
  let flags: [String: String]
  /// The whole environment.
  let environment: [String: String]
  let modules: ModuleList
  let processors: Int

  /// Variables that are no settings.
  private static let others: Set<String> = ["MILLRACE_PG_BIN", "MILLRACE_RACE_ROUNDS"]

  /// - Returns: what was found, and the configuration if it can be used.
  func run() -> (findings: [Finding], configuration: ServerConfiguration?) {
    var findings = values() + Self.unknownVariables(in: environment).map { finding(.warning, "VARIABLE", $0) }
    var configuration: ServerConfiguration?
    if !findings.contains(where: { $0.level == .error }) {
      do throws(ConfigurationError) {
        let whole = try Setting.configuration(flags: flags, environment: environment, processors: processors)
        configuration = whole
        findings += risks(whole)
        findings += moduleProblems(whole)
      } catch {
        findings.append(finding(.error, "SETTING", error.description))
      }
    }
    if findings.isEmpty { findings.append(finding(.ok, "SETTING", "Every setting can be used.")) }
    return (findings, configuration)
  }

  private func finding(_ level: Finding.Level, _ code: String, _ message: String) -> Finding {
    Finding(level: level, area: "configuration", code: code, message: message)
  }

  /// Every setting by itself: all that are wrong, not only the first.
  private func values() -> [Finding] {
    Setting.all.compactMap { setting in
      let fromVariable = environment[setting.variable].flatMap { $0.isEmpty ? nil : $0 }
      guard let value = flags[setting.flag] ?? fromVariable else { return nil }
      var scratch = ServerConfiguration()
      guard !setting.apply(value, &scratch) else { return nil }
      let error = ConfigurationError(
        flags[setting.flag] == nil ? setting.variable : setting.flag, setting.isSecret ? "…" : value,
        expected: setting.expected)
      return finding(.error, "SETTING", error.description)
    }
  }

  /// Variables that look like settings and are none, with what may be meant.
  static func unknownVariables(in environment: [String: String]) -> [String] {
    let known = Setting.all.map(\.variable)
    return environment.keys.sorted().compactMap { name in
      guard name.hasPrefix("MILLRACE_") || name.hasPrefix("OIDC_"), !known.contains(name), !others.contains(name)
      else { return nil }
      let hint = Suggestions.didYouMean(Array(Suggestions.closest(name, known).prefix(1)))
      return "There is no setting \(name).\(hint)"
    }
  }

  /// What may be meant, but is dangerous where others can connect.
  private func risks(_ configuration: ServerConfiguration) -> [Finding] {
    var findings: [Finding] = []
    let users = configuration.authentication
    let isLocal = ["127.0.0.1", "localhost", "::1"].contains(configuration.host)
    if !isLocal, !users.needsProvider, users.staticToken == nil {
      findings.append(
        finding(
          .warning, "OPEN",
          "The server listens on \(configuration.host) and verifies no tokens: whoever can connect may do everything."))
    }
    if configuration.providerTrust == .anyone {
      findings.append(finding(.warning, "PROVIDER", "OIDC_VERIFY_SSL is off: whoever stands between can issue tokens."))
    }
    if users.verifiesSignatures, users.audiences == nil {
      findings.append(
        finding(.warning, "PROVIDER", "OIDC_AUDIENCE is *: tokens that were issued for other services are taken."))
    }
    for address in [users.issuer, users.keySetEndpoint, users.userinfoEndpoint, users.introspectionEndpoint] {
      guard let address, address.hasPrefix("http://") else { continue }
      let host = address.dropFirst("http://".count).prefix { $0 != "/" && $0 != ":" }
      guard host != "127.0.0.1", host != "localhost" else { continue }
      findings.append(
        finding(.warning, "PROVIDER", "\(address) is asked without TLS: whoever stands between can issue tokens."))
    }
    return findings
  }

  private func moduleProblems(_ configuration: ServerConfiguration) -> [Finding] {
    do throws(ModuleList.Failure) {
      _ = try modules.receivers(of: configuration.modules)
      return []
    } catch {
      return [finding(.error, "MODULES", error.description)]
    }
  }
}
