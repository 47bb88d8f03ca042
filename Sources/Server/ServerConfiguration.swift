import API
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
  /// The user and group of every request without a token; nil leaves callers anonymous.
  var developmentUser: String?
  var developmentGroup: String?
  /// Requests with this bearer token act as the development user.
  var bearerToken: String?
  /// Origins that browsers may call from; `*` for all, empty for none.
  var corsOrigins: [String] = []
  var logLevel = Logger.Level.info
  var logFormat = LogFormat.human
  var shutdownGrace: UInt64 = 10_000
  var readConnections = 4
  var transactionConnections = 8
  var http = HTTPServerConfiguration()
  var api = APISettings()

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
}
