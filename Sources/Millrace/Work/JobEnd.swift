import Postgres
import WorkflowEngine

/// The transaction in which a job ends. Valid while an action of `Job.atEnd` runs.
public struct JobEnd: @unchecked Sendable {  // used on the loop's thread, within the action's call
  let run: BackgroundRun

  /// Runs a statement in the transaction.
  @discardableResult
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await run.query(sql, parameters)
  }

  /// Carries out a command in the transaction; one that fails leaves nothing behind, also when the action goes on.
  ///
  /// - Returns: the case and the work item that the command was about.
  @discardableResult
  public func carryOut(_ command: Command) async throws -> CaseService.Outcome {
    try await run.carryOut(command)
  }

  /// Calls `action` once the transaction is committed; at most once.
  public func onCommit(_ action: @escaping @Sendable () async -> Void) {
    run.afterCommit(action)
  }
}
