import Expressions
import Postgres
import WorkflowEngine

/// Reads and writes workflows, tasks and flows.
///
/// Every write first raises the revision, which also makes the writers of definitions wait for each other.
public enum DefinitionStore {
  // MARK: Reading

  private static let tasks: SQL = """
    select slug, type, name, description, lead_time, is_multiple_instance, continue_async, address_groups,
    control_groups, node from tasks
    """
  private static let workflows: SQL = """
    select w.slug, w.compatibility, w.versioning,
    array(select s.task from workflow_start_tasks s where s.workflow = w.slug order by s.position),
    w.is_published and not w.is_archived from workflows w
    """
  private static let flows: SQL = """
    select f.workflow, f.id, f.next,
    array(select t.task from task_flows t where t.flow = f.id order by t.position),
    array(select n.task from flow_next_tasks n where n.flow = f.id order by n.position)
    from flows f order by f.workflow, f.created_at, f.id
    """
  private static let redoable: SQL =
    "select workflow, task, redoable from task_flows where redoable is not null and redoable <> ''"

  // A writer of definitions waits for this lock, and this lock for it.
  private static let shareRevision: SQL = "select revision from definition_revision for share"

  /// Keeps the definitions as they are until the transaction ends; sent with what follows.
  public static func holdRevision(in transaction: Transaction) {
    transaction.send(shareRevision)
  }

  /// All definitions, in one round trip, and the revision behind them. They are of one moment if the revision is
  /// the one that was read before, since every change raises it.
  public static func load(
    in transaction: Transaction
  ) async throws(PostgresError) -> (definitions: Definitions, revision: Int64) {
    let tasks = transaction.send(tasks)
    let workflows = transaction.send(workflows)
    let flows = transaction.send(flows)
    let redoable = transaction.send(redoable)
    let versions = transaction.send(VersionStore.versions)
    let revision = transaction.send(FamilyStore.readRevision)
    var definitions = Definitions()
    let taskRows = try await tasks.rows()
    for row in 0..<taskRows.count {
      definitions.insert(
        TaskDefinition(
          slug: taskRows.text(row, 0), type: TaskType(rawValue: taskRows.text(row, 1)) ?? .simple,
          name: taskRows.json(row, 2), description: taskRows.json(row, 3),
          leadTime: taskRows.isNull(row, 4) ? nil : Int64(taskRows.int32(row, 4)),
          isMultipleInstance: taskRows.bool(row, 5), continueAsync: taskRows.bool(row, 6),
          addressGroups: taskRows.optionalText(row, 7), controlGroups: taskRows.optionalText(row, 8),
          node: taskRows.isNull(row, 9) ? nil : NodeJSON.stored(taskRows.json(row, 9))))
    }
    var flowsOf: [String: [FlowDefinition]] = [:]
    let flowRows = try await flows.rows()
    for row in 0..<flowRows.count {
      flowsOf[flowRows.text(row, 0), default: []].append(
        FlowDefinition(
          id: EntityID(flowRows.uuid(row, 1)), next: flowRows.text(row, 2), tasks: flowRows.textArray(row, 3),
          targets: flowRows.textArray(row, 4)))
    }
    var redoableOf: [String: [String: String]] = [:]
    let redoableRows = try await redoable.rows()
    for row in 0..<redoableRows.count {
      redoableOf[redoableRows.text(row, 0), default: [:]][redoableRows.text(row, 1)] = redoableRows.text(row, 2)
    }
    let workflowRows = try await workflows.rows()
    for row in 0..<workflowRows.count {
      let slug = workflowRows.text(row, 0)
      var workflow = WorkflowDefinition(
          slug: slug, startTasks: workflowRows.textArray(row, 3), flows: flowsOf[slug] ?? [],
          redoable: redoableOf[slug] ?? [:],
          compatibility: Compatibility(rawValue: workflowRows.text(row, 1)) ?? .exact)
      workflow.versioning = Versioning(rawValue: workflowRows.text(row, 2)) ?? .live
      workflow.startsByItself = workflowRows.bool(row, 4)
      definitions.insert(workflow)
    }
    let versionRows = try await versions.rows()
    for row in 0..<versionRows.count {
      guard let graph = Value(json: versionRows.json(row, 2)) else { continue }
      definitions.insert(VersionStore.version(versionRows.text(row, 0), versionRows.int64(row, 1), graph))
    }
    return (definitions, try await revision.rows().int64(0, 0))
  }

  public static func revision(in transaction: Transaction) async throws(PostgresError) -> FamilyStore.Revision {
    FamilyStore.Revision(try await transaction.query(FamilyStore.readRevision))
  }

  private static let raiseRevision: SQL = "update definition_revision set revision = revision + 1"
  private static let existingTasks: SQL = "select slug from tasks where slug = any($1)"
  private static let existingWorkflow: SQL = "select 1 from workflows where slug = $1"

  /// To be called before the first write of definitions in a transaction.
  public static func begin(in transaction: Transaction) {
    transaction.send(raiseRevision)
  }

  /// Which of the slugs are tasks.
  public static func existing(
    tasks slugs: [String], in transaction: Transaction
  ) async throws(PostgresError) -> Set<String> {
    var parameters = Parameters()
    parameters.append(slugs)
    let rows = try await transaction.query(existingTasks, parameters)
    return Set((0..<rows.count).map { rows.text($0, 0) })
  }

  public static func hasWorkflow(_ slug: String, in transaction: Transaction) async throws(PostgresError) -> Bool {
    var parameters = Parameters()
    parameters.append(slug)
    return try await transaction.query(existingWorkflow, parameters).count > 0
  }

  // MARK: Writing

  /// A value of an input: left out, or given and possibly null.
  public enum Field<Value: Sendable>: Sendable {
    case omitted
    case given(Value)

    public var value: Value? {
      if case .given(let value) = self { value } else { nil }
    }
  }

  /// What may be saved of a task. Columns that are left out keep their value, or get their default in a new row.
  public struct TaskInput: Sendable {
    public var slug: String
    public var type: TaskType
    /// Text in the language of the caller.
    public var name: String
    public var description: Field<String?> = .omitted
    public var meta: Field<String> = .omitted
    public var addressGroups: Field<String?> = .omitted
    public var controlGroups: Field<String?> = .omitted
    public var isArchived: Field<Bool> = .omitted
    public var leadTime: Field<Int32?> = .omitted
    public var isMultipleInstance: Field<Bool> = .omitted
    public var continueAsync: Field<Bool> = .omitted
    public var node: Field<NodeDefinition?> = .omitted
    /// That of the node, where `node` is left out; the rest of the node keeps its value.
    public var escalation: Field<EscalationRule?> = .omitted

    public init(slug: String, type: TaskType, name: String) {
      self.slug = slug
      self.type = type
      self.name = name
    }
  }

  public struct WorkflowInput: Sendable {
    public var slug: String
    public var name: String
    public var description: Field<String?> = .omitted
    public var meta: Field<String> = .omitted
    public var startTasks: [String]
    public var allowAllForms: Field<Bool> = .omitted
    public var isArchived: Field<Bool> = .omitted
    public var isPublished: Field<Bool> = .omitted
    public var compatibility: Field<Compatibility> = .omitted
    public var versioning: Field<Versioning> = .omitted
    /// That of a new workflow when none is given.
    public var defaultCompatibility = Compatibility.exact

    public init(slug: String, name: String, startTasks: [String]) {
      self.slug = slug
      self.name = name
      self.startTasks = startTasks
    }
  }

  // A boolean in front of each optional value says whether it was given: `case when $n then … else old end`.
  private static let saveTask: SQL = """
    insert into tasks as t (slug, type, name, description, meta, address_groups, control_groups, is_archived,
    lead_time, is_multiple_instance, continue_async, created_at, modified_at, created_by_user, created_by_group, node)
    values ($1, $2, jsonb_build_object($3::text, $4::text),
    case when $6::text is null then '{}' else jsonb_build_object($3::text, $6::text) end, coalesce($8, '{}'), $10,
    $12, coalesce($14, false), $16, coalesce($18, false), coalesce($20, false), $21, $21, $22, $23,
    coalesce($25, $27))
    on conflict (slug) do update set
    type = excluded.type, name = t.name || excluded.name,
    description = case when $5 then t.description || jsonb_build_object($3::text, $6::text) else t.description end,
    meta = case when $7 then excluded.meta else t.meta end,
    address_groups = case when $9 then $10 else t.address_groups end,
    control_groups = case when $11 then $12 else t.control_groups end,
    is_archived = case when $13 then $14 else t.is_archived end,
    lead_time = case when $15 then $16 else t.lead_time end,
    is_multiple_instance = case when $17 then $18 else t.is_multiple_instance end,
    continue_async = case when $19 then $20 else t.continue_async end,
    node = case when $24 then $25
    when $26 then nullif(coalesce(t.node, '{}') - 'escalation' || coalesce($27, '{}'), '{}') else t.node end,
    modified_at = $21, modified_by_user = $22, modified_by_group = $23
    """

  public static func save(
    _ input: TaskInput, language: String, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(input.slug)
    parameters.append(input.type.rawValue)
    parameters.append(language)
    parameters.append(input.name)
    parameters.append(input.description) { $0.append($1) }
    parameters.append(input.meta) { $0.append(json: $1) }
    parameters.append(input.addressGroups) { $0.append($1) }
    parameters.append(input.controlGroups) { $0.append($1) }
    parameters.append(input.isArchived) { $0.append($1) }
    parameters.append(input.leadTime) { $0.append($1) }
    parameters.append(input.isMultipleInstance) { $0.append($1) }
    parameters.append(input.continueAsync) { $0.append($1) }
    parameters.append(now)
    parameters.append(caller.user)
    parameters.append(caller.group)
    parameters.append(input.node) { $0.append(json: $1.map { NodeJSON.json($0).json }) }
    parameters.append(input.escalation) { $0.append(json: $1.map { NodeJSON.json(escalation: $0).json }) }
    transaction.send(saveTask, parameters)
    DefinitionLog.tell(.task(input.slug), caller: caller, now: now, in: transaction)
  }

  private static let saveWorkflow: SQL = """
    insert into workflows as w (slug, name, description, meta, allow_all_forms, is_archived, is_published,
    compatibility, created_at, modified_at, created_by_user, created_by_group, versioning)
    values ($1, jsonb_build_object($2::text, $3::text),
    case when $5::text is null then '{}' else jsonb_build_object($2::text, $5::text) end, coalesce($7, '{}'),
    coalesce($9, false), coalesce($11, false), coalesce($13, false), coalesce($15, $19), $16, $16, $17, $18,
    coalesce($21, 'live'))
    on conflict (slug) do update set
    name = w.name || excluded.name,
    description = case when $4 then w.description || jsonb_build_object($2::text, $5::text) else w.description end,
    meta = case when $6 then excluded.meta else w.meta end,
    allow_all_forms = case when $8 then $9 else w.allow_all_forms end,
    is_archived = case when $10 then $11 else w.is_archived end,
    is_published = case when $12 then $13 else w.is_published end,
    compatibility = case when $14 then $15 else w.compatibility end,
    versioning = case when $20 then $21 else w.versioning end,
    modified_at = $16, modified_by_user = $17, modified_by_group = $18
    """
  private static let removeStartTasks: SQL = "delete from workflow_start_tasks where workflow = $1"
  private static let addStartTasks: SQL = """
    insert into workflow_start_tasks (workflow, task, position)
    select $1, task, min(position) from unnest($2::text[]) with ordinality as start (task, position) group by task
    """

  public static func save(
    _ input: WorkflowInput, language: String, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(input.slug)
    parameters.append(language)
    parameters.append(input.name)
    parameters.append(input.description) { $0.append($1) }
    parameters.append(input.meta) { $0.append(json: $1) }
    parameters.append(input.allowAllForms) { $0.append($1) }
    parameters.append(input.isArchived) { $0.append($1) }
    parameters.append(input.isPublished) { $0.append($1) }
    parameters.append(input.compatibility) { $0.append($1?.rawValue) }
    parameters.append(now)
    parameters.append(caller.user)
    parameters.append(caller.group)
    parameters.append(input.defaultCompatibility.rawValue)
    parameters.append(input.versioning) { $0.append($1?.rawValue) }
    transaction.send(saveWorkflow, parameters)
    replaceStartTasks(of: input.slug, by: input.startTasks, in: transaction)
    DefinitionLog.tell(.workflow(input.slug), caller: caller, now: now, in: transaction)
  }

  static func replaceStartTasks(of workflow: String, by tasks: [String], in transaction: Transaction) {
    var key = Parameters()
    key.append(workflow)
    transaction.send(removeStartTasks, key)
    key.append(tasks)
    transaction.send(addStartTasks, key)
  }

  private static let detachTasks: SQL = "delete from task_flows where workflow = $1 and task = any($2)"
  private static let removeEmptyFlows: SQL = """
    delete from flows f where f.workflow = $1 and not exists (select 1 from task_flows t where t.flow = f.id)
    """
  private static let addFlow: SQL = """
    insert into flows (id, workflow, next, created_at, modified_at, created_by_user, created_by_group)
    values ($1, $2, $3, $4, $4, $5, $6)
    """
  private static let attachTasks: SQL = """
    insert into task_flows (workflow, task, flow, redoable, position)
    select $1, task, $3, $4, min(position)
    from unnest($2::text[]) with ordinality as source (task, position) group by task
    """

  private static let nameNextTasks: SQL = """
    insert into flow_next_tasks (flow, task, position)
    select $1, task, min(position) from unnest($2::text[]) with ordinality as named (task, position) group by task
    """

  /// Gives the tasks a flow of their own; a flow that loses its last task goes away.
  ///
  /// - Parameter nextTasks: the tasks that `next` names.
  public static func addFlow(
    id: EntityID, workflow: String, tasks: [String], next: String, nextTasks: [String], redoable: String?,
    caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    var parameters = Parameters()
    parameters.append(workflow)
    parameters.append(tasks)
    transaction.send(detachTasks, parameters)
    DefinitionLog.tell(.emptyFlows(ofWorkflow: workflow), caller: caller, now: now, in: transaction)
    var key = Parameters()
    key.append(workflow)
    transaction.send(removeEmptyFlows, key)
    var row = Parameters()
    row.append(id.uuid)
    row.append(workflow)
    row.append(next)
    row.append(now)
    row.append(caller.user)
    row.append(caller.group)
    transaction.send(addFlow, row)
    parameters.append(id.uuid)
    parameters.append(redoable)
    transaction.send(attachTasks, parameters)
    var named = Parameters()
    named.append(id.uuid)
    named.append(nextTasks)
    transaction.send(nameNextTasks, named)
    DefinitionLog.tell(.flow(id), caller: caller, now: now, in: transaction)
  }

  private static let removeFlow: SQL = "delete from flows where id = $1"

  /// - Returns: whether there was such a flow.
  public static func removeFlow(
    _ id: EntityID, caller: Caller, now: Timestamp, in transaction: Transaction
  ) async throws(PostgresError) -> Bool {
    DefinitionLog.tell(.removedFlow(id), caller: caller, now: now, in: transaction)
    var parameters = Parameters()
    parameters.append(id.uuid)
    return try await transaction.query(removeFlow, parameters).affectedRows > 0
  }
}

extension Parameters {
  /// Whether a value was given, and the value.
  fileprivate mutating func append<Value>(
    _ field: DefinitionStore.Field<Value?>, _ append: (inout Parameters, Value?) -> Void
  ) {
    self.append(field.value != nil)
    append(&self, field.value ?? nil)
  }

  fileprivate mutating func append<Value>(
    _ field: DefinitionStore.Field<Value>, _ append: (inout Parameters, Value?) -> Void
  ) {
    self.append(field.value != nil)
    append(&self, field.value)
  }
}
