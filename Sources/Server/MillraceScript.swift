import API
import Logging
import Millrace
import Postgres

/// A program of its own that works on Millrace's database with the same operations, events, receivers and hooks as a
/// server: imports, repairs, nightly jobs.
///
/// It takes the server's environment variables: the database, and `EVENT_RECEIVER_MODULES` among the modules it links.
/// Hooks that run after the commit are left to the servers.
public enum MillraceScript {
  /// Runs the body and ends; with a sentence for the operator and code 1 if it fails.
  ///
  /// - Parameter user: who acts.
  public static func main(
    modules: [any MillraceModule.Type] = [], as user: User = User(),
    _ body: @escaping @Sendable (WorkflowAPI) async throws -> Void
  ) {
    do {
      try run(modules: modules, as: user, environment: Environment.variables, body)
    } catch {
      Environment.fail(error)
    }
  }

  /// - Parameter environment: the settings, by variable.
  static func run(
    modules linked: [any MillraceModule.Type], as user: User, environment: [String: String],
    _ body: @escaping @Sendable (WorkflowAPI) async throws -> Void
  ) throws {
    let configuration = try Setting.configuration(
      flags: [:], environment: environment, processors: Environment.processors)
    var modules = ModuleList(linked: linked)
    let names = try modules.load(configuration.modules)
    let registry = try modules.receivers(of: names)
    let extensions = try modules.extensions(of: names, selection: configuration.extensions)
    let receivers = ReceiverTable(registry)
    let logger = Environment.logger(configuration)
    try CommandDatabase.with(configuration, mayCreate: true) { database in
      let host = HookHost(configuration, receivers: receivers, extensions: extensions, logger: logger)
      let service = CaseService(
        database: database, receivers: receivers, extensions: extensions, hooks: host.runtime,
        receiverTimeout: configuration.api.receiverTimeout, logger: logger)
      try await body(
        WorkflowAPI(service, caller: user.caller, language: configuration.api.languages.first ?? "en"))
    }
  }
}
