import Flows
import Millrace
import Postgres
import WorkflowEngine

/// Jobs and timers with effects in the database, for tests with several processes.
enum Works: MillraceModule {
  static let name = "works"

  static func register(_ events: inout ReceiverRegistry) {
    events.handlers.register("work") { job in
      var parameters = Parameters()
      parameters.append(Int32(job.attempt))
      // Stays, whatever becomes of the attempt.
      try await job.execute("insert into begun (attempt) values ($1)", parameters)
      let attempt = job.attempt
      let isHeldBefore = attempt == 1 && job.payload["hold"]?.text == "before"
      let isHeldInside = attempt == 1 && job.payload["hold"]?.text == "inside"
      while isHeldBefore, try await !job.query("select exists (select 1 from gate)").bool(0, 0) {
        _ = try await job.query("select pg_sleep(0.02)")
      }
      job.atEnd { end in
        var parameters = Parameters()
        parameters.append(Int32(attempt))
        // Without a unique key, so that a second effect would stay.
        try await end.query("insert into effects (attempt) values ($1)", parameters)
        if isHeldInside { try await end.query("select pg_sleep(600)") }
      }
    }
  }

  static func extend(_ extensions: inout ExtensionRegistry) {
    extensions.flow(MinuteFlow.self)
  }
}

/// Waits for a moment.
struct MinuteFlow: Flow {
  let start = flow.start().next(this.soon)
  let soon = flow.timer(.seconds(2)).next(this.end)
  let end = flow.end()
}
