import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// `WorkItem.availableTransitions`, for all items of a list at once.
final class TransitionsSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  static let fields = ["name", "isAllowed", "code", "reason"]

  init() {
    super.init(name: "availableTransitions", shape: .list, parentProperties: [Entities.workItem.known("key")])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    guard let ids = request.workItems else { return .failed(GraphQLError("There is no work item.")) }
    let slots = request.properties.map(\.index)
    return .pending(
      PendingEntities(context: context) {
        let found = try await context.service.transitions(
          of: ids.compactMap(\.self), caller: context.caller, deadline: context.deadline)
        return CellBatch(
          ids.map { id in (id.flatMap { found[$0] } ?? []).map { offer in slots.map { Self.cell(offer, $0) } } })
      })
  }

  private static func cell(_ offer: TransitionOffer, _ field: Int) -> ValueBatch.Cell {
    switch field {
    case 0: .text(offer.transition.rawValue)
    case 1: .value(.boolean(offer.canProceed))
    case 2: offer.refusal.map { .text(MillraceError($0).code.rawValue) } ?? .null
    default: offer.refusal.map { .text($0.message) } ?? .null
    }
  }
}

/// `WorkItem.undoPlan`: the ids of work items.
final class UndoPlanSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  init() {
    super.init(name: "undoPlan", shape: .one, parentProperties: [Entities.workItem.known("key")])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    guard let ids = request.workItems else { return .failed(GraphQLError("There is no work item.")) }
    return .pending(
      PendingEntities(context: context) {
        guard !context.visibility.isRestricted(.workItem) else { return CellBatch(ids.map { _ in [[.null]] }) }
        let found = try await context.service.undoPlans(of: ids.compactMap(\.self), deadline: context.deadline)
        return CellBatch(
          ids.map { id in
            [[.texts((id.flatMap { found[$0] } ?? []).map { GlobalID.workItem($0) })]]
          })
      })
  }
}

/// `Query.validateWorkflow`.
final class WorkflowProblemsSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  static let fields = ["code", "task", "message"]

  init() {
    super.init(name: "validateWorkflow", shape: .list)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    let slug = GlobalID.key(request.arguments["workflow"]?.string ?? "")
    let slots = request.properties.map(\.index)
    return .pending(
      PendingEntities(context: context) {
        var builder = StatementBuilder()
        let key = builder.bind(text: slug)
        let shown = context.visibility.sql(.workflow, alias: "t", &builder).map { " and \($0)" } ?? ""
        builder.append("select 1 from workflows t where t.slug = \(key)\(shown)")
        guard try await context.send(SQL(builder.text), builder.parameters).rows().count > 0 else {
          throw MillraceError(.notFound, "No Workflow matches the given query.")
        }
        let problems = try await context.service.validate(workflow: slug, deadline: context.deadline)
        return CellBatch([
          problems.map { problem in
            slots.map { field -> ValueBatch.Cell in
              switch field {
              case 0: .text(problem.code.rawValue)
              case 1: problem.task.map { .text($0) } ?? .null
              default: .text(problem.message)
              }
            }
          }
        ])
      })
  }
}

/// Rows of cells for each parent.
final class CellBatch: KeyedBatch {
  private let values: ValueBatch

  /// - Parameter cells: per parent its rows, each in the order of the step's slots.
  init(_ cells: [[[ValueBatch.Cell]]]) {
    values = ValueBatch(cells.flatMap(\.self))
    var starts: ContiguousArray<Int32> = []
    var ends: ContiguousArray<Int32> = []
    var count: Int32 = 0
    for rows in cells {
      starts.append(count)
      count += Int32(rows.count)
      ends.append(count)
    }
    super.init(rowCount: Int(count), starts: starts, ends: ends)
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? { values.uuidKey(row: row, slot: slot) }
  override func textKey(row: Int, slot: Int) -> String? { values.textKey(row: row, slot: slot) }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    values.write(row: row, slot: slot, into: output)
  }
}

extension StepRequest {
  /// The work items above, by the source's first property.
  var workItems: [EntityID?]? {
    guard let parents else { return nil }
    let batch = unsafeDowncast(parents, to: KeyedBatch.self)
    return (0..<batch.rowCount).map { row in
      batch.uuidKey(row: row, slot: parentSlots[0]).map { EntityID(high: $0.high, low: $0.low) }
    }
  }
}
