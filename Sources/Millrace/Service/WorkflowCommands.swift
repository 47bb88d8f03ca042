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
  public func completeWorkItem(_ id: EntityID) async throws { try await run(.completeWorkItem(id)) }
  public func skipWorkItem(_ id: EntityID) async throws { try await run(.skipWorkItem(id)) }
  public func cancelWorkItem(_ id: EntityID) async throws { try await run(.cancelWorkItem(id)) }
  public func suspendWorkItem(_ id: EntityID) async throws { try await run(.suspendWorkItem(id)) }
  public func resumeWorkItem(_ id: EntityID) async throws { try await run(.resumeWorkItem(id)) }
  public func redoWorkItem(_ id: EntityID) async throws { try await run(.redoWorkItem(id)) }
  /// - Parameter moment: microseconds since 1970; until then the item is in nobody's inbox or queue.
  public func snoozeWorkItem(_ id: EntityID, until moment: Int64) async throws {
    try await run(.snoozeWorkItem(id, until: moment))
  }

  public func unsnoozeWorkItem(_ id: EntityID) async throws { try await run(.unsnoozeWorkItem(id, isDue: false)) }
  public func saveWorkItem(_ input: SaveWorkItem) async throws { try await run(.saveWorkItem(input)) }

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
