import Logging
import Postgres
import WorkflowEngine
import WorkflowStore

/// What a receiver may do. Valid while the receiver runs; afterwards statements and commands fail. Commands run one
/// after the other: what is begun while one of the receiver's own is under way fails, too.
public struct ReceiverContext: WorkflowCommands, @unchecked Sendable {
  // Used on the loop's thread, within the receiver's call.
  /// Nil once the mutation is over.
  let scope: MutationScope?
  /// Number of the receiver's call.
  let frame: Int
  let caller: Caller
  let clientContext: String?
  public let logger: Logger

  /// Runs a statement in the mutation's transaction. Everything the mutation wrote so far can be seen; what the
  /// receiver writes goes away when the receiver fails.
  @discardableResult
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    let transaction = try live().transaction(for: frame)
    return try await transaction.query(sql, parameters)
  }

  /// Calls `action` once the mutation is committed; never when it is rolled back. At most once: a server that is
  /// killed in between does not call it.
  public func onCommit(_ action: @escaping @Sendable () async -> Void) {
    // A receiver that was given up has no say any more.
    guard let scope, (try? scope.requireAlive(frame)) != nil else { return }
    scope.afterCommit(action)
  }

  /// Adds a job that begins once the mutation is committed, and goes away with it when it is rolled back.
  public func enqueue(_ job: JobInput) async throws {
    let scope = try live()
    let work = scope.service.work
    _ = try await WorkQueue.add([job.work(work.settings)], in: try scope.transaction(for: frame))?.rows()
    onCommit { work.wake() }
  }

  // MARK: What is about to be created

  /// Changes the case of a `pre_create_case` event before it is stored.
  public func changeCase(_ change: (inout Case) -> Void) throws {
    try live().changePending { data in
      guard case .case(var row) = data else { return }
      change(&row)
      data = .case(row)
    }
  }

  /// Changes the work item of a `pre_create_work_item` event before it is stored.
  public func changeWorkItem(_ change: (inout WorkItem) -> Void) throws {
    try live().changePending { data in
      guard case .workItem(var row) = data else { return }
      change(&row)
      data = .workItem(row)
    }
  }

  // MARK: Commands on the family of the event; the events they cause are nested in this one

  /// Starts a child case for a work item of this family, or a case with a family of its own. The latter is there once
  /// the mutation is committed; until then no further commands can change it.
  public func startCase(
    workflow: String, parentWorkItem: EntityID? = nil, meta: String = "{}"
  ) async throws -> EntityID? {
    try await run(.startCase(StartCase(workflow: workflow, parentWorkItem: parentWorkItem, meta: meta))).caseID
  }

  @discardableResult
  public func run(_ command: Command) async throws -> CaseService.Outcome {
    let scope = try live()
    try scope.check(frame)
    return try await scope.runNested(command, self)
  }

  func offers(of workItem: EntityID) async throws -> [TransitionOffer] {
    let scope = try live()
    return try await scope.offers(of: workItem, self)
  }

  private func live() throws(MillraceError) -> MutationScope {
    guard let scope else { throw MillraceError(.invalidState, "The mutation is over.") }
    try scope.check(frame)
    return scope
  }

  /// For receivers that run after the commit.
  static func ended(caller: Caller, clientContext: String?, logger: Logger) -> ReceiverContext {
    ReceiverContext(scope: nil, frame: 0, caller: caller, clientContext: clientContext, logger: logger)
  }
}
