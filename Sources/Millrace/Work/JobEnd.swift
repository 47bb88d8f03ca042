import Postgres
import WorkflowEngine
import WorkflowStore

/// The transaction in which a job ends. Valid while an action of `Job.atEnd` runs. Commands are carried out in it; one
/// that fails leaves nothing behind, also when the action goes on.
public struct JobEnd: WorkflowCommands, @unchecked Sendable {  // used on the loop's thread, within the action's call
  let work: BackgroundRun

  /// Runs a statement in the transaction.
  @discardableResult
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await work.query(sql, parameters)
  }

  @discardableResult
  public func run(_ command: Command) async throws -> CaseService.Outcome {
    try await work.carryOut(command)
  }

  /// Adds a job that begins once the transaction is committed.
  public func enqueue(_ job: JobInput) async throws {
    try await work.enqueue(job)
  }

  /// Calls `action` once the transaction is committed; at most once.
  public func onCommit(_ action: @escaping @Sendable () async -> Void) {
    work.afterCommit(action)
  }
}
