import Postgres
import WorkflowEngine

/// The log of what happened to definitions: an entry for every write, in the same transaction.
///
/// Entries are numbered without gaps, since the writers of definitions wait for each other.
enum DefinitionLog {
  /// What is told of. What was saved is in the database already, what is removed is there still.
  enum Subject {
    case workflow(String)
    /// The newest version of a workflow.
    case version(ofWorkflow: String)
    case task(String)
    case flow(EntityID)
    case removedFlow(EntityID)
    /// The flows of a workflow that have lost their last task.
    case emptyFlows(ofWorkflow: String)
  }

  private static func entry(_ name: String, workflow: String, task: String, data: String, from: String) -> SQL {
    SQL(
      """
      insert into definition_events (seq, name, workflow, task, actor_user, actor_group, created_at, data)
      select coalesce((select max(seq) from definition_events), 0) + row_number() over (), '\(name)', \(workflow),
      \(task), $2, $3, $4, \(data) from \(from)
      """)
  }

  private static let workflow = entry(
    "post_save_workflow", workflow: "t.slug", task: "null",
    data: """
      to_jsonb(t) || jsonb_build_object('start_tasks',
      array(select s.task from workflow_start_tasks s where s.workflow = t.slug order by s.position))
      """,
    from: "workflows t where t.slug = $1")
  private static let version = entry(
    "post_publish_workflow", workflow: "t.workflow", task: "null", data: "to_jsonb(t)",
    from: """
      workflow_versions t where t.workflow = $1
      and t.number = (select max(v.number) from workflow_versions v where v.workflow = $1)
      """)
  private static let task = entry(
    "post_save_task", workflow: "null", task: "t.slug", data: "to_jsonb(t)", from: "tasks t where t.slug = $1")
  private static let flowData = """
    to_jsonb(t) || jsonb_build_object('tasks',
    array(select s.task from task_flows s where s.flow = t.id order by s.position),
    'redoable', (select max(s.redoable) from task_flows s where s.flow = t.id))
    """
  private static let flow = entry(
    "post_add_flow", workflow: "t.workflow", task: "null", data: flowData, from: "flows t where t.id = $1")
  private static let removedFlow = entry(
    "post_remove_flow", workflow: "t.workflow", task: "null", data: flowData, from: "flows t where t.id = $1")
  private static let emptyFlows = entry(
    "post_remove_flow", workflow: "t.workflow", task: "null", data: flowData,
    from: "flows t where t.workflow = $1 and not exists (select 1 from task_flows s where s.flow = t.id)")

  static func tell(_ subject: Subject, caller: Caller, now: Timestamp, in transaction: Transaction) {
    var parameters = Parameters()
    let statement: SQL
    switch subject {
    case .workflow(let slug):
      statement = workflow
      parameters.append(slug)
    case .version(let slug):
      statement = version
      parameters.append(slug)
    case .task(let slug):
      statement = task
      parameters.append(slug)
    case .flow(let id):
      statement = flow
      parameters.append(id.uuid)
    case .removedFlow(let id):
      statement = removedFlow
      parameters.append(id.uuid)
    case .emptyFlows(let slug):
      statement = emptyFlows
      parameters.append(slug)
    }
    parameters.append(caller.user)
    parameters.append(caller.group)
    parameters.append(now)
    transaction.send(statement, parameters)
  }
}
