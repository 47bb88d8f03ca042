import Postgres
import WorkflowStore

extension CaseService {
  /// Does what a request with an idempotency key asks for, unless an earlier one has: then the answer is the earlier
  /// one's. The answer is noted in the transaction; a duplicate that comes meanwhile waits for the transaction's end.
  ///
  /// - Parameter mark: nil for a request without a key.
  func once<Answer: LosslessStringConvertible>(
    _ mark: MutationMark?, in transaction: Transaction, _ body: () async throws -> Answer
  ) async throws -> Answer {
    guard let mark else { return try await body() }
    let claim = IdempotencyStore.claim(mark, in: transaction)
    if let stored = try await claim.stored() {
      guard let answer = Answer(stored) else { throw IdempotencyStore.KeyReused() }
      return answer
    }
    let answer = try await body()
    claim.record(answer.description, in: transaction)
    return answer
  }

  /// As `once`, for what has something to be done after the commit; a repeat has nothing.
  func onceFollowed<Answer: LosslessStringConvertible>(
    _ mark: MutationMark?, in transaction: Transaction, _ body: () async throws -> (Answer, Aftermath)
  ) async throws -> (answer: Answer, aftermath: Aftermath) {
    var aftermath = Aftermath()
    let answer = try await once(mark, in: transaction) {
      let (answer, consequences) = try await body()
      aftermath = consequences
      return answer
    }
    return (answer, aftermath)
  }
}
