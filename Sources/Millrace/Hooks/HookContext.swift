import Logging
import Postgres
import WorkflowEngine

/// What the function of a hook may do. Valid while the function runs.
///
/// A before-hook works in the mutation's transaction, as a receiver does. An after-hook works in a transaction of its
/// own, which also notes that the delivery is done: both are there, or neither.
public struct HookContext: WorkflowCommands, @unchecked Sendable {
  // Used on the loop's thread, within the function's call.
  enum Place {
    case mutation(ReceiverContext)
    case delivery(BackgroundRun)
  }

  let place: Place
  public let logger: Logger

  /// Runs a statement in the transaction.
  @discardableResult
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    switch place {
    case .mutation(let context): try await context.query(sql, parameters)
    case .delivery(let run): try await run.query(sql, parameters)
    }
  }

  /// Calls `action` once the transaction is committed; at most once.
  public func onCommit(_ action: @escaping @Sendable () async -> Void) {
    switch place {
    case .mutation(let context): context.onCommit(action)
    case .delivery(let run): run.afterCommit(action)
    }
  }

  // MARK: Commands, as the user who caused the event

  /// Starts a case, for a work item or with a family of its own.
  public func startCase(
    workflow: String, parentWorkItem: EntityID? = nil, meta: String = "{}"
  ) async throws -> EntityID? {
    let command = Command.startCase(StartCase(workflow: workflow, parentWorkItem: parentWorkItem, meta: meta))
    return try await run(command).caseID
  }

  @discardableResult
  public func run(_ command: Command) async throws -> CaseService.Outcome {
    switch place {
    case .mutation(let context): try await context.run(command)
    case .delivery(let run): try await run.carryOut(command)
    }
  }
}

/// Called for each event that a hook with its name is told of.
public typealias HookFunction = @Sendable (HookCall, HookContext) async throws -> Void
