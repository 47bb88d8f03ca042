import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// A job that no work item waits for.
public struct JobInput: Sendable {
  /// The handler's name.
  public var name: String
  public var payload: JSON
  /// While a job with the same key waits or runs, another one is not added.
  public var key: String?
  public var priority: QueuedWork.Priority
  /// Nil for what the server is set to.
  public var maxAttempts: Int32?
  /// Microseconds since 1970; nil for at once.
  public var dueAt: Int64?

  public init(
    _ name: String, payload: JSON = .null, key: String? = nil, priority: QueuedWork.Priority = .normal,
    maxAttempts: Int32? = nil, dueAt: Int64? = nil
  ) {
    self.name = name
    self.payload = payload
    self.key = key
    self.priority = priority
    self.maxAttempts = maxAttempts
    self.dueAt = dueAt
  }

  func work(_ settings: WorkSettings) -> QueuedWork {
    var identifiers = FamilyIdentifiers()
    return QueuedWork(
      id: identifiers.next(), kind: .job, handler: name, key: key.map { "job:\(name):\($0)" }, payload: payload.json,
      priority: priority, maxAttempts: maxAttempts ?? settings.maxAttempts, dueAt: dueAt)
  }
}

extension CaseService {
  /// Has a handler called in the background, by this server or another one.
  ///
  /// - Returns: the job's id; nil where one with the same key waits already.
  @discardableResult
  public func enqueue(_ job: JobInput, deadline: UInt64? = nil) async throws(MillraceError) -> EntityID? {
    let work = job.work(work.settings)
    let isNew: Bool
    do {
      isNew = try await database.transaction(deadline: deadline) { transaction in
        try await WorkQueue.add([work], in: transaction)?.rows().count == 1
      }
    } catch {
      throw shown(error)
    }
    self.work.wake()
    return isNew ? work.id : nil
  }
}
