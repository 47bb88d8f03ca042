import Expressions
import Postgres
import WorkflowEngine

/// Published versions of workflows: a graph as one JSON object.
public enum VersionStore {
  /// A workflow with all tasks that can be reached, as JSON.
  public static func graph(of workflow: WorkflowDefinition, _ definitions: Definitions) -> Value {
    var slugs: [String] = []
    var pending = Array(workflow.startTasks.reversed())
    while let slug = pending.popLast() {
      guard !slugs.contains(slug), let task = definitions.task(slug) else { continue }
      slugs.append(slug)
      let edges = task.node?.edges ?? []
      let flow = edges.isEmpty ? workflow.flow(of: slug) : nil
      pending += edges.map(\.target) + (task.node?.boundaries.map(\.target) ?? []) + (flow?.tasks ?? [])
        + (flow?.targets ?? [])
    }
    return object([
      ("startTasks", texts(workflow.startTasks)), ("compatibility", .string(workflow.compatibility.rawValue)),
      ("flows", .array(workflow.flows.map { flow(of: $0, workflow) })),
      ("tasks", .array(slugs.compactMap { definitions.task($0) }.map(task))),
    ])
  }

  private static func flow(of flow: FlowDefinition, _ workflow: WorkflowDefinition) -> Value {
    object([
      ("id", .string(flow.id.description)), ("next", .string(flow.next)), ("tasks", texts(flow.tasks)),
      ("targets", flow.targets.map(texts) ?? .null),
      ("redoable", text(flow.tasks.lazy.compactMap { workflow.redoable(of: $0) }.first)),
    ])
  }

  private static func task(_ task: TaskDefinition) -> Value {
    object([
      ("slug", .string(task.slug)), ("type", .string(task.type.rawValue)),
      ("name", Value(json: task.name) ?? .null), ("description", Value(json: task.description) ?? .null),
      ("leadTime", task.leadTime.map { .int($0) } ?? .null), ("isMultipleInstance", .bool(task.isMultipleInstance)),
      ("continueAsync", .bool(task.continueAsync)), ("addressGroups", text(task.addressGroups)),
      ("controlGroups", text(task.controlGroups)), ("node", task.node.map(NodeJSON.json) ?? .null),
    ])
  }

  private static func object(_ members: [(String, Value)]) -> Value {
    .object(members.map { Value.Member(key: $0.0, value: $0.1) })
  }

  private static func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
  private static func texts(_ texts: [String]) -> Value { .array(texts.map { .string($0) }) }

  // MARK: Reading

  // Versions that no open case keeps to, and that no new one would, are history.
  static let versions: SQL = """
    select v.workflow, v.number, v.graph from workflow_versions v
    where v.number = (select max(n.number) from workflow_versions n where n.workflow = v.workflow)
    or exists (select 1 from cases c where c.workflow = v.workflow and c.workflow_version = v.number)
    """

  static func version(_ slug: String, _ number: Int64, _ graph: Value) -> WorkflowVersion {
    let flows = list(graph["flows"]).map { flow in
      FlowDefinition(
        id: flow["id"].flatMap(text).flatMap { EntityID($0) } ?? EntityID(high: 0, low: 0),
        next: flow["next"].flatMap(text) ?? "", tasks: list(flow["tasks"]).compactMap(text),
        targets: list(flow["targets"]).compactMap(text))
    }
    var redoable: [String: String] = [:]
    for flow in list(graph["flows"]) {
      guard let expression = flow["redoable"].flatMap(text) else { continue }
      for task in list(flow["tasks"]).compactMap(text) { redoable[task] = expression }
    }
    let workflow = WorkflowDefinition(
      slug: slug, startTasks: list(graph["startTasks"]).compactMap(text), flows: flows, redoable: redoable,
      compatibility: graph["compatibility"].flatMap(text).flatMap { Compatibility(rawValue: $0) } ?? .exact)
    return WorkflowVersion(number: number, workflow: workflow, tasks: list(graph["tasks"]).map(task))
  }

  private static func task(_ value: Value) -> TaskDefinition {
    TaskDefinition(
      slug: value["slug"].flatMap(text) ?? "",
      type: value["type"].flatMap(text).flatMap { TaskType(rawValue: $0) } ?? .simple,
      name: value["name"]?.json ?? "{}", description: value["description"]?.json ?? "{}",
      leadTime: value["leadTime"].flatMap { if case .int(let seconds) = $0 { seconds } else { nil } },
      isMultipleInstance: value["isMultipleInstance"]?.isTrue ?? false,
      continueAsync: value["continueAsync"]?.isTrue ?? false, addressGroups: value["addressGroups"].flatMap(text),
      controlGroups: value["controlGroups"].flatMap(text), node: value["node"].flatMap { try? NodeJSON.node($0) })
  }

  private static func text(_ value: Value) -> String? { if case .string(let text) = value { text } else { nil } }
  private static func list(_ value: Value?) -> [Value] { if case .array(let items)? = value { items } else { [] } }

  // MARK: Writing

  private static let newest: SQL = """
    select number, checksum = md5($2::jsonb::text) from workflow_versions where workflow = $1
    order by number desc limit 1
    """
  private static let publish: SQL = """
    insert into workflow_versions (workflow, number, graph, checksum, created_at, created_by_user, created_by_group)
    values ($1, $2, $3, md5($3::jsonb::text), $6, $4, $5)
    """

  /// The newest version's number, 0 for none, and whether it has this graph.
  public static func newest(
    of workflow: String, comparedTo graph: Value, in transaction: Transaction
  ) async throws(PostgresError) -> (number: Int64, isSame: Bool) {
    var parameters = Parameters()
    parameters.append(workflow)
    parameters.append(json: graph.json)
    let rows = try await transaction.query(newest, parameters)
    return rows.count == 0 ? (0, false) : (rows.int64(0, 0), rows.bool(0, 1))
  }

  /// - Parameter number: the next one, which nobody else gives while this transaction changes definitions.
  public static func publish(
    _ graph: Value, workflow: String, number: Int64, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(workflow)
    parameters.append(number)
    parameters.append(json: graph.json)
    parameters.append(caller.user)
    parameters.append(caller.group)
    parameters.append(now)
    transaction.send(publish, parameters)
    DefinitionLog.tell(.version(ofWorkflow: workflow), caller: caller, now: now, in: transaction)
  }
}
