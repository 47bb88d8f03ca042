import EventLoop
import Postgres
import WorkflowEngine
import WorkflowStore

/// What typed nodes add to the mutations and questions of work items.
extension CaseService {
  /// What the caller can do with work items, and why not the rest: answered by the code that guards the mutations.
  public func transitions(
    of ids: [EntityID], caller: Caller, deadline: UInt64?
  ) async throws(MillraceError) -> [EntityID: [TransitionOffer]] {
    try await ask(ids, caller: caller, deadline: deadline) { (execution, id) throws(EngineError) in
      execution.availableTransitions(of: id)
    }
  }

  /// What has to be taken back for work items to be undone, each list in that order.
  public func undoPlans(of ids: [EntityID], deadline: UInt64?) async throws(MillraceError) -> [EntityID: [EntityID]] {
    try await ask(ids, caller: Caller(), deadline: deadline) { (execution, id) throws(EngineError) in
      execution.undoPlan(id)
    }
  }

  private static let families: SQL = "select id, family from work_items where id = any($1)"

  /// Carries out commands on work items of whatever families in one transaction: all of them or none.
  public func runAll(
    _ requests: [Request], mark: MutationMark? = nil, deadline: UInt64?
  ) async throws(MillraceError) {
    do {
      let aftermath = try await database.transaction(deadline: deadline) { transaction -> Aftermath in
        try await self.onceFollowed(mark, in: transaction) {
          (requests.count, try await self.performAll(requests, in: transaction))
        }.aftermath
      }
      conclude(aftermath)
    } catch {
      throw shown(error)
    }
  }

  private func performAll(_ requests: [Request], in transaction: Transaction) async throws -> Aftermath {
    var key = Parameters()
    key.append(requests.compactMap { $0.command.locator?.id.uuid })
    let rows = try await transaction.query(Self.families, key)
    var familyOf: [EntityID: EntityID] = [:]
    for row in 0..<rows.count { familyOf[EntityID(rows.uuid(row, 0))] = EntityID(rows.uuid(row, 1)) }
    func family(_ request: Request) -> EntityID? { request.command.locator.flatMap { familyOf[$0.id] } }
    if let unknown = requests.first(where: { family($0) == nil }) {
      throw MillraceError(.notFound, "No WorkItem matches the id \(unknown.command.locator?.id.description ?? "").")
    }
    var aftermath = Aftermath()
    // In one order of families, so that two such transactions never wait for each other crosswise.
    let none = EntityID(high: 0, low: 0)
    for request in requests.sorted(by: { (family($0) ?? none) < (family($1) ?? none) }) {
      aftermath.add(try await self.perform(request, in: transaction).aftermath)
    }
    return aftermath
  }
}
