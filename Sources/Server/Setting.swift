import API
import GraphQL
import HTTPServer
import Logging
import Millrace

/// One setting: its variable, what it takes, and how it changes the configuration. The list of them is the
/// reference: `millrace serve --help` and the documentation's table are made from it.
struct Setting: Sendable {
  let variable: String
  let flag: String
  let expected: String
  let fallback: String
  let meaning: String
  /// Its value is shown nowhere.
  let isSecret: Bool
  /// Answers false when the value is not what is expected.
  let apply: @Sendable (String, inout ServerConfiguration) -> Bool

  static let all =
    general + extensions + authentication + requests + uploads + streams + hooks + work + limits

  static let defaultLanguages = "en,de,fr"

  private static let general: [Setting] = [
    Setting("MILLRACE_HOST", "--host", "an IPv4 or IPv6 address", "127.0.0.1", "Address to listen on.") {
      $1.host = $0
      $1.http.host = $0
      return !$0.isEmpty
    },
    number("MILLRACE_PORT", "--port", 0...65_535, "8000", "Port to listen on; 0 lets the system choose.") {
      $1.port = UInt16($0)
      $1.http.port = UInt16($0)
    },
    number("MILLRACE_LOOPS", "--loops", 1...256, "one per core", "Event loops, each a thread.") { $1.loops = $0 },
    Setting(
      "MILLRACE_DATA_DIR", "--data-dir", "a directory", ".millrace",
      "Where the embedded Postgres lives; not used with DATABASE_URL."
    ) {
      $1.dataDirectory = $0
      return !$0.isEmpty
    },
    Setting(
      "DATABASE_URL", "--database-url", "a Postgres URI or connection string", "embedded Postgres",
      "A Postgres server, version 14 or newer, to use instead of the embedded one.", isSecret: true
    ) {
      $1.databaseURL = $0
      return $0.hasPrefix("postgres://") || $0.hasPrefix("postgresql://") || $0.contains("=")
    },
    Setting(
      "EVENT_RECEIVER_MODULES", "--event-receiver-modules", "a JSON list of names, or names with commas", "none",
      "Extension modules whose receivers are called, in this order."
    ) {
      guard let names = try? ModuleList.names(in: $0) else { return false }
      $1.modules = names
      return true
    },
    Setting(
      "MILLRACE_CORS_ORIGINS", "--cors-origins", WebOrigins.expected, "none",
      "Origins whose pages may call the API."
    ) {
      guard let origins = WebOrigins.parse($0) else { return false }
      $1.corsOrigins = origins
      return true
    },
    Setting(
      "MILLRACE_LANGUAGES", "--languages", "language codes with commas", defaultLanguages,
      "Languages of names and descriptions; the first is the default one."
    ) {
      $1.api.languages = $0.split(separator: ",").map { $0.filter { $0 != " " } }
      return !$1.api.languages.isEmpty && $1.api.languages.allSatisfy(isLanguageCode)
    },
    Setting(
      "MILLRACE_LOG_LEVEL", "--log-level", "trace, debug, info, notice, warning, error or critical", "info",
      "What is logged; debug has a line for every request."
    ) {
      guard let level = Logger.Level(rawValue: $0) else { return false }
      $1.logLevel = level
      return true
    },
    Setting("MILLRACE_LOG_FORMAT", "--log-format", "human or json", "human", "How log lines look.") {
      guard let format = ServerConfiguration.LogFormat(rawValue: $0) else { return false }
      $1.logFormat = format
      return true
    },
    yesOrNo(
      "MILLRACE_METRICS", "--metrics", "no",
      "Whether /metrics is served, in the text format of Prometheus; without a token, like /healthz."
    ) { $1.servesMetrics = $0 },
    number(
      "MILLRACE_READ_CONNECTIONS", "--read-connections", 1...64, "4", "Database connections per loop for queries."
    ) { $1.readConnections = $0 },
    number(
      "MILLRACE_TRANSACTION_CONNECTIONS", "--transaction-connections", 1...64, "8",
      "Database connections per loop for mutations."
    ) { $1.transactionConnections = $0 },
    number(
      "MILLRACE_MAX_BODY", "--max-body", 1_024...1_073_741_824, "1048576", "Bytes of a request's body at most."
    ) { $1.http.maximumBodyBytes = $0 },
    number(
      "MILLRACE_MAX_CONNECTIONS", "--max-connections", 1...1_000_000, "4096", "Client connections per loop at most."
    ) { $1.http.maximumConnections = $0 },
    number(
      "MILLRACE_RECEIVER_TIMEOUT", "--receiver-timeout", 10...600_000, "5000",
      "Milliseconds an event receiver may take, its statements included."
    ) { $1.api.receiverTimeout = UInt64($0) },
    number(
      "MILLRACE_IDEMPOTENCY_AGE", "--idempotency-age", 60...31_536_000, "86400",
      "Seconds for which a request with an idempotency key is remembered."
    ) { $1.api.idempotencyAge = $0 },
    number(
      "MILLRACE_SHUTDOWN_GRACE", "--shutdown-grace", 0...600_000, "10000",
      "Milliseconds that requests have to finish when the server stops."
    ) { $1.shutdownGrace = UInt64($0) },
  ]

  /// As `de` or `de-CH`.
  private static func isLanguageCode(_ text: String) -> Bool {
    text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { part in
      (1...8).contains(part.count) && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
  }

  init(
    _ variable: String, _ flag: String, _ expected: String, _ fallback: String, _ meaning: String,
    isSecret: Bool = false, apply: @escaping @Sendable (String, inout ServerConfiguration) -> Bool
  ) {
    self.variable = variable
    self.flag = flag
    self.expected = expected
    self.fallback = fallback
    self.meaning = meaning
    self.isSecret = isSecret
    self.apply = apply
  }

  static func number(
    _ variable: String, _ flag: String, _ range: ClosedRange<Int>, _ fallback: String, _ meaning: String,
    apply: @escaping @Sendable (Int, inout ServerConfiguration) -> Void
  ) -> Setting {
    Setting(variable, flag, "a number from \(range.lowerBound) to \(range.upperBound)", fallback, meaning) {
      guard let number = Int($0), range.contains(number) else { return false }
      apply(number, &$1)
      return true
    }
  }

  /// Reads all settings.
  ///
  /// - Parameters:
  ///   - flags: by flag; they win.
  ///   - environment: by variable, also Caluma's; an empty text counts as not set.
  /// - Throws: the name of the setting that cannot be used, and what it takes.
  static func configuration(
    flags: [String: String], environment: [String: String], processors: Int
  ) throws(ConfigurationError) -> ServerConfiguration {
    let environment = try CalumaVariable.resolve(environment, flags: flags)
    var configuration = ServerConfiguration()
    configuration.loops = processors
    configuration.api.languages = defaultLanguages.split(separator: ",").map(String.init)
    for setting in all {
      let (name, value): (String, String)
      if let flag = flags[setting.flag] {
        (name, value) = (setting.flag, flag)
      } else if let variable = environment[setting.variable], !variable.isEmpty {
        (name, value) = (setting.variable, variable)
      } else {
        continue
      }
      guard setting.apply(value, &configuration) else {
        throw ConfigurationError(name, setting.isSecret ? "…" : value, expected: setting.expected)
      }
    }
    try checkAuthentication(configuration)
    configuration.settleVisibility()
    let limits = configuration.api.limits
    configuration.api.limits.defaultPageSize = min(limits.defaultPageSize, limits.maximumPageSize)
    return configuration
  }

  /// The table of `millrace serve --help`.
  static var help: String {
    all.map { setting in
      "  \(setting.flag) <value>, \(setting.variable)\n      \(setting.meaning) Takes \(setting.expected). Default: "
        + "\(setting.fallback)."
    }.joined(separator: "\n")
  }
}
