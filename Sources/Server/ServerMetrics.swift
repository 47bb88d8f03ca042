import CoreMetrics
import HTTPServer
import Monitoring

/// What a loop counts of its requests. Made only where metrics are served.
final class ServerMetrics: @unchecked Sendable {  // confined to its loop's thread
  private struct Key: Hashable {
    let path: String
    let status: Int
  }

  private var counters: [Key: Counter] = [:]
  private let duration = Timer(label: "millrace_graphql_request_seconds")
  private let clock = ContinuousClock()

  static let help = [
    "millrace_receiver_failures_total": "Event receivers that failed.",
    "millrace_hook_attempts_total": "Attempts to tell after-hooks, by what became of them.",
    "millrace_webhook_endpoints_disabled_total": "Times that the hooks of a webhook's address were disabled.",
    "millrace_webhook_request_seconds": "How long webhook endpoints take to answer.",
    "millrace_hook_deliveries_pending": "Deliveries of hooks that wait, in the whole database.",
    "millrace_http_requests_total": "HTTP requests that were answered.",
    "millrace_graphql_request_seconds": "How long answers to /graphql take; streams are not counted.",
    "millrace_database_up": "Whether the database answers.",
    "millrace_info": "Which version this is.",
    "process_start_time_seconds": "When the process began, in seconds since 1970.",
    "process_cpu_seconds_total": "Processor time of the process.",
    "process_resident_memory_bytes": "Memory of the process that is not swapped out.",
    "process_open_fds": "Open files and connections of the process.",
  ]

  /// Paths that are told apart; all others are one.
  private static let paths: Set<String> = ["/", "/graphql", "/healthz", "/readyz", "/metrics"]

  var now: ContinuousClock.Instant { clock.now }

  func note(path: String, status: Int, since began: ContinuousClock.Instant) {
    let isGraphQL = path == "/graphql" || path.hasPrefix("/graphql/")
    let key = Key(path: isGraphQL ? "/graphql" : Self.paths.contains(path) ? path : "other", status: status)
    let counter =
      counters[key]
      ?? Counter(label: "millrace_http_requests", dimensions: [("path", key.path), ("status", "\(status)")])
    counters[key] = counter
    counter.increment()
    if isGraphQL {
      let (seconds, attoseconds) = (clock.now - began).components
      duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
  }

  /// The page for Prometheus.
  static func response(_ registry: MetricRegistry, databaseIsUp: Bool, pending: Int64?) -> HTTPResponse {
    ProcessMetrics.update()
    Meter(label: "millrace_info", dimensions: [("version", MillraceVersion.current)]).set(1)
    Meter(label: "millrace_database_up").set(databaseIsUp ? 1 : 0)
    Meter(label: "millrace_hook_deliveries_pending").set(pending.map { Double($0) } ?? .nan)
    return HTTPResponse(status: 200, contentType: MetricRegistry.contentType, text: registry.text())
  }
}
