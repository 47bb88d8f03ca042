import Postgres
import WorkflowEngine
import WorkflowStore

/// One run of a function behind a commit, an after-hook's or the end of a job: its transaction, and what is to be done
/// once that is committed.
final class BackgroundRun {
  private let service: CaseService
  private let transaction: Transaction
  private let caller: Caller
  private let depth: Int16
  private var isOver = false
  private(set) var aftermath = CaseService.Aftermath()

  /// - Parameter depth: how many deliveries of hooks caused each other up to this run.
  init(service: CaseService, transaction: Transaction, caller: Caller = Caller(), depth: Int16 = 0) {
    self.service = service
    self.transaction = transaction
    self.depth = depth
    self.caller = caller
  }

  func end() {
    isOver = true
  }

  func query(_ sql: SQL, _ parameters: Parameters) async throws -> Rows {
    try check()
    return try await transaction.query(sql, parameters)
  }

  func enqueue(_ job: JobInput) async throws {
    try check()
    _ = try await WorkQueue.add([job.work(service.work.settings)], in: transaction)?.rows()
    aftermath.schedulesWork = true
  }

  func afterCommit(_ action: @escaping @Sendable () async -> Void) {
    aftermath.actions.append(action)
  }

  /// A command that fails leaves nothing behind, also when the function goes on.
  func carryOut(_ command: Command) async throws -> CaseService.Outcome {
    try check()
    var request = CaseService.Request(command: command, caller: caller)
    request.hookDepth = depth
    let (outcome, aftermath) = try await transaction.savepoint {
      try await service.perform(request, in: transaction)
    }
    self.aftermath.add(aftermath)
    return outcome
  }

  /// The connection is another one's once the function has returned.
  private func check() throws(MillraceError) {
    guard !isOver else { throw MillraceError(.invalidState, "The function has returned.") }
  }
}
