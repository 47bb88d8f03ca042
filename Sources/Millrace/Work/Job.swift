import Expressions
import Logging
import Postgres
import WorkflowEngine
import WorkflowStore

/// Called for each job with its name. Nothing is locked and no transaction is open while it runs, so it may take its
/// time; what it wants stored goes to `Job.atEnd`.
public typealias JobHandler = @Sendable (Job) async throws -> Void

/// A job as its handler sees it. Valid while the handler runs.
public final class Job: @unchecked Sendable {  // used on the loop's thread, within the handler's call
  /// The same in every attempt: who does something elsewhere can tell a repetition by it.
  public let id: EntityID
  /// The handler's name.
  public let name: String
  /// Counts from 1.
  public let attempt: Int
  public let maxAttempts: Int
  /// Nil where no work item waits for the job.
  public let workItem: EntityID?
  public let caseID: EntityID?
  public let payload: JSON
  public let logger: Logger
  /// What the handler found out: the data of the work item. Nil leaves it.
  public var result: JSON?
  /// What the work item points to from now on. Nil leaves it.
  public var artifacts: Artifacts?
  private let service: CaseService
  private(set) var endings: [@Sendable (JobEnd) async throws -> Void] = []

  init(_ work: QueuedWork, service: CaseService) {
    id = work.id
    name = work.handler
    attempt = Int(work.attempts)
    maxAttempts = Int(work.maxAttempts)
    workItem = work.workItem
    caseID = work.caseID
    payload = JSON(json: work.payload) ?? .null
    logger = service.logger
    self.service = service
  }

  /// Reads from the database; cannot write.
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await service.database.query(sql, parameters)
  }

  /// Runs a statement in a transaction of its own, at once. It stays if the job fails, and the next attempt does it
  /// again: what belongs to the job's success is for `atEnd`.
  @discardableResult
  public func execute(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await service.database.transaction { try await $0.query(sql, parameters) }
  }

  /// Has `action` called in the transaction that notes that the job is done: both are there, or neither. The case
  /// is locked then. May be called again, when the database asks for the transaction to be repeated.
  public func atEnd(_ action: @escaping @Sendable (JobEnd) async throws -> Void) {
    endings.append(action)
  }
}
