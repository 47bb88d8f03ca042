import Charts
import GraphQL
import Millrace
import Postgres

/// The `chart` of workflows and cases: one statement for all that a list asks for, drawn by `Charts`.
final class ChartSource: StepSource, @unchecked Sendable {  // immutable after initialisation
  enum Subject: Sendable {
    case workflow
    case `case`
  }

  private let subject: Subject

  init(_ subject: Subject) {
    self.subject = subject
    let key = subject == .workflow ? Entities.workflow.known("slug") : Entities.case.known("key")
    super.init(name: "chart", shape: .one, parentProperties: [key])
  }

  override func begin(_ request: StepRequest) -> StepResult {
    let context = unsafeDowncast(request.context, to: APIContext.self)
    guard let batch = request.parents, let format = ChartFormat(rawValue: request.arguments["format"]?.string ?? "")
    else {
      return .failed(GraphQLError("There is nothing to draw."))
    }
    let parents = unsafeDowncast(batch, to: KeyedBatch.self)
    let version = request.arguments["version"]?.int
    var builder = StatementBuilder()
    builder.append(statement(keys(parents, request.parentSlots[0], &builder), version, context, &builder))
    let pending = context.send(SQL(builder.text), builder.parameters)
    let count = request.parentCount
    return .pending(
      PendingEntities(context: context) {
        let rows = try await pending.rows()
        var charts = [String?](repeating: nil, count: count)
        for row in 0..<rows.count {
          let drawing = try JSONDocument(ContiguousArray(rows.jsonb(row, 1).bindMemory(to: UInt8.self))).root
          if let version, drawing["version"]?.int == nil {
            throw GraphQLError("The workflow has no version \(version).", code: "NOT_FOUND")
          }
          charts[Int(rows.int64(row, 0)) - 1] = ChartDrawing(drawing).graph.chart(format)
        }
        return ChartBatch(charts)
      })
  }

  private func keys(_ parents: KeyedBatch, _ slot: Int, _ builder: inout StatementBuilder) -> String {
    switch subject {
    case .workflow:
      builder.bind(texts: (0..<parents.rowCount).map { parents.textKey(row: $0, slot: slot) ?? "" }) + "::text[]"
    case .case:
      builder.bind(
        uuids: (0..<parents.rowCount).map { parents.uuidKey(row: $0, slot: slot) ?? UUID128(high: 0, low: 0) })
        + "::uuid[]"
    }
  }

  /// Items that the caller may not see are not counted; tasks and flows are left out, but for tasks that the text of a
  /// visible flow names: these come without a name. Of a workflow that the caller may not see there is nothing.
  private func statement(
    _ keys: String, _ version: Int64?, _ context: APIContext, _ builder: inout StatementBuilder
  ) -> String {
    let language = builder.bind(text: context.language)
    let fallback = builder.bind(text: context.defaultLanguage)
    func text(_ column: String) -> String { "coalesce(\(column) ->> \(language), \(column) ->> \(fallback), '')" }
    let seenTask = context.visibility.sql(.task, alias: "t", &builder).map { " and \($0)" } ?? ""
    let seenItem = context.visibility.sql(.workItem, alias: "i", &builder).map { " and \($0)" } ?? ""
    let seenFlow = context.visibility.sql(.flow, alias: "f", &builder).map { " and \($0)" } ?? ""
    func isSeen(_ task: String) -> String {
      seenTask.isEmpty ? "" : " and exists (select 1 from tasks t where t.slug = \(task)\(seenTask))"
    }
    let source: String
    let states: String
    switch subject {
    case .workflow:
      let number = version.map { "\(builder.bind(integer: Int($0)))" } ?? "null"
      source =
        "workflows w on w.slug = p.key left join workflow_versions v on v.workflow = w.slug and v.number = \(number)"
      states = "null"
    case .case:
      let seenWorkflow = context.visibility.sql(.workflow, alias: "w", &builder).map { " and \($0)" } ?? ""
      source = """
        cases c on c.id = p.key left join workflows w on w.slug = c.workflow\(seenWorkflow) \
        left join workflow_versions v on v.workflow = w.slug and v.number = c.workflow_version
        """
      states = """
        (select jsonb_agg(jsonb_build_array(task, status, n)) from (select i.task, i.status, count(*) as n \
        from work_items i \
        where i.case_id = c.id\(seenItem) group by i.task, i.status) s)
        """
    }
    let past =
      subject == .case ? past(isSeen: (task: seenTask, item: seenItem), name: text("t.name"), context, &builder) : ""
    let seenFrozenFlow =
      seenFlow.isEmpty ? "" : " and exists (select 1 from flows f where f.id::text = g.flow ->> 'id'\(seenFlow))"
    let published = """
      'start', (select jsonb_agg(s.task order by s.n) from jsonb_array_elements_text(v.graph -> 'startTasks') \
      with ordinality s (task, n) where true\(isSeen("s.task"))), \
      'flows', (select jsonb_agg(jsonb_build_array((select jsonb_agg(x.task order by x.n) \
      from jsonb_array_elements_text(g.flow -> 'tasks') with ordinality x (task, n) \
      where true\(isSeen("x.task"))), g.flow ->> 'next') \
      order by g.n) from jsonb_array_elements(v.graph -> 'flows') with ordinality g (flow, n) \
      where true\(seenFrozenFlow)), \
      'tasks', (select jsonb_agg(jsonb_build_array(g.task ->> 'slug', \(text("(g.task -> 'name')")), \
      g.task ->> 'type', \
      g.task -> 'isMultipleInstance', nullif(g.task -> 'node', 'null'::jsonb)) order by g.n) \
      from jsonb_array_elements(v.graph -> 'tasks') with ordinality g (task, n) \
      where true\(isSeen("(g.task ->> 'slug')")))
      """
    let live = """
      'start', (select jsonb_agg(s.task order by s.position) from workflow_start_tasks s \
      where s.workflow = w.slug\(isSeen("s.task"))), \
      'flows', (select jsonb_agg(jsonb_build_array((select jsonb_agg(x.task order by x.position) from task_flows x \
      where x.flow = f.id\(isSeen("x.task"))), f.next) \
      order by f.created_at, f.id) from flows f where f.workflow = w.slug\(seenFlow)), \
      'tasks', (select jsonb_agg(jsonb_build_array(t.slug, \(text("t.name")), t.type, t.is_multiple_instance, t.node) \
      order by t.slug) \
      from tasks t where t.slug in (\
      select s.task from workflow_start_tasks s where s.workflow = w.slug union select x.task from task_flows x \
      where x.workflow = w.slug \
      union select n.task from flow_next_tasks n join flows f on f.id = n.flow where f.workflow = w.slug \
      union select reach.task from reach)\(seenTask))
      """
    let reach = """
      with recursive reach (task) as ((select s.task from workflow_start_tasks s where s.workflow = w.slug \
      union select x.task from task_flows x where x.workflow = w.slug \
      union select n.task from flow_next_tasks n join flows f on f.id = n.flow where f.workflow = w.slug) \
      union select e ->> 'target' from reach join tasks t on t.slug = reach.task\(seenTask) \
      cross join jsonb_array_elements(coalesce(t.node -> 'edges', '[]') || coalesce(t.node -> 'boundaries', '[]')) e)
      """
    return """
      select p.ord, jsonb_build_object('title', \(text("w.name")), 'version', v.number, 'states', \(states)\(past)) || \
      case when v.number is not null then jsonb_build_object(\(published)) \
      else (\(reach) select jsonb_build_object(\(live))) end \
      from unnest(\(keys)) with ordinality p (key, ord) join \(source)
      """
  }

  /// The tasks of a case's items that are not of its version, or may not be where its workflow leads to, and which
  /// task's items followed which. Timers of boundaries show at their hosts.
  private func past(
    isSeen: (task: String, item: String), name: String, _ context: APIContext, _ builder: inout StatementBuilder
  ) -> String {
    let seenBefore = context.visibility.sql(.workItem, alias: "b", &builder).map { " and \($0)" } ?? ""
    return """
      , 'past', (select jsonb_agg(jsonb_build_array(t.slug, \(name), t.type, t.is_multiple_instance, t.node) \
      order by t.slug) \
      from tasks t where t.slug in (select i.task from work_items i where i.case_id = c.id\(isSeen.item)) \
      and not exists (select 1 from jsonb_array_elements(v.graph -> 'tasks') g where g ->> 'slug' = t.slug) \
      and not exists (select 1 from tasks h \
      where h.slug <> t.slug and starts_with(t.slug, h.slug || '__timeout'))\(isSeen.task)), \
      'ways', (select jsonb_agg(distinct jsonb_build_array(b.task, i.task)) from work_items i \
      join work_items b on b.id = i.previous_work_item where i.case_id = c.id\(isSeen.item)\(seenBefore))
      """
  }
}

/// One text for each parent.
private final class ChartBatch: RowBatch {
  private let charts: [String?]

  init(_ charts: [String?]) {
    self.charts = charts
    super.init(
      rowCount: charts.count, starts: ContiguousArray(0..<Int32(charts.count)),
      ends: ContiguousArray((0..<Int32(charts.count)).map { $0 + 1 }))
  }

  override func write(row: Int, slot: Int, into output: OutputBuffer) -> LeafResult {
    guard let chart = charts[row] else { return .null }
    output.appendString(chart)
    return .written
  }
}
