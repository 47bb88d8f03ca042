import Foundation
import Postgres

/// The files of `migrations/`, read from the checkout.
enum TestMigrations {
  static let all: [Migration] = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let folder = root.appendingPathComponent("migrations").path
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    return names.compactMap { name in
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).map { Migration(name: name, sql: $0) }
    }
  }()
}
