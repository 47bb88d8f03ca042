import Postgres
import WorkflowEngine
import WorkflowStore

/// What people and workers elsewhere do with jobs.
extension CaseService {
  private static let noJob = MillraceError(.notFound, "No Job matches the given query.")
  static let lostJob = MillraceError(
    .conflict, "The job is not this worker's any more: its lease was over, or it was taken back.")

  /// How many jobs can be claimed at once.
  public static let maximumClaims = 1_000

  /// Claims due jobs for a worker elsewhere; nobody else gets them while their lease lasts.
  ///
  /// - Parameters:
  ///   - handlers: the names of what the worker can do.
  ///   - worker: tells it from others, for people.
  ///   - lease: milliseconds; `heartbeatJob` begins it anew.
  /// - Returns: the claim's token, by which the jobs are found and ended.
  public func claimJobs(
    _ handlers: [String], worker: String, limit: Int, lease: Int64, mark: MutationMark? = nil
  ) async throws(MillraceError) -> EntityID {
    guard !handlers.isEmpty else { throw MillraceError(.invalidInput, "A worker names the handlers that it has.") }
    guard (1...Self.maximumClaims).contains(limit) else {
      throw MillraceError(.invalidInput, "A worker claims 1 to \(Self.maximumClaims) jobs at once.")
    }
    guard (100...86_400_000).contains(lease) else {
      throw MillraceError(.invalidInput, "A lease lasts 100 milliseconds to a day.")
    }
    // Not to be guessed, unlike a row's id.
    let new = EntityID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    do {
      let (token, claimed) = try await database.transaction { transaction -> (EntityID, [QueuedWork]) in
        var claimed: [QueuedWork] = []
        let token = try await self.once(mark, in: transaction) {
          claimed = try await WorkQueue.claim(
            handlers.map { WorkQueue.Topic(.job, $0) }, limit: limit, worker: worker, lease: lease, token: new,
            in: transaction)
          return new
        }
        return (token, claimed)
      }
      for work in claimed { _ = try await begin(work) }
      return token
    } catch {
      throw shown(error)
    }
  }

  /// Has the lease of a claimed job begin anew.
  ///
  /// - Throws: a conflict, when the job is not the worker's any more: it should stop.
  public func heartbeatJob(_ id: EntityID, token: String, lease: Int64) async throws(MillraceError) {
    do {
      let claim = WorkQueue.Claim(try await claimed(id, token))
      guard try await database.transaction({ try await WorkQueue.extend([claim], lease: lease, in: $0) > 0 }) else {
        throw LostClaim()
      }
    } catch {
      throw shown(error)
    }
  }

  private func claimed(_ id: EntityID, _ token: String) async throws -> QueuedWork {
    guard let token = EntityID(token),
      let work = try await database.transaction(
        isReadOnly: true, { try await WorkQueue.leased(id, token: token, in: $0) })
    else { throw LostClaim() }
    return work
  }

  /// What a request with this key has done before: its job is gone by now.
  private func earlier(_ mark: MutationMark?) async throws -> String? {
    guard let mark else { return nil }
    return try await IdempotencyStore.outcome(of: mark, from: database)
  }

  /// Ends a claimed job; its case goes on.
  ///
  /// - Parameter data: JSON text for the work item.
  /// - Throws: a conflict, when the job is not the worker's any more; nothing has happened then.
  /// - Returns: the work item that has waited for it.
  public func completeJob(
    _ id: EntityID, token: String, result: HandlerResult, mark: MutationMark? = nil
  ) async throws(MillraceError) -> EntityID? {
    do {
      if let stored = try await earlier(mark) { return EntityID(stored) }
      let work = try await claimed(id, token)
      try await end(work, result: result, mark: mark)
      return work.workItem
    } catch {
      throw shown(error)
    }
  }

  /// Notes that an attempt of a claimed job has failed.
  public func failJob(
    _ id: EntityID, token: String, _ failure: JobFailure, mark: MutationMark? = nil
  ) async throws(MillraceError) {
    do {
      guard try await earlier(mark) == nil else { return }
      _ = try await fail(try await claimed(id, token), failure, mark: mark)
    } catch {
      throw shown(error)
    }
  }

  /// Has an incident tried again, or work that waits for its next attempt tried at once.
  ///
  /// - Throws: not found, also when somebody is at it.
  public func retryJob(
    _ id: EntityID, by caller: Caller = Caller(), mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) {
    do {
      let aftermath = try await database.transaction(deadline: deadline) { transaction -> Aftermath in
        try await self.onceFollowed(mark, in: transaction) {
          ("", try await self.retry(id, by: caller, in: transaction))
        }.aftermath
      }
      conclude(aftermath)
    } catch {
      throw shown(error)
    }
    work.wake()
  }

  private func retry(_ id: EntityID, by caller: Caller, in transaction: Transaction) async throws -> Aftermath {
    if let family = try await WorkQueue.family(of: id, in: transaction) { FamilyStore.hold(family, in: transaction) }
    guard let (work, isDead) = try await WorkQueue.idle(id, in: transaction) else { throw Self.noJob }
    if isDead, work.kind == .job, let item = work.workItem {
      // The item has failed with it, and is what has to be tried again.
      let request = Request(command: .retryWorkItem(item), caller: caller)
      return try await self.perform(request, in: transaction).aftermath
    }
    WorkQueue.revive(id, in: transaction)
    return Aftermath()
  }

  /// Takes an incident away that no work item waits for.
  public func discardJob(
    _ id: EntityID, mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) {
    do {
      try await database.transaction(deadline: deadline) { transaction in
        _ = try await self.once(mark, in: transaction) { () -> String in
          guard let (work, _) = try await WorkQueue.idle(id, in: transaction) else { throw Self.noJob }
          guard work.workItem == nil else {
            throw MillraceError(.invalidState, "A work item waits for the job: cancel the work item.")
          }
          _ = try await WorkQueue.discard(id, in: transaction)
          return ""
        }
      }
    } catch {
      throw shown(error)
    }
  }
}
