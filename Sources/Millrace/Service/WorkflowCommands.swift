import WorkflowEngine

/// The mutations of cases and work items as functions: the same checks, changes and events as over GraphQL.
///
/// Each throws a `MillraceError` with the code and message that a client of GraphQL would get.
public protocol WorkflowCommands {
  /// Carries out a command; the functions below are the way to it.
  @discardableResult
  func run(_ command: Command) async throws -> CaseService.Outcome
}

extension WorkflowCommands {
  /// - Parameter artifacts: those of the item from now on; nil leaves them.
  public func completeWorkItem(_ id: EntityID, artifacts: Artifacts? = nil) async throws {
    try await run(.completeWorkItem(id, artifacts: artifacts?.all))
  }

  public func skipWorkItem(_ id: EntityID) async throws { try await run(.skipWorkItem(id)) }
  public func cancelWorkItem(_ id: EntityID) async throws { try await run(.cancelWorkItem(id)) }
  public func suspendWorkItem(_ id: EntityID) async throws { try await run(.suspendWorkItem(id)) }
  public func resumeWorkItem(_ id: EntityID) async throws { try await run(.resumeWorkItem(id)) }
  public func redoWorkItem(_ id: EntityID) async throws { try await run(.redoWorkItem(id)) }
  public func assignWorkItem(_ id: EntityID, to users: [String]) async throws {
    try await run(.assignWorkItem(id, users: users))
  }
  public func reassignWorkItem(_ id: EntityID, to users: [String]) async throws {
    try await run(.reassignWorkItem(id, users: users))
  }
  public func unassignWorkItem(_ id: EntityID) async throws { try await run(.unassignWorkItem(id)) }
  public func claimWorkItem(_ id: EntityID) async throws { try await run(.claimWorkItem(id)) }
  public func startWorkItem(_ id: EntityID) async throws { try await run(.startWorkItem(id)) }
  public func prepareWorkItem(_ id: EntityID) async throws { try await run(.prepareWorkItem(id)) }
  public func activateWorkItem(_ id: EntityID) async throws { try await run(.activateWorkItem(id)) }
  public func activateNext(_ id: EntityID) async throws { try await run(.activateNext(id)) }
  /// - Parameters:
  ///   - cascade: takes back all that followed first.
  ///   - reopen: the item begins again in its place.
  public func undoWorkItem(_ id: EntityID, cascade: Bool = false, reopen: Bool = false) async throws {
    try await run(.undoWorkItem(id, cascade: cascade, reopen: reopen))
  }

  public func reviveWorkItem(_ id: EntityID) async throws { try await run(.reviveWorkItem(id)) }
  public func retryWorkItem(_ id: EntityID) async throws { try await run(.retryWorkItem(id)) }
  /// - Parameter moment: microseconds since 1970; until then the item is in nobody's inbox or queue.
  public func snoozeWorkItem(_ id: EntityID, until moment: Int64) async throws {
    try await run(.snoozeWorkItem(id, until: moment))
  }

  public func unsnoozeWorkItem(_ id: EntityID) async throws { try await run(.unsnoozeWorkItem(id, isDue: false)) }
  public func saveWorkItem(_ input: SaveWorkItem) async throws { try await run(.saveWorkItem(input)) }

  /// Has a multiple subprocess that is under way start one more case; answers the case, or nil where the cases come one
  /// after the other: it begins behind all others then.
  ///
  /// - Parameter element: JSON text of what it is started for.
  @discardableResult
  public func addSubprocessItem(to id: EntityID, element: String? = nil) async throws -> EntityID? {
    try await run(.addSubprocessItem(id, element: element)).caseID
  }

  /// Adds an item of a multiple-instance task to its case; answers the new item.
  @discardableResult
  public func createWorkItem(_ input: CreateWorkItem) async throws -> EntityID? {
    try await run(.createWorkItem(input)).workItemID
  }

  public func saveCase(_ input: UpdateCase) async throws { try await run(.updateCase(input)) }
  public func cancelCase(_ id: EntityID) async throws { try await run(.cancelCase(id)) }
  public func suspendCase(_ id: EntityID) async throws { try await run(.suspendCase(id)) }
  public func resumeCase(_ id: EntityID) async throws { try await run(.resumeCase(id)) }

  /// - Parameter workItems: the items at the ends of branches that become ready again.
  public func reopenCase(_ id: EntityID, workItems: [EntityID]) async throws {
    try await run(.reopenCase(id, workItems: workItems))
  }
}
