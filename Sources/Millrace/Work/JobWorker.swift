import EventLoop
import Logging
import Postgres
import Webhooks
import WorkflowEngine
import WorkflowStore

/// Does what is scheduled: jobs whose handlers this server has, and timers. Any number of workers, in any number of
/// processes, share the work: each piece is claimed by one of them for a time, and whoever has lost its claim cannot
/// finish it.
public final class JobWorker: @unchecked Sendable {  // confined to its loop's thread
  let service: CaseService
  let logger: Logger
  /// Called when more may wait than this worker can do. On the loop's thread, often.
  public var onHelpWanted: (() -> Void)?
  private let name: String
  private let cycle: WorkerCycle
  private let topics: [WorkQueue.Topic]
  /// Claimed, and waiting for its turn here.
  private var queue: [QueuedWork] = []
  private var queueStart = 0
  private var running: [EntityID: Int64] = [:]
  /// Done without a trace but its row, which goes away with the others'.
  private var finished: [WorkQueue.Claim] = []
  private var heartbeat: LoopTimer?
  /// The revision of the definitions whose starts are arranged.
  private var startsRevision: Int64 = -1

  var settings: WorkSettings { service.work.settings }
  private var loop: EventLoop { service.database.loop }
  private var waiting: Int { queue.count - queueStart }

  /// - Parameters:
  ///   - service: one of the worker's own, whose database has a connection for each job that runs at once and one more.
  ///   - name: tells this worker from others, for people.
  public init(service: CaseService, name: String) {
    self.service = service
    self.name = name
    logger = service.logger
    cycle = WorkerCycle(
      loop: service.database.loop, pollInterval: service.work.settings.pollInterval,
      complaint: "Scheduled work cannot be read.", logger: logger)
    topics =
      TimerPurpose.allCases.map { .init(.timer, $0.rawValue) }
      + service.work.handlerNames.map { .init(.job, $0) }
  }

  // MARK: Life

  /// Begins. On the loop's thread.
  public func start() {
    let loop = loop
    // Until `stop`.
    service.work.onWake { [self] in
      loop.execute { self.wake() }
    }
    heartbeat = loop.timer(after: beat, repeating: beat) { [self] in renew() }
    cycle.start { [self] in try await round() }
  }

  private var beat: UInt64 { UInt64(max(settings.lease / 3, 10)) }

  /// Looks for work without waiting for the next time. On the loop's thread.
  public func wake() { cycle.wake() }

  /// Stops claiming, waits for what is under way, and gives back what it has not begun.
  public func stop(graceMilliseconds: UInt64) async {
    service.work.onWake(nil)
    await cycle.stop()
    let returned = queue[queueStart...].map(WorkQueue.Claim.init)
    queue = []
    queueStart = 0
    await settle { transaction in
      for claim in returned {
        _ = try await WorkQueue.postpone(
          claim, by: 0, code: nil, message: nil, uncounted: true, in: transaction)
      }
    }
    let deadline = loop.now + graceMilliseconds
    while !running.isEmpty, loop.now < deadline { await cycle.pause(min(50, deadline - loop.now)) }
    heartbeat?.cancel()
    let done = finished
    finished = []
    await settle { _ = try await WorkQueue.finish(done, in: $0) }
  }

  /// Has leases begin anew while their work is under way.
  private func renew() {
    let claims =
      running.map { WorkQueue.Claim(id: $0.key, fence: $0.value) } + queue[queueStart...].map(WorkQueue.Claim.init)
    guard !claims.isEmpty else { return }
    loop.start { [self] in
      await settle { _ = try await WorkQueue.extend(claims, lease: self.settings.lease, in: $0) }
    }
  }

  // MARK: Claiming

  /// Claims what there is room for; answers when to look again, in milliseconds.
  private func round() async throws -> UInt64 {
    await cycle.pruneIfDue {
      var pruned = 0
      await settle { pruned = try await SignalStore.prune(in: $0) }
      return pruned >= SignalStore.pruneBatch
    }
    let done = finished
    finished = []
    let room = settings.batch - waiting
    let claimed: [QueuedWork]
    var next: Int64?
    do {
      let known = startsRevision
      var revision = known
      (claimed, next) = try await service.database.transaction { transaction in
        _ = try await WorkQueue.finish(done, in: transaction)
        revision = try await self.service.syncStarts(since: known, in: transaction)
        let claimed = try await WorkQueue.claim(
          self.topics, limit: room, worker: self.name, lease: self.settings.lease, in: transaction)
        guard claimed.count < room else { return (claimed, 0) }
        return (claimed, try await WorkQueue.nextDue(self.topics, in: transaction))
      }
      startsRevision = revision
    } catch {
      finished += done
      throw error
    }
    queue += claimed
    if claimed.count == room, room > 0 { onHelpWanted?() }
    startJobs()
    // With all places taken, the end of a job calls for the next round.
    if room == 0 || waiting >= settings.batch { return settings.pollInterval }
    if !finished.isEmpty { return 0 }
    return next.map { max(UInt64($0), claimed.isEmpty ? 1 : 0) } ?? settings.pollInterval
  }

  private func startJobs() {
    while running.count < settings.concurrency, waiting > 0, !cycle.isStopping {
      let work = queue[queueStart]
      queueStart += 1
      if queueStart == queue.count {
        queue.removeAll(keepingCapacity: true)
        queueStart = 0
      }
      running[work.id] = work.fence
      loop.start { [self] in
        await carryOut(work)
        if running[work.id] == work.fence { running[work.id] = nil }
        startJobs()
        if waiting == 0 { wake() }
      }
    }
  }

  // MARK: One piece of work

  private func carryOut(_ work: QueuedWork) async {
    do {
      guard work.attempts <= work.maxAttempts else {
        throw JobFailure("SERVER_ENDED", "The server ended during every attempt.", isFinal: true)
      }
      switch work.kind {
      case .job: try await service.carryOut(job: work) { finished.append($0) }
      case .timer: try await service.carryOut(timer: work)
      }
    } catch is CaseService.LostClaim {
      logger.notice("Work was taken over by another worker.", metadata: metadata(work))
    } catch {
      await note(error, of: work)
    }
  }

  private func note(_ cause: any Error, of work: QueuedWork) async {
    let failure = JobFailure(cause)
    var metadata = metadata(work)
    metadata["cause"] = "\(cause)"
    metadata["attempt"] = "\(work.attempts)"
    do {
      let isDead = try await service.fail(work, failure)
      logger.warning(isDead ? "Scheduled work failed for good." : "Scheduled work failed.", metadata: metadata)
    } catch {
      // The lease runs out, and the work is done again.
      metadata["reason"] = "\(error)"
      logger.warning("The failure of scheduled work could not be noted.", metadata: metadata)
    }
  }

  /// If this fails, the lease runs out and the work is done again.
  private func settle(_ body: @escaping (Transaction) async throws -> Void) async {
    do {
      try await service.database.transaction { try await body($0) }
    } catch {
      logger.warning("What became of scheduled work could not be noted.", metadata: ["reason": "\(error)"])
    }
  }

  private func metadata(_ work: QueuedWork) -> Logger.Metadata {
    [
      "work": "\(work.id)", "kind": "\(work.kind.rawValue)", "handler": "\(work.handler)",
      "family": "\(work.family?.description ?? "-")",
    ]
  }
}
