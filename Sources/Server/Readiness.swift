import HTTPServer
import Synchronization

/// Whether the server can do its work: the database answers and its layout is this version's.
final class Readiness: Sendable {
  private let missing = Mutex<[String]>([])

  /// Migrations that the database lacks.
  func setMissing(_ names: [String]) {
    missing.withLock { $0 = names }
  }

  func response(database isAvailable: Bool) -> HTTPResponse {
    let names = missing.withLock { $0 }
    let isReady = isAvailable && names.isEmpty
    let list = names.map { "\"\($0)\"" }.joined(separator: ",")
    return HTTPResponse(
      status: isReady ? 200 : 503, contentType: "application/json",
      text: "{\"ready\":\(isReady),\"database\":\(isAvailable),\"missingMigrations\":[\(list)]}\n")
  }
}
