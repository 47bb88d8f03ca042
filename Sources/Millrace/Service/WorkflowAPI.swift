import Postgres
import WorkflowEngine
import WorkflowStore

/// The mutations as functions, for programs that link Millrace: each runs in a transaction of its own, with the
/// events, receivers and hooks that the same mutation has over GraphQL. Permissions, validations and visibilities are
/// for clients; a program is not asked.
///
/// Used on the loop's thread of its service.
public struct WorkflowAPI: WorkflowCommands, @unchecked Sendable {  // used on the service's loop
  private let service: CaseService
  /// Who acts: what `createdByUser` and its like store.
  public var caller: Caller
  /// What clients send as `context`; null for none.
  public var context: JSON
  /// The language of names and descriptions.
  public var language: String

  public init(_ service: CaseService, caller: Caller = Caller(), context: JSON = .null, language: String = "en") {
    self.service = service
    self.caller = caller
    self.context = context
    self.language = language
  }

  /// The same for another user.
  public func acting(as user: User) -> WorkflowAPI {
    var other = self
    other.caller = user.caller
    return other
  }

  /// Runs a statement that only reads.
  public func query(_ sql: SQL, _ parameters: Parameters = Parameters()) async throws -> Rows {
    try await service.database.query(sql, parameters)
  }

  @discardableResult
  public func run(_ command: Command) async throws -> CaseService.Outcome {
    try await service.run(
      CaseService.Request(
        command: command, caller: caller, context: context.isNull ? nil : context.json, contextValue: context))
  }

  /// Starts a case, for a work item if one is named; answers it.
  @discardableResult
  public func startCase(workflow: String, parentWorkItem: EntityID? = nil, meta: String = "{}") async throws -> EntityID
  {
    let command = Command.startCase(StartCase(workflow: workflow, parentWorkItem: parentWorkItem, meta: meta))
    guard let id = try await run(command).caseID else { throw MillraceError(.internalError, "There is no case.") }
    return id
  }

  // MARK: Definitions

  public func saveTask(_ input: DefinitionStore.TaskInput) async throws {
    try await service.saveTask(input, by: editor)
  }

  public func saveWorkflow(_ input: DefinitionStore.WorkflowInput) async throws {
    try await service.saveWorkflow(input, by: editor)
  }

  /// `addWorkflowFlow`.
  public func addFlow(
    workflow: String, tasks: [String], next: String, redoable: String? = nil
  ) async throws {
    try await service.addFlow(
      CaseService.FlowInput(workflow: workflow, tasks: tasks, next: next, redoable: redoable), by: editor)
  }

  public func removeFlow(_ id: EntityID) async throws {
    try await service.removeFlow(id, by: editor) { _ in }
  }

  private var editor: CaseService.Editor { CaseService.Editor(caller: caller, language: language) }
}
