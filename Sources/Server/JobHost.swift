import Glibc
import Logging
import Millrace
import Postgres

/// The server's part in doing what is scheduled.
final class JobHost: @unchecked Sendable {  // touched by the control loop's thread only
  let runtime: WorkRuntime
  private let receivers: ReceiverTable
  private let extensions: ExtensionTable
  private let logger: Logger
  private let host: WorkerHost

  init(
    _ configuration: ServerConfiguration, receivers: ReceiverTable, extensions: ExtensionTable, logger: Logger
  ) {
    runtime = WorkRuntime(
      handlers: extensions.flowJobs.merging(receivers.handlers.handlers) { _, own in own }, settings: configuration.work
    )
    self.receivers = receivers
    self.extensions = extensions
    self.logger = logger
    host = WorkerHost(channel: "millrace_work", logger: logger)
  }

  func start(conninfo: String, signals: EventSignals, hooks: HookRuntime) async throws {
    let (runtime, receivers, extensions, logger) = (runtime, receivers, extensions, logger)
    try await host.start(
      conninfo: conninfo, concurrency: runtime.settings.concurrency, signals: signals, listens: true
    ) { database in
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: hooks, work: runtime, logger: logger)
      try await service.saveFlows()
      return JobWorker(service: service, name: Self.name)
    }
  }

  /// Of this process, for people who look who is at something.
  private static var name: String {
    var buffer = [CChar](repeating: 0, count: 256)
    let isKnown = gethostname(&buffer, buffer.count - 1) == 0
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let host = isKnown ? String(decoding: text, as: UTF8.self) : "server"
    return "\(host)/\(getpid())"
  }

  func stop(graceMilliseconds: UInt64) async {
    await host.stop(graceMilliseconds: graceMilliseconds)
  }
}
