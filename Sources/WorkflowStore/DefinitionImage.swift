import Postgres
import WorkflowEngine

/// Definitions as whole JSON objects, in all languages: what files of definitions are made of and compared with. A
/// JSON text is always Postgres's own for the value, so that equal values have equal texts. Who wrote
/// a definition, and when, is left out: the history of each database tells.
public enum DefinitionImage {
  public struct Flow: Sendable {
    public let id: EntityID
    public let workflow: String
    /// `tasks`, `next`, `redoable`.
    public let json: String
  }

  public struct All: Sendable {
    /// By slug.
    public var tasks: [String: String] = [:]
    /// By slug; without the flows.
    public var workflows: [String: String] = [:]
    public var flows: [Flow] = []
  }

  private static let tasks: SQL = """
    select slug, jsonb_build_object('slug', slug, 'type', type, 'name', name, 'description', description,
    'meta', meta, 'addressGroups', address_groups, 'controlGroups', control_groups, 'isArchived', is_archived,
    'form', form, 'leadTime', lead_time, 'isMultipleInstance', is_multiple_instance,
    'continueAsync', continue_async, 'node', node) from tasks
    """
  private static let workflows: SQL = """
    select slug, jsonb_build_object('slug', slug, 'name', name, 'description', description, 'meta', meta,
    'isPublished', is_published, 'isArchived', is_archived, 'allowAllForms', allow_all_forms,
    'compatibility', compatibility, 'versioning', versioning, 'startTasks',
    array(select s.task from workflow_start_tasks s where s.workflow = slug order by s.position)) from workflows
    """
  private static let flows: SQL = """
    select f.id, f.workflow, jsonb_build_object('next', f.next, 'tasks',
    array(select t.task from task_flows t where t.flow = f.id order by t.position),
    'redoable', (select max(t.redoable) from task_flows t where t.flow = f.id)) from flows f
    """
  private static let canonical: SQL = "select e from unnest($1::jsonb[]) with ordinality as given (e, n) order by n"
  // A writer of definitions raises the revision and waits here; a reader of this image is then alone with it.
  private static let hold: SQL = "select revision from definition_revision for update"

  /// All definitions; nobody else changes any until the transaction ends.
  ///
  /// - Parameter holding: false only reads, for a transaction that sees one moment anyway.
  public static func read(holding: Bool, in transaction: Transaction) async throws(PostgresError) -> All {
    if holding { transaction.send(hold) }
    let tasks = transaction.send(tasks)
    let workflows = transaction.send(workflows)
    let flows = transaction.send(flows)
    var all = All()
    let taskRows = try await tasks.rows()
    for row in 0..<taskRows.count { all.tasks[taskRows.text(row, 0)] = taskRows.json(row, 1) }
    let workflowRows = try await workflows.rows()
    for row in 0..<workflowRows.count { all.workflows[workflowRows.text(row, 0)] = workflowRows.json(row, 1) }
    let flowRows = try await flows.rows()
    all.flows = (0..<flowRows.count).map {
      Flow(id: EntityID(flowRows.uuid($0, 0)), workflow: flowRows.text($0, 1), json: flowRows.json($0, 2))
    }
    return all
  }

  /// The texts that Postgres has for these values.
  public static func canonical(
    _ texts: [String], in transaction: Transaction
  ) async throws(PostgresError) -> [String] {
    var parameters = Parameters()
    parameters.append(json: texts)
    let rows = try await transaction.query(canonical, parameters)
    return (0..<rows.count).map { rows.json($0, 0) }
  }

  private static let writeTask: SQL = """
    insert into tasks (slug, type, name, description, meta, address_groups, control_groups, is_archived, form,
    lead_time, is_multiple_instance, continue_async, node, created_at, modified_at, created_by_user, created_by_group)
    select e ->> 'slug', e ->> 'type', e -> 'name', e -> 'description', e -> 'meta', e ->> 'addressGroups',
    e ->> 'controlGroups', (e ->> 'isArchived')::boolean, e ->> 'form', (e ->> 'leadTime')::integer,
    (e ->> 'isMultipleInstance')::boolean, (e ->> 'continueAsync')::boolean,
    nullif(e -> 'node', 'null'), $2, $2, $3, $4
    from (select $1::jsonb) as given (e)
    on conflict (slug) do update set
    type = excluded.type, name = excluded.name, description = excluded.description, meta = excluded.meta,
    address_groups = excluded.address_groups, control_groups = excluded.control_groups,
    is_archived = excluded.is_archived, form = excluded.form, lead_time = excluded.lead_time,
    is_multiple_instance = excluded.is_multiple_instance, continue_async = excluded.continue_async,
    node = excluded.node, modified_at = $2, modified_by_user = $3, modified_by_group = $4
    """

  /// Writes a task as `json` has it, whatever was there.
  public static func writeTask(
    _ slug: String, json: String, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    transaction.send(writeTask, parameters(json, caller, now))
    DefinitionLog.tell(.task(slug), caller: caller, now: now, in: transaction)
  }

  private static let writeWorkflow: SQL = """
    insert into workflows (slug, name, description, meta, is_published, is_archived, allow_all_forms, compatibility,
    versioning,
    created_at, modified_at, created_by_user, created_by_group)
    select e ->> 'slug', e -> 'name', e -> 'description', e -> 'meta', (e ->> 'isPublished')::boolean,
    (e ->> 'isArchived')::boolean, (e ->> 'allowAllForms')::boolean, e ->> 'compatibility', e ->> 'versioning', $2, $2,
    $3, $4
    from (select $1::jsonb) as given (e)
    on conflict (slug) do update set
    name = excluded.name, description = excluded.description, meta = excluded.meta,
    is_published = excluded.is_published, is_archived = excluded.is_archived,
    allow_all_forms = excluded.allow_all_forms, compatibility = excluded.compatibility,
    versioning = excluded.versioning,
    modified_at = $2, modified_by_user = $3, modified_by_group = $4
    """

  /// Writes a workflow as `json` has it, whatever was there, but for its flows.
  public static func writeWorkflow(
    _ slug: String, json: String, startTasks: [String], caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    transaction.send(writeWorkflow, parameters(json, caller, now))
    DefinitionStore.replaceStartTasks(of: slug, by: startTasks, in: transaction)
    DefinitionLog.tell(.workflow(slug), caller: caller, now: now, in: transaction)
  }

  private static func parameters(_ json: String, _ caller: Caller, _ now: Timestamp) -> Parameters {
    var parameters = Parameters()
    parameters.append(json: json)
    parameters.append(now)
    parameters.append(caller.user)
    parameters.append(caller.group)
    return parameters
  }
}
