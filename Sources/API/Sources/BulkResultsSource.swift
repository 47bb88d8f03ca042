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

  // Between the payload and its list the results travel as one text.
  private static let field: Character = "\u{1F}"
  private static let record: Character = "\u{1E}"

  static func encode(_ results: [BulkResult]) -> String {
    results.map { result in
      [result.workItem?.description ?? "", result.error?.code.rawValue ?? "", result.error?.message ?? ""]
        .map { $0.filter { $0 != field && $0 != record } }.joined(separator: String(field))
    }.joined(separator: String(record))
  }

  fileprivate static func cells(_ text: String) -> [[ValueBatch.Cell]] {
    guard !text.isEmpty else { return [] }
    return text.split(separator: record, omittingEmptySubsequences: false).map { line in
      let parts = line.split(separator: field, maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      let error = parts.count == 3 && !parts[1].isEmpty
      return [
        EntityID(parts[0]).map { .uuid($0.uuid) } ?? .null, .value(.boolean(!error)), error ? .text(parts[1]) : .null,
        error ? .text(parts[2]) : .null,
      ]
    }
  }
}

/// `results` of the payloads of bulk mutations, in the order of the input.
final class BulkResultsSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  static let fields = ["workItem", "isDone", "code", "reason"]

  init() {
    super.init(name: "results", shape: .list, parentProperties: [MutationSource.results])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    guard let parents = request.parents else { return .failed(GraphQLError("There is no payload.")) }
    let batch = unsafeDowncast(parents, to: KeyedBatch.self)
    let slots = request.properties.map(\.index)
    return .ready(
      CellBatch(
        (0..<batch.rowCount).map { row in
          BulkResult.cells(batch.textKey(row: row, slot: request.parentSlots[0]) ?? "").map { cells in
            slots.map { cells[$0] }
          }
        }))
  }
}
