import GraphQL
import Millrace
import Postgres
import WorkflowEngine

/// What became of one work item of a bulk mutation.
struct BulkResult: Sendable {
  /// Nil where the id was none.
  let workItem: EntityID?
  /// Nil when it was done.
  let error: MillraceError?

  /// In the order of `BulkResultsSource.fields`.
  var cells: [ValueBatch.Cell] {
    [
      workItem.map { .uuid($0.uuid) } ?? .null, .value(.boolean(error == nil)),
      error.map { .text($0.code.rawValue) } ?? .null, error.map { .text($0.message) } ?? .null,
    ]
  }
}

/// `results` of the payloads of bulk mutations, in the order of the input.
final class BulkResultsSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  static let fields = ["workItem", "isDone", "code", "reason"]

  init() {
    super.init(name: "results", shape: .list, parentProperties: [MutationSource.results])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    // Made-up parents, where a request is only explained, have no payloads.
    guard let payloads = request.parents as? ValueBatch else { return .ready(CellBatch([])) }
    let slots = request.properties.map(\.index)
    return .ready(
      CellBatch(
        (0..<payloads.rowCount).map { row in
          payloads.rows(row: row, slot: request.parentSlots[0]).map { cells in slots.map { cells[$0] } }
        }))
  }
}
