import API
import Authentication
import HTTPClient
import HTTPServer
import Logging
import Millrace

/// Everything that can be set, from flags and the environment. A flag wins over its variable.
struct ServerConfiguration: Sendable {
  var host = "127.0.0.1"
  var port: UInt16 = 8000
  var loops = 1
  var dataDirectory = ".millrace"
  /// Nil for the embedded cluster.
  var databaseURL: String?
  var modules: [String] = []
  /// Which of the registered extensions are in use.
  var extensions = ExtensionSelection()
  var authentication = AuthenticationConfiguration()
  /// Whether somebody has said for whom tokens have to be.
  var hasAudience = false
  /// Whose certificates the identity provider may have.
  var providerTrust = HTTPClientConfiguration.Trust.system
  /// Origins that browsers may call from; `*` for all, empty for none.
  var corsOrigins: [String] = []
  /// Who may read the schema; nil decides by whether tokens are verified.
  var introspection: APISettings.Introspection?
  /// Whether messages suggest names of the schema; nil decides in the same way.
  var suggestions: Bool?
  var statusProfile = ResponseFormat.Profile.compatible
  var csrfProtection = CSRFProtection.on
  /// Bytes of a response from which it is compressed; 0 for never.
  var compressFrom = 1_024
  /// Seconds for which a client may reuse the response of a persisted query without asking.
  var persistedMaxAge = 0
  /// A folder or a manifest of documents that clients may name; nil for none.
  var trustedDocuments: String?
  var onlyTrustedDocuments = false
  /// Bytes for documents that clients have brought, in all loops together; 0 for none.
  var persistedQueryBytes = 8 << 20
  var streams = StreamSettings()
  var uploads = UploadSettings()
  var logLevel = Logger.Level.info
  var logFormat = LogFormat.human
  /// Whether /metrics is there.
  var servesMetrics = false
  var shutdownGrace: UInt64 = 10_000
  var readConnections = 4
  var transactionConnections = 8
  var hookBackend = HookBackendChoice.database
  var hooks = HookSettings()
  var work = WorkSettings()
  var http = HTTPServerConfiguration()
  var api = APISettings()

  /// Shows the schema to those who are known, where anybody is, unless somebody has said otherwise.
  mutating func settleVisibility() {
    let isKnown = authentication.verifiesTokens
    // A static token may stand for nobody in particular; where all have to bring it, all have shown who they are.
    let automatic = isKnown && authentication.allowsAnonymous ? APISettings.Introspection.authenticated : .everyone
    api.introspection = introspection ?? automatic
    api.suggestions = suggestions ?? !isKnown
  }

  enum HookBackendChoice: String, CaseIterable, Sendable {
    case database, memory
  }

  enum LogFormat: String, CaseIterable, Sendable {
    case human, json
  }
}

/// A setting that cannot be used.
struct ConfigurationError: Error, CustomStringConvertible {
  let description: String

  init(_ name: String, _ value: String, expected: String) {
    description = "\(name): \"\(value)\" is not \(expected)."
  }

  init(_ description: String) {
    self.description = description
  }
}
