import Authentication
import HTTPClient

extension Setting {
  /// Who is let in. Names as in Caluma where it has the setting.
  static let authentication: [Setting] = [
    Setting(
      "MILLRACE_DEV_USER", "--dev-user", "a user, or user:group", "anonymous",
      "Who every request acts as. For development: anyone who can connect is this user."
    ) {
      let parts = $0.split(separator: ":", maxSplits: 1).map(String.init)
      guard let name = parts.first else { return false }
      $1.authentication.developmentUser = Identity(username: name, groups: Array(parts.dropFirst()))
      return true
    },
    Setting(
      "MILLRACE_BEARER_TOKEN", "--bearer-token", "a text of at least 16 characters", "none",
      "Every request has to carry this bearer token; /healthz and /readyz need none.", isSecret: true
    ) {
      $1.authentication.staticToken = $0
      return $0.utf8.count >= 16
    },
    choice(
      "MILLRACE_ANONYMOUS", "--anonymous", "refuse once tokens are verified, else allow",
      "Whether requests without a token are let in, as nobody."
    ) { $1.authentication.anonymous = $0 },
    address(
      "OIDC_ISSUER", "--oidc-issuer",
      "Issuer of signed tokens; its discovery document tells where the keys are. Needs OIDC_AUDIENCE."
    ) { $1.authentication.issuer = $0 },
    address(
      "OIDC_JWKS_ENDPOINT", "--oidc-jwks-endpoint",
      "Where the keys of signed tokens are, instead of the discovery document. Needs OIDC_AUDIENCE."
    ) { $1.authentication.keySetEndpoint = $0 },
    Setting(
      "OIDC_AUDIENCE", "--oidc-audience", "names with commas, or *", "none",
      "Audiences one of which a token has to be for; * takes tokens for anyone."
    ) {
      let names = list($0)
      $1.authentication.audiences = names == ["*"] ? nil : Set(names)
      $1.hasAudience = true
      return !names.isEmpty
    },
    Setting(
      "OIDC_ALGORITHMS", "--oidc-algorithms", "names of RFC 7518 with commas, none of them symmetric",
      "RS256,PS256,ES256,EdDSA,Ed25519", "Algorithms that tokens may be signed with."
    ) {
      let algorithms = list($0).map { SignatureAlgorithm(rawValue: $0) }
      $1.authentication.algorithms = Set(algorithms.compactMap { $0 })
      return !algorithms.isEmpty && !algorithms.contains(nil)
    },
    number("OIDC_LEEWAY", "--oidc-leeway", 0...600, "30", "Seconds by which the provider's clock may differ.") {
      $1.authentication.leeway = Int64($0)
    },
    address(
      "OIDC_USERINFO_ENDPOINT", "--oidc-userinfo-endpoint",
      "Where the claims of a token that is not verified here are asked for."
    ) { $1.authentication.userinfoEndpoint = $0 },
    address(
      "OIDC_INTROSPECTION_ENDPOINT", "--oidc-introspection-endpoint",
      "Where such a token is introspected; comes before the userinfo endpoint."
    ) { $1.authentication.introspectionEndpoint = $0 },
    Setting(
      "OIDC_INTROSPECTION_CLIENT_ID", "--oidc-introspection-client-id", "a text", "none",
      "Who this server is to the introspection endpoint."
    ) {
      $1.authentication.introspection.clientIdentifier = $0
      return true
    },
    Setting(
      "OIDC_INTROSPECTION_CLIENT_SECRET", "--oidc-introspection-client-secret", "a text", "none",
      "The password for that.", isSecret: true
    ) {
      $1.authentication.introspection.clientSecret = $0
      return true
    },
    number(
      "OIDC_BEARER_TOKEN_REVALIDATION_TIME", "--oidc-bearer-token-revalidation-time", 0...3_600, "30",
      "Seconds for which the provider's answer about a token is believed; 0 asks for every request."
    ) { $1.authentication.revalidationTime = Int64($0) },
    claim("OIDC_USERNAME_CLAIM", "--oidc-username-claim", "sub", "The claim that names the user.") {
      $1.authentication.usernameClaim = $0
    },
    claim(
      "OIDC_GROUPS_CLAIM", "--oidc-groups-claim", "caluma_groups",
      "The claim that lists the user's groups; the user acts for the first."
    ) { $1.authentication.groupsClaim = $0 },
    Setting(
      "OIDC_VERIFY_SSL", "--oidc-verify-ssl", "true or false", "true",
      "Whether the provider's certificate is checked; without it anyone can issue tokens."
    ) {
      guard let isVerified = ["true": true, "false": false][$0.lowercased()] else { return false }
      if !isVerified { $1.providerTrust = .anyone }
      return true
    },
    Setting(
      "OIDC_CA_FILE", "--oidc-ca-file", "a file in PEM form", "the system's authorities",
      "Certificate authorities that the provider's certificate has to be from."
    ) {
      if $1.providerTrust != .anyone { $1.providerTrust = .file($0) }
      return !$0.isEmpty
    },
  ]

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
  }

  private static func address(
    _ variable: String, _ flag: String, _ meaning: String,
    apply: @escaping @Sendable (String, inout ServerConfiguration) -> Void
  ) -> Setting {
    Setting(variable, flag, "an http or https address", "none", meaning) {
      apply($0, &$1)
      return ($0.hasPrefix("https://") || $0.hasPrefix("http://")) && !$0.contains { $0 == " " || $0 == "#" }
    }
  }

  private static func claim(
    _ variable: String, _ flag: String, _ fallback: String, _ meaning: String,
    apply: @escaping @Sendable (String, inout ServerConfiguration) -> Void
  ) -> Setting {
    Setting(variable, flag, "a claim, or a path with dots", fallback, meaning) {
      apply($0, &$1)
      return !$0.isEmpty
    }
  }

  /// What single settings cannot tell.
  static func checkAuthentication(_ configuration: ServerConfiguration) throws(ConfigurationError) {
    if configuration.authentication.verifiesSignatures, !configuration.hasAudience {
      throw ConfigurationError(
        "OIDC_AUDIENCE: name the audience of this server's tokens, or * to take tokens that are for anyone.")
    }
  }
}
