import GraphQL
import Millrace
import Postgres

/// `Subscription.caseEvents`: the event log of a case, read at its subscriber's pace.
final class CaseEventsSource: StreamSource, @unchecked Sendable {  // immutable after initialisation
  init() {
    super.init(name: "caseEvents", shape: .one)
  }

  override func events(_ request: StreamRequest) async throws(GraphQLError) -> any SourceEventStream {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    let id = try GlobalID.uuid(request.arguments["case"]?.string ?? "")
    var after = try Self.position(request.arguments["after"])
    // A client that was cut off names the last event it has seen; the subscription may be older than that.
    if let resumed = context.resumeAfter { after = max(after, resumed) }
    let includesFamily = request.arguments["family"]?.boolean ?? false
    let found = try await Self.locate(id, includesFamily, context)
    guard after <= found.last else {
      throw GraphQLError(
        "There is no event \(after): the log of this case ends with \(found.last).", code: "INVALID_INPUT")
    }
    return CaseEventStream(
      case: id, family: found.family, includesFamily: includesFamily, after: after,
      context: context)
  }

  private static func position(_ value: Value?) throws(GraphQLError) -> Int64 {
    let after = value?.int ?? 0
    guard after >= 0 else { throw GraphQLError("`after` must not be negative.", code: "INVALID_INPUT") }
    return after
  }

  /// The family of a case that the caller may see, and the number of its last event.
  private static func locate(
    _ id: UUID128, _ includesFamily: Bool, _ context: APIContext
  ) async throws(GraphQLError) -> (family: UUID128, last: Int64) {
    var builder = StatementBuilder()
    let key = builder.bind(uuid: id)
    let secrecy = TimelineVisibility.caseEvent
    var last = Entities.lastEvent
    if !secrecy.isFull(context) {
      let family = "t.family = (select c.family from cases c where c.id = \(key))"
      let found = (includesFamily ? [family] : [family, "t.case_id = \(key)"]) + secrecy.conditions(context, &builder)
      last = "(select count(*) from events t where \(found.joined(separator: " and ")))"
    }
    builder.append("select t.family, \(last) from cases t where t.id = \(key)")
    if let seen = context.visibility.sql(.case, alias: "t", &builder) { builder.append(" and \(seen)") }
    let rows: Rows
    do {
      rows = try await context.send(SQL(builder.text), builder.parameters).rows()
    } catch {
      throw context.masked(error)
    }
    guard rows.count > 0 else {
      throw GraphQLError("No Case matches the given query.", code: "NOT_FOUND")
    }
    return (rows.uuid(0, 0), rows.int64(0, 1))
  }
}
