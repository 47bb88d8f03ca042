import Postgres
import WorkflowEngine

/// The transaction of a change of definitions or hooks, whose model events receivers may get.
final class DefinitionScope: MutationScope {
  private let editor: CaseService.Editor

  init(service: CaseService, transaction: Transaction, editor: CaseService.Editor) {
    self.editor = editor
    super.init(service: service, transaction: transaction)
  }

  /// Stores a row, with `pre_save` before and `post_save` after it.
  func save(
    _ model: ModelEvent.Model, _ key: String, isCreated: Bool? = nil, _ store: (Transaction) -> Void
  ) async throws {
    try await tell(.preSave, model, key, isCreated)
    store(transaction)
    try await tell(.postSave, model, key, isCreated)
  }

  /// Deletes a row, with `pre_delete` before and `post_delete` after it.
  ///
  /// - Returns: whether there was one.
  func delete(
    _ model: ModelEvent.Model, _ key: String, _ remove: (Transaction) async throws -> Bool
  ) async throws -> Bool {
    try await tell(.preDelete, model, key, false)
    guard try await remove(transaction) else { return false }
    try await tell(.postDelete, model, key, false)
    return true
  }

  private func tell(
    _ name: ModelEvent.Name, _ model: ModelEvent.Model, _ key: String, _ isCreated: Bool?
  ) async throws {
    let registrations = service.receivers.receivers(of: name, model)
    guard !registrations.isEmpty else { return }
    let event = ModelEvent(name, model, key: key, isCreated: isCreated, caller: editor.caller)
    try await tell(registrations, event, caller: editor.caller, context: nil, family: nil)
  }
}
