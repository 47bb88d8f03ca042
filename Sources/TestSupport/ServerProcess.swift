import Foundation

/// The built server as a process of its own.
public final class ServerProcess: @unchecked Sendable {  // one test owns it
  private let process = Process()
  private let log: String
  public private(set) var port: UInt16 = 0

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Starts the server and waits until it is ready.
  ///
  /// - Parameter program: the executable's name.
  /// - Throws: what it logged, when it ends instead.
  public init(
    program: String = "millrace", arguments: [String] = [], environment: [String: String] = [:]
  ) throws {
    let binary = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent(program)
    log = "\(try TestFiles.directory("server"))/log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL =
      FileManager.default.fileExists(atPath: binary.path) ? binary : Self.inBuildDirectory(program)
    process.arguments = ["serve", "--port", "0", "--loops", "1"] + arguments
    process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""].merging(environment) { _, new in
      new
    }
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    TestReaper.watch(process.processIdentifier)
    let deadline = Date().addingTimeInterval(60)
    while Date() < deadline {
      let text = logged
      if let start = text.range(of: "address=http://127.0.0.1:") {
        port = UInt16(text[start.upperBound...].prefix { $0.isNumber }) ?? 0
        return
      }
      guard process.isRunning else { throw Failure(description: text) }
      usleep(10_000)
    }
    throw Failure(description: "The server did not become ready: \(logged)")
  }

  /// The test bundle may be run from elsewhere; the build directory is next to it then.
  private static func inBuildDirectory(_ program: String) -> URL {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.appendingPathComponent(".build/debug/\(program)")
  }

  public var logged: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
  public var pid: Int32 { process.processIdentifier }
  public var isRunning: Bool { process.isRunning }

  /// Stops the server as an operator would, and answers its exit status.
  @discardableResult
  public func stop() -> Int32 {
    if process.isRunning { process.terminate() }
    wait()
    return process.terminationStatus
  }

  /// Ends the server as a power failure would.
  public func killHard() {
    kill(pid, SIGKILL)
    wait()
  }

  private func wait() {
    process.waitUntilExit()
    TestReaper.forget(pid)
  }

  deinit {
    if process.isRunning {
      kill(pid, SIGTERM)
      wait()
    }
  }
}

/// Waits for a condition; false when it did not come true in time.
public func eventually(within seconds: Double, _ condition: () -> Bool) -> Bool {
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}
