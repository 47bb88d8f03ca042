import CoreMetrics

/// What workers count of after-hooks.
enum HookMetrics {
  /// What became of an attempt.
  enum Outcome: String {
    case delivered
    /// It failed, and there will be another attempt.
    case retry
    /// It failed, and there will be none.
    case dead
    /// Somebody else has the claim by now: what was done is undone, or done again with the same id.
    case lost
  }

  static func note(_ outcome: Outcome, hook: String) {
    Counter(label: "millrace_hook_attempts", dimensions: [("hook", hook), ("outcome", outcome.rawValue)]).increment()
  }

  static func noteDisabledEndpoint() {
    Counter(label: "millrace_webhook_endpoints_disabled").increment()
  }

  static func noteRequest(since began: ContinuousClock.Instant) {
    let (seconds, attoseconds) = (ContinuousClock.now - began).components
    Timer(label: "millrace_webhook_request_seconds")
      .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
