import EventLoop
import Glibc
import Logging

/// A Postgres cluster that belongs to one server: made on first use under the server's data directory, reached
/// through a unix socket only, stopped with the server.
public final class EmbeddedCluster: @unchecked Sendable {  // confined to its loop's thread
  public struct Failure: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) {
      self.description = description
    }
  }

  private let loop: EventLoop
  private let logger: Logger
  private let directory: String
  private let durable: Bool
  private var binaries = ""
  private var account: Account?
  private var lock: Int32 = -1
  private var log: Int32 = -1
  private var postmaster: ChildProcess?
  private var isStopping = false
  private var onStopped: (() -> Void)?
  private var restarts = 0

  /// Whose processes the cluster's are when the server runs as root, which Postgres refuses.
  private struct Account {
    let user: UInt32
    let group: UInt32
  }

  private var data: String { "\(directory)/postgres" }
  private let sockets: String

  /// - Parameters:
  ///   - directory: where the cluster lives; made when it is missing.
  ///   - durable: false trades safety for speed, for tests that throw the cluster away.
  public init(directory: String, loop: EventLoop, logger: Logger, durable: Bool = true) {
    let directory = Paths.absolute(directory)
    self.directory = directory
    sockets = Self.socketDirectory(in: directory)
    self.loop = loop
    self.logger = logger
    self.durable = durable
  }

  /// The path of a unix socket is limited to 107 bytes, of which `/.s.PGSQL.5432` needs 15.
  private static func socketDirectory(in directory: String) -> String {
    let sockets = "\(directory)/run"
    guard sockets.utf8.count > 90 else { return sockets }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in directory.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "/tmp/millrace-\(String(hash, radix: 16))"
  }

  /// Whether there is a cluster in the directory.
  public var exists: Bool { Paths.exists("\(directory)/initialised") }

  /// Whether another process has the cluster, which is then reached by `conninfo` and must not be started.
  public var isRunningElsewhere: Bool {
    let lock = open("\(directory)/lock", O_RDONLY | O_CLOEXEC)
    guard lock >= 0 else { return false }
    defer { close(lock) }
    return flock(lock, LOCK_EX | LOCK_NB) != 0
  }

  /// The connection string of the cluster's database, once it is started.
  public var conninfo: String { "host=\(sockets) dbname=postgres user=millrace" }

  // MARK: Starting

  /// Makes the cluster if there is none, and starts it.
  ///
  /// - Throws: a sentence for the operator: another server uses the directory, Postgres is not installed, …
  public func start() async throws {
    binaries = try Self.findBinaries()
    account = try Self.accountToUse()
    try prepareDirectories()
    try takeLock()
    log = open("\(directory)/postgres.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard log >= 0 else { throw Failure("\(directory)/postgres.log cannot be written.") }
    if !Paths.exists("\(directory)/initialised") { try await initialise() }
    try await stopLeftOver()
    try launch()
    try await waitUntilReady()
  }

  private static func findBinaries() throws -> String {
    if let named = environment("MILLRACE_PG_BIN") {
      guard Paths.exists("\(named)/postgres") else {
        throw Failure("MILLRACE_PG_BIN: there is no postgres in \(named).")
      }
      return named
    }
    for version in stride(from: 30, through: 14, by: -1) {
      let candidate = "/usr/lib/postgresql/\(version)/bin"
      if Paths.exists("\(candidate)/postgres"), Paths.exists("\(candidate)/initdb") { return candidate }
    }
    for path in (environment("PATH") ?? "").split(separator: ":")
    where Paths.exists("\(path)/postgres") && Paths.exists("\(path)/initdb") {
      return String(path)
    }
    throw Failure(
      "No Postgres server is installed: install the package postgresql, name its programs in MILLRACE_PG_BIN, or use "
        + "a running server through DATABASE_URL."
    )
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func accountToUse() throws -> Account? {
    guard geteuid() == 0 else { return nil }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) { return Account(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid) }
    }
    throw Failure("Postgres does not run as root, and there is neither a user postgres nor a user nobody.")
  }

  private func prepareDirectories() throws {
    try Paths.makeDirectory(directory, mode: 0o755)
    for path in [data, sockets] {
      try Paths.makeDirectory(path, mode: 0o700)
      chmod(path, 0o700)
      if let account { chown(path, account.user, account.group) }
    }
    guard let account else { return }
    if let closed = Paths.firstUnsearchable(above: data, user: account.user, group: account.group) {
      throw Failure(
        "The embedded Postgres runs as another user than root, which may not enter \(closed). "
          + "Choose another --data-dir, or open that directory for searching (chmod o+x)."
      )
    }
  }

  private func takeLock() throws {
    lock = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw Failure("\(directory)/lock cannot be written.") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      var buffer = [UInt8](repeating: 0, count: 32)
      let count = pread(lock, &buffer, buffer.count, 0)
      close(lock)
      lock = -1
      let holder = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
      throw Failure(
        "Another server (process \(holder.isEmpty ? "unknown" : holder)) uses the data directory \(directory).")
    }
    ftruncate(lock, 0)
    let text = Array(String(getpid()).utf8)
    pwrite(lock, text, text.count, 0)
  }

  /// A first start that was interrupted left no marker: whatever is there is thrown away and made again.
  private func initialise() async throws {
    logger.info("Making a Postgres cluster.", metadata: ["directory": "\(data)"])
    _ = try await runToEnd("/bin/rm", ["-rf", data], asOwner: false)
    try Paths.makeDirectory(data, mode: 0o700)
    if let account { chown(data, account.user, account.group) }
    // Tests run side by side, each with connections of its own.
    var arguments = [
      "-D", data, "-U", "millrace", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust",
    ]
    if !durable { arguments.append("--no-sync") }
    let exit = try await runToEnd("\(binaries)/initdb", arguments, asOwner: true)
    guard exit.status == 0 else { throw Failure("initdb failed; see \(directory)/postgres.log.") }
    let marker = open("\(directory)/initialised", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    fsync(marker)
    close(marker)
  }

  private func runToEnd(
    _ executable: String, _ arguments: [String], asOwner: Bool
  ) async throws -> ChildProcess.Exit {
    var options = ChildProcess.Options(executable: executable, arguments: arguments)
    options.outputDescriptor = log
    options.workingDirectory = "/"
    if asOwner {
      options.user = account?.user
      options.group = account?.group
    }
    return try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try loop.spawn(options) { continuation.resume(returning: $0) }
      } catch {
        continuation.resume(throwing: Failure("\(executable) cannot be started: \(error)"))
      }
    }
  }

  /// A server that was killed may leave its postmaster behind. Nobody else has the lock, so it is ours to stop.
  private func stopLeftOver() async throws {
    guard let pid = Paths.leadingNumber("\(data)/postmaster.pid"), pid > 1, kill(pid, 0) == 0 else { return }
    guard Paths.commandLine(of: pid).contains(data) else { return }
    logger.info("Stopping a Postgres that an earlier server left behind.", metadata: ["pid": "\(pid)"])
    kill(pid, SIGINT)
    for attempt in 0..<600 where kill(pid, 0) == 0 {
      if attempt == 400 { kill(pid, SIGQUIT) }
      try await loop.sleep(milliseconds: 25)
    }
  }

  private func launch() throws {
    var arguments = [
      "-D", data, "-k", sockets, "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700",
      "-c", "max_connections=\(durable ? 200 : 1_000)", "-c", "logging_collector=off", "-c", "log_min_messages=warning",
    ]
    if !durable {
      arguments += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
      // All tests of a process share it.
      arguments += ["-c", "max_connections=1000"]
    }
    var options = ChildProcess.Options(executable: "\(binaries)/postgres", arguments: arguments)
    // When this process is killed the kernel tells the postmaster, which then stops as it would for us.
    if Paths.exists("/usr/bin/setpriv") {
      options.executable = "/usr/bin/setpriv"
      var prefix = ["--pdeathsig", "INT"]
      if let account {
        // A change of user clears the signal, so setpriv changes it itself, before.
        prefix += ["--reuid", "\(account.user)", "--regid", "\(account.group)", "--clear-groups"]
      }
      options.arguments = prefix + ["\(binaries)/postgres"] + arguments
    } else {
      options.user = account?.user
      options.group = account?.group
    }
    options.isDetached = true
    options.outputDescriptor = log
    options.workingDirectory = "/"
    // Sockets left by a killed postmaster are its successor's to replace; they belong to the same user.
    postmaster = try loop.spawn(options) { [self] exit in self.postmasterEnded(exit) }
  }

  private func postmasterEnded(_ exit: ChildProcess.Exit) {
    postmaster = nil
    if isStopping {
      onStopped?()
      onStopped = nil
      return
    }
    restarts += 1
    let pause = min(UInt64(50) << UInt64(min(restarts, 7)), 5_000)
    logger.error(
      "Postgres ended by itself and is started again.",
      metadata: ["status": "\(exit.status)", "signal": "\(exit.signal)", "milliseconds": "\(pause)"])
    loop.timer(after: pause) { [self] in
      guard !isStopping else { return }
      do {
        try launch()
      } catch {
        logger.critical("Postgres cannot be started again.", metadata: ["reason": "\(error)"])
      }
    }
  }

  private func waitUntilReady() async throws {
    let deadline = loop.now + 60_000
    var last = "no answer"
    while loop.now < deadline {
      guard restarts < 5 else { break }
      let connection = Connection(
        loop: loop, session: Connection.Session(conninfo: conninfo, options: "", statementCacheSize: 1),
        logger: logger)
      do throws(PostgresError) {
        try await connection.open(timeout: 1_000)
        connection.close()
        restarts = 0
        return
      } catch {
        last = error.message
      }
      try await loop.sleep(milliseconds: 5)
    }
    throw Failure("Postgres did not start (\(last)); see \(directory)/postgres.log.")
  }

  // MARK: Stopping

  /// Milliseconds that Postgres has to stop in an orderly way.
  private static let patience: UInt64 = 15_000

  /// Stops Postgres and gives the directory free.
  public func stop() async {
    isStopping = true
    if let postmaster {
      await withCheckedContinuation { continuation in
        // What does not end by itself is ended; the next start recovers, as after a power failure.
        let patience = loop.timer(after: Self.patience) { [logger] in
          logger.warning("Postgres does not stop and is ended at once.")
          postmaster.signal(SIGQUIT)
        }
        onStopped = {
          patience.cancel()
          continuation.resume()
        }
        postmaster.signal(SIGINT)
      }
    }
    if log >= 0 { close(log) }
    if lock >= 0 {
      // A child that was forked this moment still has the file: closing it here alone would leave it locked.
      flock(lock, LOCK_UN)
      close(lock)
    }
    log = -1
    lock = -1
  }
}
