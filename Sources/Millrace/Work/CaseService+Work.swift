import EventLoop
import Expressions
import Postgres
import Webhooks
import WorkflowEngine
import WorkflowStore

/// Carries out claimed work.
extension CaseService {
  /// Another worker has the work, or it was taken back: what was done for it has to be undone.
  struct LostClaim: Error {}

  /// Work that has been claimed this much more often than it may fail has ended the server each time.
  static let maximumDeaths: Int32 = 5

  // MARK: Jobs

  /// Runs the handler of a job; what it leaves for the end and that it is done are one transaction.
  ///
  /// - Parameter leave: takes over the claim of a job that leaves nothing but its row.
  func carryOut(job work: QueuedWork, leave: (WorkQueue.Claim) -> Void) async throws {
    guard let handler = self.work.handlers[work.handler] else {
      throw JobFailure("NO_HANDLER", "The handler \(work.handler) is not linked into this server.")
    }
    guard try await begin(work) else { return }
    let job = Job(work, service: self)
    try await flows { try await handler(job) }
    guard work.workItem != nil || !job.endings.isEmpty else { return leave(WorkQueue.Claim(work)) }
    try await end(
      work, result: HandlerResult(data: job.result?.json, artifacts: job.artifacts?.all), endings: job.endings)
  }

  /// Marks the work item of a job as running. The family is locked for this moment only.
  ///
  /// - Returns: false when the item does not wait for the job any more, which is then forgotten.
  func begin(_ work: QueuedWork) async throws -> Bool {
    guard let item = work.workItem else { return true }
    do throws(MillraceError) {
      _ = try await run(Request(command: .startJob(item)))
      return true
    } catch {
      guard error.code == .invalidState || error.code == .notFound else { throw error }
    }
    try await database.transaction { _ = try await WorkQueue.finish([WorkQueue.Claim(work)], in: $0) }
    return false
  }

  /// Ends a job: locks the family, makes sure of the claim, and goes on from the work item.
  ///
  /// - Throws: `LostClaim`, when somebody else has the job; nothing of the end remains then.
  func end(
    _ work: QueuedWork, result: HandlerResult, endings: [@Sendable (JobEnd) async throws -> Void] = [],
    mark: MutationMark? = nil
  ) async throws {
    let deadline = database.loop.now + self.work.settings.endTimeout
    let aftermath = try await database.transaction(deadline: deadline) { transaction -> Aftermath in
      try await self.onceFollowed(mark, in: transaction) {
        (work.workItem?.description ?? "", try await self.end(work, result, endings, in: transaction))
      }.aftermath
    }
    conclude(aftermath)
  }

  private func end(
    _ work: QueuedWork, _ result: HandlerResult, _ endings: [@Sendable (JobEnd) async throws -> Void],
    in transaction: Transaction
  ) async throws -> Aftermath {
    try await hold(work, in: transaction)
    let run = BackgroundRun(service: self, transaction: transaction)
    defer { run.end() }
    for ending in endings { try await ending(JobEnd(work: run)) }
    var aftermath = run.aftermath
    if let item = work.workItem {
      aftermath.add(try await perform(Request(command: .finishJob(item, result)), in: transaction).aftermath)
      // Its work is done, but no way leads on.
      if aftermath.failures.contains(item) {
        _ = try await WorkQueue.buryWithItem(work, in: transaction)
        return aftermath
      }
    }
    _ = try await WorkQueue.finish([WorkQueue.Claim(work)], in: transaction)
    return aftermath
  }

  /// Locks the family, then the work: everybody does it in this order.
  ///
  /// - Returns: the database's time.
  @discardableResult
  func hold(_ work: QueuedWork, in transaction: Transaction) async throws -> Timestamp {
    if let family = work.family { FamilyStore.hold(family, in: transaction) }
    guard let time = try await WorkQueue.hold(WorkQueue.Claim(work), in: transaction) else { throw LostClaim() }
    return time
  }

  // MARK: Failures

  /// Notes that an attempt has failed.
  ///
  /// - Returns: whether it was the last one.
  func fail(_ work: QueuedWork, _ failure: JobFailure, mark: MutationMark? = nil) async throws -> Bool {
    let (isDead, aftermath) = try await database.transaction { transaction in
      try await self.onceFollowed(mark, in: transaction) { try await self.fail(work, failure, in: transaction) }
    }
    conclude(aftermath)
    return isDead
  }

  private func fail(
    _ work: QueuedWork, _ failure: JobFailure, in transaction: Transaction
  ) async throws -> (isDead: Bool, aftermath: Aftermath) {
    let claim = WorkQueue.Claim(work)
    do {
      try await hold(work, in: transaction)
    } catch is LostClaim {
      return (false, Aftermath())
    }
    if work.kind == .job, let item = work.workItem {
      // The engine decides whether there is another attempt: then the work is scheduled anew, or else it may be gone.
      let told = WorkItemFailure(
        code: failure.code, message: failure.message, isFinal: failure.isFinal,
        retryAfter: (failure.retryAfter ?? 0) / 1_000)
      let aftermath = try await self.perform(Request(command: .failJob(item, told)), in: transaction).aftermath
      let isDead = try await WorkQueue.buryWithItem(work, in: transaction)
      return (isDead, aftermath)
    }
    let pause = self.work.settings.retries.pause(after: Int(work.attempts))
    if let pause, !failure.isFinal, work.attempts < work.maxAttempts {
      _ = try await WorkQueue.postpone(
        claim, by: max(pause, failure.retryAfter ?? 0), code: failure.code, message: failure.message,
        in: transaction)
      return (false, Aftermath())
    }
    _ = try await WorkQueue.bury(claim, code: failure.code, message: failure.message, in: transaction)
    return (true, Aftermath())
  }
}
