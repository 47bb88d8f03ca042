import Postgres
import WorkflowEngine

/// What starts cases without anybody: signals and clocks. Follows from the definitions.
public enum StartStore {
  public struct Start: Sendable, Hashable {
    public var workflow: String
    public var task: String
    /// The signal; nil for a clock.
    public var signal: String?
    /// Seconds between two cases of a clock.
    public var interval: Int64

    init(workflow: String, task: String, signal: String? = nil, interval: Int64 = 0) {
      self.workflow = workflow
      self.task = task
      self.signal = signal
      self.interval = interval
    }
  }

  /// The starts that definitions have: those of workflows that are published and not archived.
  public static func starts(of definitions: Definitions) -> [Start] {
    definitions.workflows.values.filter(\.startsByItself).sorted { $0.slug < $1.slug }.flatMap { workflow in
      workflow.startTasks.compactMap { slug -> Start? in
        guard let task = definitions.task(slug) else { return nil }
        switch (task.type, task.node?.delay) {
        case (.startSignal, _):
          return Start(workflow: workflow.slug, task: slug, signal: task.node?.signal ?? slug)
        case (.startFunction, .seconds(let seconds)?) where seconds > 0:
          return Start(workflow: workflow.slug, task: slug, interval: seconds)
        default: return nil
        }
      }
    }
  }

  private static let removeCatches: SQL = """
    delete from signal_catches c where c.work_item is null and not exists (
    select 1 from unnest($1::text[], $2::text[], $3::text[]) as s (workflow, task, name)
    where s.workflow = c.workflow and s.task = c.task and s.name = c.name)
    """
  private static let addCatches: SQL = """
    insert into signal_catches (id, kind, name, workflow, task, created_at)
    select gen_random_uuid(), 'signal', s.name, s.workflow, s.task, now()
    from unnest($1::text[], $2::text[], $3::text[]) as s (workflow, task, name)
    on conflict do nothing
    """
  private static let removeClocks: SQL = """
    delete from scheduled_work w where w.kind = 'timer' and w.handler = 'start' and w.key <> all($1)
    """
  // The clock of a workflow that is already ticking goes on as it does.
  private static let addClocks: SQL = """
    insert into scheduled_work (id, kind, handler, key, payload, max_attempts, due_at, created_at)
    select gen_random_uuid(), 'timer', 'start', c.key,
    jsonb_build_object('workflow', c.workflow, 'task', c.task, 'interval', c.seconds), $5, now(), now()
    from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as c (key, workflow, task, seconds)
    on conflict (key) where key is not null do update set payload = excluded.payload
    where scheduled_work.payload <> excluded.payload
    """

  /// Makes what waits for signals and clocks what the definitions say.
  public static func sync(_ starts: [Start], in transaction: Transaction) {
    let signals = starts.filter { $0.signal != nil }
    var catches = Parameters()
    catches.append(signals.map(\.workflow))
    catches.append(signals.map(\.task))
    catches.append(signals.map { $0.signal ?? "" })
    transaction.send(removeCatches, catches)
    if !signals.isEmpty { transaction.send(addCatches, catches) }
    let clocks = starts.filter { $0.signal == nil }
    let keys = clocks.map { WorkKey.start(workflow: $0.workflow, task: $0.task) }
    var gone = Parameters()
    gone.append(keys)
    transaction.send(removeClocks, gone)
    guard !clocks.isEmpty else { return }
    var parameters = Parameters()
    parameters.append(keys)
    parameters.append(clocks.map(\.workflow))
    parameters.append(clocks.map(\.task))
    parameters.append(clocks.map(\.interval))
    parameters.append(CommandWork.timerAttempts)
    transaction.send(addClocks, parameters)
  }

  private static let advance: SQL = """
    update scheduled_work set due_at = now() + $2 * interval '1 second', worker = null, attempts = 0,
    fence = fence + 1, error_code = null, last_error = null where id = $1
    """

  /// Sets a clock that has struck to its next moment.
  public static func advance(_ work: QueuedWork, by seconds: Int64, in transaction: Transaction) {
    var parameters = Parameters()
    parameters.append(work.id.uuid)
    parameters.append(Double(seconds))
    transaction.send(advance, parameters)
  }
}
