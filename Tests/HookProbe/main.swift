import Millrace
import Postgres
import Server
import WorkflowEngine

/// A server with a hook function that writes into the database, for tests with several processes.
enum Effects: MillraceModule {
  static let name = "effects"

  static func register(_ events: inout ReceiverRegistry) {
    events.on(.postCreateCase, name: "quarrels") { _, _ in throw MillraceError(.invalidState, "Never.") }
    events.hookFunction("broken") { _, _ in throw MillraceError(.invalidState, "Never.") }
    events.hookFunction("effect") { call, context in
      var parameters = Parameters()
      parameters.append(call.name)
      parameters.append(call.case.family.uuid)
      parameters.append(call.sequence)
      parameters.append(Int32(call.attempt))
      // Without a unique key, so that a second effect would stay.
      try await context.query(
        "insert into effects (hook, family, seq, attempt) values ($1, $2, $3, $4)", parameters)
    }
  }
}

MillraceCommandLine.main(modules: [Effects.self, Works.self])
