import EventLoop
import Logging
import Postgres
import Webhooks
import WorkflowEngine
import WorkflowStore

extension HookWorker {
  /// Why a function's transaction ended without its delivery being done.
  private enum Ended: Error {
    /// Another worker has the delivery.
    case lost
    /// The hook is disabled or was removed.
    case disabled
    /// The function did well, but it was a test.
    case testUndone
  }

  // MARK: Functions

  /// Runs the function of a claim: what it does and that it is done are one transaction.
  func run(_ claim: Claim) async {
    do {
      guard claim.delivery.attempts <= lastAttempt(claim) else {
        throw MillraceError(.receiverFailed, Self.endedEachTime)
      }
      let deadline = service.database.loop.now + settings.functionTimeout
      let aftermath = try await service.database.transaction(deadline: deadline) { transaction in
        try await self.attempt(claim, in: transaction)
      }
      HookMetrics.note(.delivered, hook: claim.hook.name)
      service.conclude(aftermath)
    } catch Ended.lost {
      HookMetrics.note(.lost, hook: claim.hook.name)
      logger.notice("A delivery was taken over by another worker.", metadata: metadata(claim))
    } catch Ended.disabled {
      await release([claim])
    } catch Ended.testUndone {
      await settle(claim) { transaction in
        self.backend.finish(
          claim.delivery.id, token: claim.token, responseStatus: nil, response: nil, in: transaction)
      }
    } catch {
      await fail(claim, HookFailure(Self.message(error), retryAfter: pause(after: claim)))
    }
  }

  private func attempt(_ claim: Claim, in transaction: Transaction) async throws -> CaseService.Aftermath {
    guard let hook = try await backend.hold(claim.delivery.id, token: claim.token, in: transaction) else {
      throw Ended.lost
    }
    guard hook.isEnabled else { throw Ended.disabled }
    guard case .function(let name) = hook.action, let function = service.hooks.functions[name] else {
      throw MillraceError(.receiverFailed, "The function of the hook is not linked into this server.")
    }
    guard let call = HookCall(payload: claim.delivery.payload, hook: hook, delivery: claim.delivery) else {
      throw MillraceError(.receiverFailed, Self.unreadable)
    }
    let run = BackgroundRun(
      service: service, transaction: transaction, caller: Caller(user: call.user, group: call.group),
      depth: claim.delivery.depth)
    defer { run.end() }
    // Given up, the transaction goes away, and with it what the function wrote.
    let context = HookContext(place: .delivery(run), logger: logger)
    try await ReceiverRace.run(
      on: service.database.loop, milliseconds: settings.functionTimeout, subject: "The function"
    ) {
      try await function(call, context)
    }
    if call.isTest { throw Ended.testUndone }
    backend.finish(claim.delivery.id, token: claim.token, responseStatus: nil, response: nil, in: transaction)
    return run.aftermath
  }

  private static func message(_ error: any Error) -> String {
    let text = (error as? MillraceError)?.message ?? "\(error)"
    return String(text.prefix(2_000)).filter { $0 != "\0" }
  }

  // MARK: Webhooks

  /// Notes what became of a webhook's attempt.
  func settle(_ claim: Claim, _ outcome: WebhookOutcome, url: String, endpointWorks: Bool) async {
    switch outcome {
    case .delivered(let status, let response):
      HookMetrics.note(.delivered, hook: claim.hook.name)
      await settle(claim) { transaction in
        self.backend.finish(
          claim.delivery.id, token: claim.token, responseStatus: Int32(status), response: response, in: transaction)
      }
    case .failed(let message, let status, let response, let retryAfter):
      let pause = pause(after: claim).map { max($0, retryAfter ?? 0) }
      await fail(
        claim,
        HookFailure(message, responseStatus: status.map { Int32($0) }, response: response, retryAfter: pause))
      // Days of attempts were in vain, and nothing else has come through.
      if pause == nil, claim.hook.onError == .retry, claim.delivery.sequence != nil, !endpointWorks {
        await disable(url, "Every attempt of a delivery failed: \(message)")
      }
    case .gone(let response):
      let failure = HookFailure(
        "The endpoint answered 410: it wants no more of these.", responseStatus: 410, response: response)
      await fail(claim, failure)
      await disable(url, "The endpoint answered 410.")
    case .notSent:
      await release([claim])
    }
  }

  private func disable(_ url: String, _ reason: String) async {
    HookMetrics.noteDisabledEndpoint()
    logger.error("A webhook endpoint is disabled.", metadata: ["url": "\(url)", "reason": "\(reason)"])
    do {
      try await service.database.transaction { transaction in
        self.backend.disable(url: url, reason: reason, in: transaction)
      }
    } catch {
      logger.warning("A webhook endpoint could not be disabled.", metadata: ["reason": "\(error)"])
    }
  }

  // MARK: Settling

  private func fail(_ claim: Claim, _ failure: HookFailure) async {
    HookMetrics.note(failure.retryAfter == nil ? .dead : .retry, hook: claim.hook.name)
    var metadata = metadata(claim)
    metadata["cause"] = "\(failure.message)"
    metadata["attempt"] = "\(claim.delivery.attempts)"
    logger.warning(failure.retryAfter == nil ? "A hook failed for good." : "A hook failed.", metadata: metadata)
    await settle(claim) { transaction in
      self.backend.fail(claim.delivery.id, token: claim.token, failure, in: transaction)
    }
  }

  /// Gives claims back, for any worker to take.
  func release(_ claims: [Claim]) async {
    for (token, group) in Dictionary(grouping: claims, by: \.token) {
      await settle(group[0]) { transaction in
        self.backend.release(group.map(\.delivery.id), token: token, in: transaction)
      }
    }
  }

  /// If this fails, the lease runs out and the delivery is made again.
  private func settle(_ claim: Claim, _ body: (Transaction) -> Void) async {
    do {
      try await service.database.transaction { body($0) }
    } catch {
      var metadata = metadata(claim)
      metadata["reason"] = "\(error)"
      logger.warning("What became of a delivery could not be noted.", metadata: metadata)
    }
  }

  private func metadata(_ claim: Claim) -> Logger.Metadata {
    [
      "hook": "\(claim.hook.name)", "delivery": "\(claim.delivery.id)", "family": "\(claim.delivery.family)",
      "event": "\(claim.delivery.event)",
    ]
  }
}
