import GraphQL
import Millrace
import Postgres

/// What the caller goes on with: first their own items, then what they may take.
///
/// In a case jobs that run come next, then what has failed: in the case itself, then in what it started, in what
/// started it, and in the rest of its family. In a workflow, or everywhere, only what a person can do counts, the
/// oldest first.
final class NextWorkItemSource: EntitySource, @unchecked Sendable {  // immutable after initialisation
  private static let twoPlaces = GraphQLError(
    "nextWorkItem looks in a case or in a workflow, not in both.",
    code: MillraceError.Code.invalidInput.rawValue)

  init(schema: Schema) {
    super.init(Entities.workItem, schema: schema, name: "nextWorkItem", shape: .one)
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = context(request)
    let place = (case: text("case", request), workflow: text("workflow", request))
    if place.case != nil, place.workflow != nil { return .failed(Self.twoPlaces) }
    guard let user = context.caller.user else { return empty(request) }
    var builder = StatementBuilder()
    if let id = place.case {
      guard let key = UUID128(GlobalID.key(id)) else { return empty(request) }
      inCase(key, user, request, context, &builder)
    } else {
      do throws(GraphQLError) {
        try anywhere(request, context, &builder)
      } catch {
        return .failed(error)
      }
    }
    return send(builder, request, context)
  }

  private func text(_ name: String, _ request: StepRequest) -> String? { request.arguments[name]?.string }

  private func inCase(
    _ key: UUID128, _ user: String, _ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder
  ) {
    let list = selectList(request, context, &builder)
    let id = builder.bind(uuid: key)
    let own = builder.bind(texts: [user])
    let groups = builder.bind(texts: context.visibility.user.groups)
    let shown = visible(context, &builder).map { " and \($0)" } ?? ""
    builder.append(
      """
      select 1::bigint\(list) from (
      select t.*, case when t.status = 'ready' and t.assigned_users @> \(own) then 0
      when t.status = 'ready' and t.assigned_users = '{}'
      and (t.addressed_groups && \(groups) or t.addressed_groups = '{}') then 1
      when t.status in ('scheduled', 'running') and (select k.type from tasks k where k.slug = t.task) = 'job' then 2
      when t.status = 'error' then 3 end as turn,
      case when t.case_id = \(id) then 0
      when exists (select 1 from work_items p join cases c on c.id = t.case_id
      where p.case_id = \(id) and (p.child_case = c.id or p.id = c.parent_item)) then 1
      when exists (select 1 from cases c left join work_items p on p.child_case = c.id or p.id = c.parent_item
      where c.id = \(id) and p.case_id = t.case_id) then 2 else 3 end as distance
      from work_items t where t.family = (select family from cases where id = \(id))
      and \(WorkLists.isAwake)\(shown)) t
      where t.turn is not null order by t.distance, t.turn, t.created_at, t.id limit 1
      """)
  }

  /// The first of the inbox, else the first of the queue: each is the head of an index.
  private func anywhere(
    _ request: StepRequest, _ context: APIContext, _ builder: inout StatementBuilder
  ) throws(GraphQLError) {
    let list = selectList(request, context, &builder)
    var parts: [String] = []
    for (turn, scope) in [WorkLists.inbox, WorkLists.queue].enumerated() {
      var conditions = [scope(context, &builder), visible(context, &builder)].compactMap(\.self)
      if let workflow = request.arguments["workflow"], workflow.string != nil,
        let condition = try WorkflowFilters.workItem.keys["workflow"]?(workflow, context, &builder)
      {
        conditions.append(condition)
      }
      parts.append(
        """
        (select t.*, \(turn) as turn from work_items t where \(conditions.joined(separator: " and "))
        order by t.created_at, t.id limit 1)
        """)
    }
    builder.append("select 1::bigint\(list) from (\(parts.joined(separator: " union all "))) t order by t.turn limit 1")
  }
}
