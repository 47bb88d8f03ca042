import API
import EventLoop
import Foundation
import Logging
import Postgres

/// A database server of a benchmark's own, with every migration, in a directory that goes with it.
public struct BenchmarkDatabase {
  public let directory: String
  public let database: Database
  public let conninfo: String
  /// The number of the server's first process.
  private let postmaster: Int32

  /// Runs `body` on a loop with a fresh database; its result is the process's exit status, 2 where it throws.
  public static func run(
    _ name: String, configure: @escaping @Sendable (inout DatabaseConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (BenchmarkDatabase) async throws -> Int32
  ) throws {
    let loop = try EventLoop(name: "benchmark")
    loop.execute {
      loop.start {
        do {
          exit(try await within(name, on: loop, configure, body))
        } catch {
          print(error)
          exit(2)
        }
      }
    }
    loop.run()
  }

  private static func within(
    _ name: String, on loop: EventLoop, _ configure: (inout DatabaseConfiguration) -> Void,
    _ body: (BenchmarkDatabase) async throws -> Int32
  ) async throws -> Int32 {
    let directory = "/tmp/millrace-\(name)-benchmark-\(getpid())"
    mkdir(directory, 0o755)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let cluster = EmbeddedCluster(directory: directory, loop: loop, logger: .silent)
    try await cluster.start()
    var configuration = DatabaseConfiguration(conninfo: cluster.conninfo)
    configure(&configuration)
    let database = Database(loop: loop, configuration: configuration, logger: .silent)
    try await database.start()
    _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
    let file = try String(contentsOfFile: "\(directory)/postgres/postmaster.pid", encoding: .utf8)
    let status = try await body(
      BenchmarkDatabase(
        directory: directory, database: database, conninfo: cluster.conninfo,
        postmaster: Int32(file.prefix { $0.isNumber }) ?? 0))
    database.close()
    await cluster.stop()
    return status
  }

  /// Seconds of processor time that the database server has used, ended processes included.
  public func processorTime() -> Double {
    var ticks = 0
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let pid = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = stat.lastIndex(of: ")")
      else { continue }
      // From the third field on: state, parent, …; the times are fields 14 to 17, those of ended children included.
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      guard fields.count > 14, pid == postmaster || fields[1] == "\(postmaster)" else { continue }
      ticks += fields[11...14].reduce(0) { $0 + (Int($1) ?? 0) }
    }
    return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

extension Logger {
  /// Keeps everything to itself.
  public static let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
}
