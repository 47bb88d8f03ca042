import EventLoop
import Logging
import Postgres
import Webhooks
import WorkflowEngine
import WorkflowStore

/// Tells hooks what the outbox holds. Any number of workers, in any number of processes, share the outbox: each
/// delivery is claimed by one of them for a time, and whoever has lost its claim cannot finish it.
public final class HookWorker: @unchecked Sendable {  // confined to its loop's thread
  /// A delivery that this worker has claimed.
  struct Claim {
    let delivery: HookDelivery
    let hook: Hook
    let token: EntityID
    /// On the loop's clock.
    let time: UInt64
  }

  let service: CaseService
  let logger: Logger
  /// Called when more may wait than this worker can do. On the loop's thread, often.
  public var onHelpWanted: (() -> Void)?
  private let sender: WebhookSender
  private var functions: [Claim] = []
  /// When the functions began that run now, on the loop's clock.
  private var running: [UInt64] = []
  private var endpoints: [String: WebhookEndpoint] = [:]
  private var requests = 0
  private var rounds = 0
  private let cycle: WorkerCycle
  private var identifiers = FamilyIdentifiers()

  /// Milliseconds that functions take lately; rises at once and falls slowly.
  private var functionTime = 0.0

  /// Claimed functions that wait for their turn here, at most.
  private static let functionBatch = 32

  var backend: any HookBackend { service.hooks.backend }
  var settings: HookSettings { service.hooks.settings }
  private var loop: EventLoop { service.database.loop }

  /// - Parameter service: one of the worker's own, whose database has a connection for each function that runs at
  ///   once and one more.
  public init(service: CaseService) throws {
    self.service = service
    logger = service.logger
    cycle = WorkerCycle(
      loop: service.database.loop, pollInterval: service.hooks.settings.pollInterval,
      complaint: "The outbox cannot be read.", logger: logger)
    sender = try WebhookSender(loop: service.database.loop, configuration: service.hooks.settings.webhooks)
  }

  // MARK: Life

  /// Begins. On the loop's thread.
  public func start() {
    let loop = loop
    // Until `stop`.
    service.hooks.onWake { [self] in
      loop.execute { self.wake() }
    }
    cycle.start { [self] in try await round() }
  }

  /// Stops claiming, waits for what is under way, and gives back what it has not begun.
  public func stop(graceMilliseconds: UInt64) async {
    service.hooks.onWake(nil)
    await cycle.stop()
    let returned = functions
    functions = []
    await release(returned)
    let deadline = loop.now + graceMilliseconds
    while !running.isEmpty || requests > 0, loop.now < deadline {
      await cycle.pause(min(50, deadline - loop.now))
    }
    // Requests that end now are given back, too.
    sender.close()
    let last = loop.now + 1_000
    while requests > 0, loop.now < last { await cycle.pause(20) }
  }

  /// Looks at the outbox without waiting for the next time. On the loop's thread.
  public func wake() { cycle.wake() }

  // MARK: Claiming

  /// Claims what there is room for; answers when to look again, in milliseconds.
  private func round() async throws -> UInt64 {
    rounds += 1
    try await cycle.pruneIfDue {
      try await service.database.transaction {
        try await self.backend.prune(olderThan: self.settings.retention, in: $0)
      } >= DatabaseHookBackend.pruneBatch
    }
    await returnLate()
    let (token, time) = (identifiers.next(), loop.now)
    let (waiting, wanted, claimed) = try await service.database.transaction { transaction in
      let waiting = try await self.backend.waiting(in: transaction)
      let wanted = self.room(for: waiting)
      guard !wanted.isEmpty else { return (waiting, wanted, [HookDelivery]()) }
      let claimed = try await self.backend.claim(
        wanted, token: token, lease: self.settings.effectiveLease, in: transaction)
      return (waiting, wanted, claimed)
    }
    if !claimed.isEmpty, claimed.count == wanted.reduce(0, { $0 + $1.count }) { onHelpWanted?() }
    let hooks = Dictionary(waiting.map { ($0.hook.id, $0.hook) }) { first, _ in first }
    for delivery in claimed {
      guard let hook = hooks[delivery.hook] else { continue }
      let claim = Claim(delivery: delivery, hook: hook, token: token, time: time)
      switch hook.action {
      case .function: functions.append(claim)
      case .webhook(let url, let secrets): begin(claim, url: url, secrets: secrets)
      }
    }
    startFunctions()
    return claimed.isEmpty ? nextLook(waiting) : 0
  }

  /// How many deliveries of each hook may be claimed, beginning with another hook each time.
  private func room(for waiting: [WaitingHook]) -> [(hook: EntityID, count: Int)] {
    var functionRoom = functionRoom
    var requestRoom = settings.webhooks.maximumRequests - requests
    var taken: [String: Int] = [:]
    var wanted: [(hook: EntityID, count: Int)] = []
    for offset in waiting.indices {
      let entry = waiting[(offset + rounds) % waiting.count]
      guard entry.dueIn == 0 else { continue }
      var count = 0
      switch entry.hook.action {
      case .function(let name):
        // Another server may have the function.
        guard service.hooks.functions[name] != nil else { continue }
        count = functionRoom
        functionRoom -= max(count, 0)
      case .webhook(let url, _):
        let free = endpoint(url).room(settings.endpointConcurrency, at: loop.now) - taken[url, default: 0]
        count = min(free, requestRoom)
        taken[url, default: 0] += max(count, 0)
        requestRoom -= max(count, 0)
      }
      if count > 0 { wanted.append((entry.hook.id, count)) }
    }
    return wanted
  }

  /// How many functions may be claimed. Slow ones are not claimed ahead: others may be quicker.
  private var functionRoom: Int {
    let time = max(functionTime, running.min().map { Double(loop.now - $0) } ?? 0, 1)
    let inTime = Double(settings.functionConcurrency) * Double(settings.effectiveLease / 4) / time
    let ahead = min(Self.functionBatch, Int(inTime))
    return settings.functionConcurrency + ahead - running.count - functions.count
  }

  /// Gives back functions whose turn would come too late: a claim that is lost to others counts as an attempt.
  private func returnLate() async {
    let (now, limit) = (loop.now, UInt64(settings.effectiveLease / 2))
    let late = functions.filter { now - $0.time > limit }
    guard !late.isEmpty else { return }
    functions.removeAll { now - $0.time > limit }
    await release(late)
  }

  private func nextLook(_ waiting: [WaitingHook]) -> UInt64 {
    var next = settings.pollInterval
    for entry in waiting {
      if entry.dueIn > 0 {
        next = min(next, UInt64(entry.dueIn))
      } else if case .webhook(let url, _) = entry.hook.action, requests < settings.webhooks.maximumRequests,
        let wait = endpoints[url]?.wait(at: loop.now)
      {
        next = min(next, wait)
      }
    }
    return max(next, 1)
  }

  // MARK: Functions

  private func startFunctions() {
    while running.count < settings.functionConcurrency, !functions.isEmpty, !cycle.isStopping {
      let claim = functions.removeFirst()
      let began = loop.now
      running.append(began)
      loop.start { [self] in
        await run(claim)
        if let place = running.firstIndex(of: began) { running.remove(at: place) }
        let time = Double(loop.now - began)
        functionTime = max(time, functionTime + (time - functionTime) / 8)
        startFunctions()
        // Room for more, or the next one of an ordered family.
        wake()
      }
    }
  }

  // MARK: Webhooks

  private func endpoint(_ url: String) -> WebhookEndpoint {
    endpoints[url] ?? WebhookEndpoint()
  }

  private func begin(_ claim: Claim, url: String, secrets: [String]) {
    endpoints[url, default: WebhookEndpoint()].began(at: loop.now)
    requests += 1
    loop.start { [self] in
      let began = ContinuousClock.now
      let outcome = await send(claim, url: url, secrets: secrets)
      HookMetrics.noteRequest(since: began)
      let isWorking = endpoints[url]?.ended(outcome, at: loop.now) ?? true
      await settle(claim, outcome, url: url, endpointWorks: isWorking)
      requests -= 1
      // A worker keeps what it knows of endpoints that fail, and forgets the others.
      if endpoints[url]?.isIdle == true { endpoints[url] = nil }
      wake()
    }
  }

  private func send(_ claim: Claim, url: String, secrets: [String]) async -> WebhookOutcome {
    guard claim.delivery.attempts <= lastAttempt(claim) else {
      return .failed(message: Self.endedEachTime, status: nil, response: nil, retryAfter: nil)
    }
    let kind = claim.delivery.sequence == nil ? "test" : claim.hook.webhookType(event: claim.delivery.event)
    guard let call = HookCall(payload: claim.delivery.payload, hook: claim.hook, delivery: claim.delivery) else {
      return .failed(message: Self.unreadable, status: nil, response: nil, retryAfter: nil)
    }
    let time = Timestamp(microseconds: call.time).text
    let body = "{\"type\":\"\(kind)\",\"timestamp\":\"\(time)\",\"data\":\(claim.delivery.payload)}"
    return await sender.send(
      WebhookMessage(id: claim.delivery.id.description, url: url, body: Array(body.utf8), secrets: secrets))
  }

  static let endedEachTime = "The server ended during every attempt."
  static let unreadable = "What the hook is to be told cannot be read by this version of the server."

  /// The number of the attempt after which there is none.
  func lastAttempt(_ claim: Claim) -> Int32 {
    claim.hook.onError == .ignore || claim.delivery.sequence == nil ? 1 : Int32(settings.retries.pauses.count + 1)
  }

  /// Milliseconds until the next attempt; nil when there is none.
  func pause(after claim: Claim) -> Int64? {
    let attempt = claim.delivery.attempts
    return attempt < lastAttempt(claim) ? settings.retries.pause(after: Int(attempt)) : nil
  }
}
