import Postgres
import WorkflowEngine
import WorkflowStore

/// The transaction of somebody who writes definitions as they are elsewhere: each row is told of as the mutation that
/// saves it by itself would tell.
package struct DefinitionEditing {
  package let transaction: Transaction
  private let scope: DefinitionScope?

  /// Nobody is told.
  package init(quietly transaction: Transaction) {
    self.transaction = transaction
    scope = nil
  }

  init(_ scope: DefinitionScope) {
    transaction = scope.transaction
    self.scope = scope
  }

  /// Stores a row, with `pre_save` before and `post_save` after it.
  package func save(
    _ model: ModelEvent.Model, _ key: String, isCreated: Bool, _ store: (Transaction) -> Void
  ) async throws {
    guard let scope else { return store(transaction) }
    try await scope.save(model, key, isCreated: isCreated, store)
  }

  /// Deletes a row, with `pre_delete` before and `post_delete` after it.
  package func delete(
    _ model: ModelEvent.Model, _ key: String, _ remove: (Transaction) async throws -> Bool
  ) async throws {
    guard let scope else {
      _ = try await remove(transaction)
      return
    }
    _ = try await scope.delete(model, key, remove)
  }
}

extension CaseService {
  /// Changes definitions in one transaction, once under an idempotency key.
  ///
  /// - Throws: what `body` throws, or a database error; nothing remains then.
  package func editDefinitions<Answer: LosslessStringConvertible>(
    by editor: Editor, _ body: (DefinitionEditing) async throws -> Answer
  ) async throws -> Answer {
    let (answer, actions) = try await database.transaction(
      deadline: editor.deadline
    ) { transaction -> (Answer, [@Sendable () async -> Void]) in
      let scope = DefinitionScope(service: self, transaction: transaction, editor: editor)
      let answer = try await self.once(editor.mark, in: transaction) { try await body(DefinitionEditing(scope)) }
      return (answer, scope.commitActions)
    }
    carryOut(actions)
    // Something may start by a signal or the clock now.
    work.wake()
    return answer
  }
}
