import GraphQL
import Millrace

/// A connection over a list that modules make, not the database: paged when it is whole.
final class OfferSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  /// One row: the cells of all properties.
  typealias Row = [ValueBatch.Cell]
  typealias Offers = @Sendable (ValueObject, APIContext) async throws -> [Row]

  private let offers: Offers

  init(_ name: String, _ offers: @escaping Offers) {
    self.offers = offers
    super.init(name: name, shape: .connection)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    let page: Page
    do throws(GraphQLError) {
      page = try Page(request.arguments, settings: context.settings)
    } catch {
      return .failed(error)
    }
    let arguments = request.arguments
    let slots = request.properties.map(\.index)
    return .pending(
      PendingEntities(context: context) { [offers] in
        let rows = try await offers(arguments, context)
        let start = min(page.offset(total: rows.count), rows.count)
        let end = page.end(total: rows.count)
        let shown = rows[start..<max(start, min(end, rows.count))]
        return ValueBatch(
          shown.map { row in slots.map { row[$0] } },
          page: PageSlice(offset: start, hasNextPage: end < rows.count, totalCount: rows.count))
      })
  }
}
