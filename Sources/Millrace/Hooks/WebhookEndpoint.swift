import Webhooks
import WorkflowStore

/// What a worker knows of an address: how much is under way, and whether it works.
struct WebhookEndpoint: Sendable {
  private var inFlight = 0
  private var breaker = CircuitBreaker()
  /// The receiver asked to be left alone until then.
  private var notBefore: UInt64 = 0

  /// How many requests may be sent now.
  func room(_ capacity: Int, at now: UInt64) -> Int {
    notBefore > now ? 0 : breaker.allowed(capacity - inFlight, at: now)
  }

  /// Milliseconds until it is tried again; nil when nothing but the end of a request has to be waited for.
  func wait(at now: UInt64) -> UInt64? {
    let asked = notBefore > now ? notBefore - now : nil
    let open = breaker.wait(at: now)
    return asked == nil && open == nil ? nil : max(asked ?? 0, open ?? 0)
  }

  /// Nothing is under way and nothing is wrong.
  var isIdle: Bool { inFlight == 0 && breaker == CircuitBreaker() && notBefore == 0 }

  mutating func began(at now: UInt64) {
    inFlight += 1
    breaker.began(at: now)
  }

  /// - Returns: whether the endpoint works as far as is known.
  mutating func ended(_ outcome: WebhookOutcome, at now: UInt64) -> Bool {
    inFlight -= 1
    switch outcome {
    case .delivered, .gone:
      breaker.succeeded()
      notBefore = 0
    case .failed(_, let status, _, let retryAfter):
      if let retryAfter { notBefore = max(notBefore, now + UInt64(retryAfter)) }
      // A receiver that refuses a message is there all the same.
      if let status, status < 500, status != 429 { breaker.succeeded() } else { breaker.failed(at: now) }
    case .notSent: breaker.abandoned(at: now)
    }
    return breaker.isClosed
  }
}

extension Hook {
  /// The `type` of a webhook's message.
  func webhookType(event: String) -> String {
    switch trigger {
    case .event: event
    case .transition, .completion: trigger.kind
    }
  }
}
