import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// `WorkItem.isRedoable`, for all items of a list at once.
final class RedoableSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  init() {
    super.init(name: "isRedoable", shape: .one, parentProperties: [Entities.workItem.known("key")])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    guard let batch = request.parents else { return .failed(GraphQLError("There is no work item.")) }
    let parents = unsafeDowncast(batch, to: KeyedBatch.self)
    let ids = (0..<parents.rowCount).map { row in
      parents.uuidKey(row: row, slot: request.parentSlots[0]).map { EntityID(high: $0.high, low: $0.low) }
    }
    return .pending(
      PendingEntities(context: context) {
        let found = try await context.service.redoable(among: ids.compactMap(\.self), deadline: context.deadline)
        return FlagBatch(ids.map { $0.map(found.contains) ?? false })
      })
  }
}

/// One flag for each parent.
private final class FlagBatch: RowBatch {
  private let flags: [Bool]

  init(_ flags: [Bool]) {
    self.flags = flags
    super.init(
      rowCount: flags.count, starts: ContiguousArray((0..<Int32(flags.count))),
      ends: ContiguousArray(1..<Int32(flags.count) + 1))
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    output.append(flags[row])
    return .written
  }
}
