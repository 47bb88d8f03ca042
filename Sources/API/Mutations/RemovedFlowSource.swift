import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// `removeFlow`: the payload shows the flow as it was, so its row is read before it goes away.
final class RemoveFlowSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  private let coerce: MutationCoercion

  init(schema: Schema) {
    coerce = MutationCoercion("removeFlow", schema)
    super.init(Entities.flow, schema: schema, name: "removeFlow", shape: .one)
  }

  /// Beside the flow's columns: the payload's own property.
  static let clientMutationID = PropertyID(Entities.flow.columns.count)

  override func begin(_ request: StepRequest) -> StepResult {
    let context = context(request)
    let given = MutationInput(request.arguments["input"] ?? .null)
    context.beginMutation()
    return .pending(
      PendingEntities(context: context) { [name, coerce] in
        let frame = MutationFrame(name, context, coerce: coerce)
        try await frame?.permit(given)
        let input = try await frame?.admit(given) ?? given
        let id = try input.id("flow", of: "Flow")
        var builder = StatementBuilder()
        let columns = Entities.flow.columns.map(\.sql).joined(separator: ", ")
        builder.append("select 1::bigint, \(columns) from flows t where t.id = \(builder.bind(uuid: id))")
        let statement = builder
        let rows = try await context.service.removeFlow(
          EntityID(high: id.high, low: id.low), by: DefinitionMutations.editor(context)
        ) {
          try await $0.query(SQL(statement.text), statement.parameters)
        }
        return RemovedFlowBatch(
          EntityBatch(rows: rows, columns: Entities.flow.columns),
          properties: request.properties, clientMutationID: input["clientMutationId"]?.string)
      })
  }
}

/// The flow of the payload above it.
final class RemovedFlowLink: StepSource, @unchecked Sendable {  // immutable after initialisation
  init() {
    super.init(name: "removedFlow", shape: .one, isSynchronous: true)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    // Made-up parents, where a request is only explained, have no payload.
    guard let payload = request.parents as? RemovedFlowBatch else { return .ready(CellBatch([])) }
    return .ready(payload.showing(request.properties))
  }
}

/// The removed flow's row, as the payload and as the flow itself.
private final class RemovedFlowBatch: KeyedBatch {
  private let row: EntityBatch
  private let properties: [PropertyID]
  private let clientMutationID: String?

  /// - Parameter rowCount: of the payload 1; of the flow none, when a repeated request finds it gone.
  init(_ row: EntityBatch, rowCount: Int = 1, properties: [PropertyID], clientMutationID: String?) {
    self.row = row
    self.properties = properties
    self.clientMutationID = clientMutationID
    super.init(rowCount: rowCount, starts: [0], ends: [Int32(rowCount)])
  }

  func showing(_ properties: [PropertyID]) -> RemovedFlowBatch {
    RemovedFlowBatch(row, rowCount: row.rowCount, properties: properties, clientMutationID: clientMutationID)
  }

  override func uuidKey(row: Int, slot: Int) -> UUID128? {
    self.row.uuidKey(row: row, slot: properties[slot].index)
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    if properties[slot] == RemoveFlowSource.clientMutationID {
      guard let clientMutationID else { return .null }
      output.appendString(clientMutationID)
      return .written
    }
    return self.row.write(row: row, slot: properties[slot].index, into: output)
  }
}
