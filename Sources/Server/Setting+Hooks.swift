import Millrace
import Webhooks

extension Setting {
  /// Hooks and webhooks.
  static let hooks: [Setting] = [
    choice(
      "MILLRACE_HOOK_BACKEND", "--hook-backend", "database",
      "Where hooks are registered: in the database, for every server, or in this server's memory, for development."
    ) { $1.hookBackend = $0 },
    Setting(
      "MILLRACE_HOOK_RETRIES", "--hook-retries", "seconds with commas", "5,300,1800,7200,18000,36000,50400,72000,86400",
      "Pauses after each failure of a hook or webhook; after the last one it is dead."
    ) {
      let parts = $0.split(separator: ",").map { Double($0.filter { $0 != " " }) }
      let pauses = parts.compactMap(\.self).filter { $0 >= 0 && $0 <= 31_536_000 }
      guard pauses.count == parts.count, parts.count <= 100 else { return false }
      $1.hooks.retries = RetrySchedule(milliseconds: pauses.map { Int64($0 * 1_000) })
      return true
    },
    number(
      "MILLRACE_HOOK_LEASE", "--hook-lease", 100...3_600_000, "30000",
      "Milliseconds after which another server takes over what a server has claimed and not finished."
    ) { $1.hooks.lease = Int64($0) },
    number(
      "MILLRACE_HOOK_CONCURRENCY", "--hook-concurrency", 1...64, "4",
      "Functions of hooks that run at once, each with a database connection."
    ) { $1.hooks.functionConcurrency = $0 },
    number(
      "MILLRACE_HOOK_TIMEOUT", "--hook-timeout", 10...3_600_000, "30000",
      "Milliseconds that a hook's function may take after the commit."
    ) { $1.hooks.functionTimeout = UInt64($0) },
    number(
      "MILLRACE_HOOK_RETENTION", "--hook-retention", 1...36_500, "30",
      "Days for which finished deliveries can be looked at."
    ) { $1.hooks.retention = Int64($0) * 86_400 },
    number(
      "MILLRACE_WEBHOOK_TIMEOUT", "--webhook-timeout", 100...600_000, "15000", "Milliseconds that a webhook may take."
    ) { $1.hooks.webhooks.timeout = UInt64($0) },
    number(
      "MILLRACE_WEBHOOK_CONCURRENCY", "--webhook-concurrency", 1...256, "16",
      "Webhooks that are sent to one endpoint at once."
    ) { $1.hooks.endpointConcurrency = $0 },
    yesOrNo(
      "MILLRACE_WEBHOOK_LOOPBACK", "--webhook-loopback", "no",
      "Whether webhooks may be sent to this machine: for development. Private addresses are never sent to."
    ) { $1.hooks.webhooks.allowsLoopback = $0 },
  ]
}
