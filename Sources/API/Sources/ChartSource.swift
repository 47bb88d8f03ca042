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
    guard let batch = request.parents, let format = ChartFormat(rawValue: request.arguments["format"]?.string ?? "") else {
      return .failed(GraphQLError("There is nothing to draw."))
    }
    let parents = unsafeDowncast(batch, to: KeyedBatch.self)
    var builder = StatementBuilder()
    builder.append(statement(keys(parents, request.parentSlots[0], &builder), context, &builder))
    let pending = context.send(SQL(builder.text), builder.parameters)
    let count = request.parentCount
    return .pending(
      PendingEntities(context: context) {
        let rows = try await pending.rows()
        var charts = [String?](repeating: nil, count: count)
        for row in 0..<rows.count {
          let drawing = try JSONDocument(ContiguousArray(rows.jsonb(row, 1).bindMemory(to: UInt8.self))).root
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
        uuids: (0..<parents.rowCount).map { parents.uuidKey(row: $0, slot: slot) ?? UUID128(high: 0, low: 0) }) + "::uuid[]"
    }
  }

  /// Items that the caller may not see are not counted; tasks and flows are left out, but for tasks that the text of a
  /// visible flow names: these come without a name. Of a workflow that the caller may not see there is nothing.
  private func statement(_ keys: String, _ context: APIContext, _ builder: inout StatementBuilder) -> String {
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
      source = "workflows w on w.slug = p.key"
      states = "null"
    case .case:
      let seenWorkflow = context.visibility.sql(.workflow, alias: "w", &builder).map { " and \($0)" } ?? ""
      source = "cases c on c.id = p.key left join workflows w on w.slug = c.workflow\(seenWorkflow)"
      states = """
        (select jsonb_agg(jsonb_build_array(task, status, n)) from (select i.task, i.status, count(*) as n from work_items i \
        where i.case_id = c.id\(seenItem) group by i.task, i.status) s)
        """
    }
    return """
      select p.ord, jsonb_build_object('title', \(text("w.name")), \
      'start', (select jsonb_agg(s.task order by s.position) from workflow_start_tasks s where s.workflow = w.slug\(isSeen("s.task"))), \
      'flows', (select jsonb_agg(jsonb_build_array((select jsonb_agg(x.task order by x.position) from task_flows x where x.flow = f.id\(isSeen("x.task"))), f.next) \
      order by f.created_at, f.id) from flows f where f.workflow = w.slug\(seenFlow)), \
      'names', (select jsonb_object_agg(t.slug, \(text("t.name"))) from tasks t where t.slug in (\
      select s.task from workflow_start_tasks s where s.workflow = w.slug union select x.task from task_flows x where x.workflow = w.slug \
      union select n.task from flow_next_tasks n join flows f on f.id = n.flow where f.workflow = w.slug \
      union select unnest(r.tasks))\(seenTask)), \
      'nodes', (select jsonb_agg(jsonb_build_array(t.slug, t.type, t.node -> 'edges') order by t.slug) from tasks t \
      where t.slug = any(r.tasks) and t.node is not null\(seenTask)), \
      'states', \(states)) \
      from unnest(\(keys)) with ordinality p (key, ord) join \(source) \
      left join lateral (with recursive reach (task) as ((select s.task from workflow_start_tasks s where s.workflow = w.slug \
      union select n.task from flow_next_tasks n join flows f on f.id = n.flow where f.workflow = w.slug) \
      union select e ->> 'target' from reach join tasks t on t.slug = reach.task\(seenTask) \
      cross join jsonb_array_elements(t.node -> 'edges') e) select array_agg(task) as tasks from reach) r on true
      """
  }
}

/// What the statement tells of one chart.
private struct ChartDrawing {
  private let found: JSONValue

  init(_ found: JSONValue) {
    self.found = found
  }

  var graph: ChartGraph {
    var names: [String: String] = [:]
    for (slug, name) in found["names"]?.members ?? [] { names[slug] = name.string.flatMap { $0.isEmpty ? nil : $0 } ?? slug }
    let flows = (found["flows"]?.items ?? []).compactMap { flow -> WorkflowChart.Flow? in
      let parts = flow.items
      guard parts.count == 2, let next = parts[1].string else { return nil }
      let tasks = parts[0].items.compactMap(\.string)
      return tasks.isEmpty ? nil : WorkflowChart.Flow(tasks: tasks, next: next)
    }
    let nodes = (found["nodes"]?.items ?? []).compactMap { node -> WorkflowChart.Node? in
      let parts = node.items
      guard parts.count == 3, let task = parts[0].string, let type = parts[1].string else { return nil }
      return WorkflowChart.Node(
        task: task, type: type,
        edges: parts[2].items.compactMap { edge in
          edge["target"]?.string.map { .init(target: $0, condition: edge["condition"]?.string) }
        })
    }
    return WorkflowChart.graph(
      title: found["title"]?.string ?? "", startTasks: (found["start"]?.items ?? []).compactMap(\.string), flows: flows,
      nodes: nodes, names: names, states: states)
  }

  /// What runs by itself and is not done yet looks like what waits for somebody.
  private static func state(_ status: String) -> ChartGraph.State? {
    switch status {
    case "waiting", "scheduled", "running", "error": .ready
    default: ChartGraph.State(rawValue: status)
    }
  }

  /// What matters most of a task's items: what waits for somebody before what is done.
  private var states: WorkflowChart.States {
    var states: WorkflowChart.States = [:]
    for entry in found["states"]?.items ?? [] {
      let parts = entry.items
      guard parts.count == 3, let task = parts[0].string, let state = Self.state(parts[1].string ?? "")
      else { continue }
      let count = Int(parts[2].int ?? 0) + (states[task]?.count ?? 0)
      let other = states[task]?.state ?? state
      let order = ChartGraph.State.allCases
      let isFirst = (order.firstIndex(of: state) ?? 0) < (order.firstIndex(of: other) ?? 0)
      states[task] = (isFirst ? state : other, count)
    }
    return states
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
