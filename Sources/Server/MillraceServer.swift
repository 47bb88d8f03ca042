import API
import Authentication
import CLibuv
import EventLoop
import Glibc
import GraphQL
import HTTPServer
import Logging
import Millrace
import Monitoring
import Postgres

/// The composition root: starts everything in order and stops it in the reverse one.
final class MillraceServer: @unchecked Sendable {  // touched by the control loop's thread only
  private let configuration: ServerConfiguration
  private let receivers: ReceiverTable
  private let extensions: ExtensionTable
  private let schema: APISchema
  private let logger: Logger
  private let readiness = Readiness()
  private let reservations = EventStreamReservations()
  private let signals = EventSignals()
  private let operations: UserOperations
  /// What all loops know of the identity provider's keys.
  private let providerKeys: ProviderKeys
  private var relay: EventRelay?
  private var cluster: EmbeddedCluster?
  private var group: EventLoopGroup?
  private var servers: [HTTPServer] = []
  private var databases: [Database] = []
  private let hooks: HookHost
  private let registry: MetricRegistry?
  private let jobs: JobHost
  private var documents = PersistedDocuments()

  init(
    configuration: ServerConfiguration, receivers: ReceiverTable, extensions: ExtensionTable,
    registry: MetricRegistry?, logger: Logger
  ) throws {
    self.registry = registry
    self.configuration = configuration
    operations = UserOperations(maximum: configuration.api.limits.maxUserOperations)
    providerKeys = ProviderKeys(configuration.authentication)
    self.receivers = receivers
    self.extensions = extensions
    self.logger = logger
    hooks = HookHost(configuration, receivers: receivers, extensions: extensions, logger: logger)
    jobs = JobHost(configuration, receivers: receivers, extensions: extensions, logger: logger)
    schema = try APISchema()
    try schema.check(extensions)
  }

  /// Starts, serves until SIGTERM or SIGINT, stops. Runs on the calling thread.
  ///
  /// - Throws: why the server cannot start.
  static func run(
    _ configuration: ServerConfiguration, receivers: ReceiverTable, extensions: ExtensionTable,
    registry: MetricRegistry? = nil, logger: Logger
  ) throws {
    let server = try MillraceServer(
      configuration: configuration, receivers: receivers, extensions: extensions, registry: registry, logger: logger)
    // Not a serving loop: it has the cluster and the signals, so that these never wait for a request.
    let control = try EventLoop(name: "control")
    let failure = FailureBox()
    control.execute {
      control.start {
        do {
          try await server.start(on: control)
          try server.stopOnSignals(control)
        } catch {
          failure.error = error
          await server.stop(on: control)
          control.stop()
        }
      }
    }
    control.run()
    if let error = failure.error { throw error }
  }

  private final class FailureBox: @unchecked Sendable {  // written before the control loop ends, read after
    var error: (any Error)?
  }

  // MARK: Starting

  private func start(on control: EventLoop) async throws {
    // What only needs this process comes first: a database that starts for nothing takes seconds.
    try checkAddress()
    documents = try persistedDocuments()
    try checkUploads()
    let conninfo = try await databaseAddress(on: control)
    try await prepareDatabase(conninfo, on: control)
    try await hooks.start(conninfo: conninfo, signals: signals, work: jobs.runtime)
    try await jobs.start(conninfo: conninfo, signals: signals, hooks: hooks.runtime)
    let relay = EventRelay(
      loop: control, database: DatabaseConfiguration(conninfo: conninfo), signals: signals, logger: logger)
    self.relay = relay
    relay.start()
    let group = try EventLoopGroup(count: configuration.loops)
    self.group = group
    group.start()
    var port = configuration.port
    for loop in group.loops {
      let chosen = port
      let (server, database, bound) = try await loop.run { [self] in
        try await serve(on: loop, conninfo: conninfo, port: chosen)
      }
      servers.append(server)
      databases.append(database)
      port = bound
    }
    ProcessMemory.release()
    logger.info(
      "Millrace is ready.",
      metadata: [
        "address": "http://\(configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host):\(port)/",
        "database": "\(cluster == nil ? "external" : "embedded in \(configuration.dataDirectory)")",
        "loops": "\(configuration.loops)",
        "modules": "\(configuration.modules.isEmpty ? "none" : configuration.modules.joined(separator: ","))",
      ])
  }

  private func checkAddress() throws(StartFailure) {
    do throws(EventLoopError) {
      try HTTPServer.checkAddressIsFree(host: configuration.host, port: configuration.port)
    } catch {
      let isTaken = error.code == UV_EADDRINUSE.rawValue
      throw StartFailure(
        isTaken
          ? "Another process listens on \(configuration.host):\(configuration.port): stop it, or choose another --port."
          : error.description)
    }
  }

  /// A folder that takes no files is told of at the start, not to the first user who sends one.
  private func checkUploads() throws(StartFailure) {
    let uploads = configuration.uploads
    guard uploads.maximumUploads > 0 else { return }
    do throws(UploadWriter.Failure) {
      close(try UploadWriter.open(in: uploads.directory))
    } catch {
      throw StartFailure(
        "--upload-directory: \(uploads.directory) takes no files: \(error.reason). Choose another folder, or take no "
          + "files: --max-uploads 0.")
    }
  }

  /// What clients may name instead of sending it.
  private func persistedDocuments() throws(StartFailure) -> PersistedDocuments {
    guard let path = configuration.trustedDocuments else {
      guard !configuration.onlyTrustedDocuments else {
        throw StartFailure("--only-trusted-documents needs --trusted-documents.")
      }
      return PersistedDocuments(automaticBytes: configuration.persistedQueryBytes)
    }
    let trusted = try TrustedDocuments.load(path, schema: schema, settings: configuration.api)
    logger.info("Trusts documents.", metadata: ["path": "\(path)", "documents": "\(trusted.count)"])
    return PersistedDocuments(
      trusted: trusted, onlyTrusted: configuration.onlyTrustedDocuments,
      automaticBytes: configuration.persistedQueryBytes)
  }

  /// The configured database, or the embedded one, which is started.
  private func databaseAddress(on control: EventLoop) async throws -> String {
    if let address = configuration.databaseURL { return address }
    let cluster = EmbeddedCluster(directory: configuration.dataDirectory, loop: control, logger: logger)
    self.cluster = cluster
    try await cluster.start()
    return cluster.conninfo
  }

  /// The embedded database is this server's own to migrate; an external one only when it is asked to.
  private func prepareDatabase(_ conninfo: String, on loop: EventLoop) async throws {
    let database = Database(loop: loop, configuration: Self.small(conninfo), logger: logger)
    try await database.start()
    defer { database.close() }
    let migrator = Migrator(database: database, known: EmbeddedMigrations.all)
    if cluster != nil {
      let applied = try await migrator.run()
      if !applied.isEmpty {
        logger.info("Migrated the database.", metadata: ["applied": "\(applied.joined(separator: ","))"])
      }
      return
    }
    let missing = try await migrator.pending()
    readiness.setMissing(missing)
    if !missing.isEmpty {
      throw StartFailure(
        "The database lacks the migrations \(missing.joined(separator: ", ")): "
          + "run `millrace migrate` with the same DATABASE_URL."
      )
    }
  }

  /// For work that is done once: a connection of each kind.
  static func small(_ conninfo: String) -> DatabaseConfiguration {
    var configuration = DatabaseConfiguration(conninfo: conninfo)
    configuration.readConnections = 1
    configuration.transactionConnections = 1
    return configuration
  }

  private func serve(
    on loop: EventLoop, conninfo: String, port: UInt16
  ) async throws -> (HTTPServer, Database, UInt16) {
    var settings = DatabaseConfiguration(conninfo: conninfo)
    settings.readConnections = configuration.readConnections
    settings.transactionConnections = configuration.transactionConnections
    settings.statementTimeout = configuration.api.requestTimeout
    let database = Database(loop: loop, configuration: settings, logger: logger)
    try await database.start()
    database.onAnnouncement = { [signals] in signals.committed($0) }
    let service = GraphQLService(
      schema: schema, database: database, receivers: receivers, extensions: extensions, hooks: hooks.runtime,
      work: jobs.runtime, settings: configuration.api, documents: documents, signals: signals,
      operations: operations, logger: logger)
    // Servers share the work: whoever comes second finds less to do.
    loop.timer(after: .random(in: 10_000...70_000), repeating: 60_000) {
      loop.start { await service.forgetRequests() }
    }
    let handler = RequestHandler(
      loop: loop, service: service,
      authenticator: try CallerAuthenticator(
        loop: loop, configuration: configuration, keys: providerKeys, factory: extensions.userFactory,
        logger: logger),
      configuration: configuration, readiness: readiness, reservations: reservations, registry: registry, logger: logger
    )
    var http = configuration.http
    http.host = configuration.host
    http.port = port
    let server = HTTPServer(loop: loop, configuration: http, handler: handler, logger: logger)
    return (server, database, try server.start())
  }

  // MARK: Stopping

  private func stopOnSignals(_ control: EventLoop) throws {
    for number in [SIGTERM, SIGINT] {
      var isStopping = false
      _ = try control.signal(number) { [self] in
        guard !isStopping else {
          logger.warning("Stopped at once by a second signal.")
          exit(1)
        }
        isStopping = true
        logger.info("Stopping.")
        control.start { [self] in
          await stop(on: control)
          logger.info("Stopped.")
          control.stop()
        }
      }
    }
    // Signal watchers do not keep a loop alive, and nothing else might.
    control.timer(after: 3_600_000, repeating: 3_600_000) {}
  }

  private func stop(on control: EventLoop) async {
    let grace = configuration.shutdownGrace
    await withTaskGroup(of: Void.self) { tasks in
      for (server, database) in zip(servers, databases) {
        tasks.addTask {
          try? await server.loop.run {
            await server.stop(graceMilliseconds: grace)
            database.close()
          }
        }
      }
    }
    relay?.close()
    group?.stop()
    group?.join()
    // Until here requests have filled the queue, and until its worker is done it fills the outbox.
    await jobs.stop(graceMilliseconds: grace)
    await hooks.stop(graceMilliseconds: grace)
    await cluster?.stop()
  }
}

/// Why a server does not start, as a sentence for the operator.
struct StartFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
