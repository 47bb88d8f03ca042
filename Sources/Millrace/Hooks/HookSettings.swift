import Webhooks

/// What of hooks can be set.
public struct HookSettings: Sendable {
  /// When a failed delivery is tried again. Default: Standard Webhooks' schedule.
  public var retries = RetrySchedule.standard
  /// Milliseconds for which a claimed delivery is the claiming server's alone. Default 30 000; never less than a
  /// webhook may take.
  public var lease: Int64 = 30_000
  /// Milliseconds after which the outbox is looked at without being told to. Default 1 000.
  public var pollInterval: UInt64 = 1_000
  /// Functions that run at once in one server, each with a database connection. Default 4.
  public var functionConcurrency = 4
  /// Milliseconds for the statements of one function. Default 30 000.
  public var functionTimeout: UInt64 = 30_000
  /// Requests to one endpoint at once. Default 16.
  public var endpointConcurrency = 16
  /// Seconds for which finished deliveries can be looked at. Default 30 days.
  public var retention: Int64 = 30 * 86_400
  public var webhooks = WebhookSender.Configuration()

  public init() {}

  var effectiveLease: Int64 { max(lease, Int64(webhooks.timeout) + 1_000) }
}
