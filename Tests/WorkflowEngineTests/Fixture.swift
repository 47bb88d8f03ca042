import Expressions
import Millrace
import WorkflowEngine

/// Ids that count up from one.
struct CountingIDs: EntityIDGenerator {
  var last: UInt64 = 0

  mutating func next() -> EntityID {
    last += 1
    return EntityID(high: 0, low: last)
  }
}

/// Evaluates with the real expression language over the family.
struct TestEvaluator: ExpressionEvaluator {
  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    FlowExpression.slugs(of: try value(expression, scope))
  }

  func possibleTasks(_ expression: String) -> [String]? { (try? Expression(expression))?.analyze().tasks }

  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]? {
    let result = try value(expression, scope)
    do throws(ExpressionError) {
      return try GroupExpression.groups(of: result)
    } catch {
      throw EngineError(.expression, error.message)
    }
  }

  mutating func value(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> NodeValue {
    let parsed: Expression
    do throws(ExpressionError) { parsed = try Expression(expression) } catch {
      throw EngineError(.expression, error.message)
    }
    return try NodeValue(parsed, in: scope, context: .null)
  }

  func localized(_ text: String, like: String) -> String? { LocalizedText.text(text, like: like) }

  func hasRule(_ closure: String) -> Bool { closure == "isAda" }

  mutating func allows(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> Bool {
    closure == "isAda" && scope.caller.user == "ada"
  }

  private func value(_ text: String, _ scope: EvaluationScope) throws(EngineError) -> Value {
    do throws(ExpressionError) {
      var environment = WorkflowEnvironment(context: ScopeContext(scope: scope))
      return try Expression(text).evaluate(in: &environment)
    } catch {
      throw EngineError(.expression, error.message)
    }
  }
}

struct ScopeContext: ExpressionEnvironment {
  var scope: EvaluationScope

  mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    let previous = scope.previousWorkItem.flatMap(scope.state.workItem)
    func list(_ groups: [String]?) -> Value { groups.map { .array($0.map(Value.string)) } ?? .null }
    switch path.prefix(3) {
    case ["info", "case", "created_by_group"]:
      return Resolved(scope.state.case(scope.caseID)?.createdByGroup.map(Value.string) ?? .null, count: 3)
    case ["info", "work_item", "created_by_group"]:
      return Resolved(scope.caller.group.map(Value.string) ?? .null, count: 3)
    case ["info", "prev_work_item", "addressed_groups"]:
      return Resolved(list(previous?.addressedGroups), count: 3)
    case ["info", "prev_work_item", "controlling_groups"]:
      return Resolved(list(previous?.controllingGroups), count: 3)
    case ["info", "context", "addressed_groups"], ["info", "context", "controlling_groups"]:
      let context = scope.context.flatMap { Value(json: $0) } ?? .null
      return Resolved(context[path[2]] ?? .null, count: 3)
    default:
      guard path.first == "info" else { return nil }
      return Resolved(.null, count: min(path.count, 2))
    }
  }
}

/// A family with its definitions, and what commands on it did.
struct Bench {
  var definitions: Definitions
  var state = FamilyState()
  var ids = CountingIDs()
  var now: Int64 = 1_000_000
  var caller = Caller(user: "ada", group: "staff")
  /// The events of the last command, as "name task" or "name workflow".
  var events: [String] = []
  var records: [Event] = []
  /// All events of the family.
  var log: [Event] = []
  var changes: [Change] = []
  /// What is to be done later, by work item.
  var scheduled: [EntityID: ScheduledWork] = [:]
  var broadcasts: [SignalThrow] = []
  var listeners: [SignalListener] = []
  /// What handlers do, by name; they see the family.
  var handlers: [String: (HandlerCall, FamilyState) -> HandlerOutcome] = [:]
  /// The handlers that were called, as "name task".
  var calls: [String] = []
  var automaticStepLimit = 5_000

  /// - Parameter flows: tasks, then what is next.
  init(
    start: [String], flows: [([String], String)] = [], redoable: [String: String] = [:],
    tasks: [TaskDefinition] = [], compatibility: Compatibility = .exact
  ) {
    definitions = Definitions()
    add(workflow: "main", start: start, flows: flows, redoable: redoable, compatibility: compatibility)
    for task in tasks { definitions.insert(task) }
  }

  /// Plain tasks are made up for all names.
  mutating func add(
    workflow slug: String, start: [String], flows: [([String], String)] = [], redoable: [String: String] = [:],
    compatibility: Compatibility = .exact
  ) {
    var names = Set(start)
    for (tasks, next) in flows {
      names.formUnion(tasks)
      if let expression = try? Expression(next) { names.formUnion(expression.analyze().tasks) }
    }
    for name in names where definitions.task(name) == nil { definitions.insert(TaskDefinition(slug: name)) }
    definitions.insert(
      WorkflowDefinition(
        slug: slug, startTasks: start,
        flows: flows.enumerated().map { index, flow in
          FlowDefinition(id: EntityID(high: 9, low: UInt64(index)), next: flow.1, tasks: flow.0)
        },
        redoable: redoable, compatibility: compatibility))
  }

  func execution(_ command: Command, context: String? = nil) -> Execution<TestEvaluator, CountingIDs> {
    Execution(
      definitions: definitions, state: state, command: command, caller: caller, context: context, now: now,
      ids: ids, evaluator: TestEvaluator())
  }

  /// Runs a command to its end; the family stays as it was if it is refused.
  ///
  /// - Parameter receiver: told of every event; may change the execution.
  @discardableResult
  mutating func run(
    _ command: Command, context: String? = nil,
    receiver: (Event, inout Execution<TestEvaluator, CountingIDs>) throws -> Void = { _, _ in }
  ) throws -> Execution<TestEvaluator, CountingIDs> {
    now += 1_000
    events = []
    records = []
    changes = []
    var execution = execution(command, context: context)
    execution.automaticStepLimit = automaticStepLimit
    while let step = try execution.next() {
      switch step {
      case .emit(let event):
        let workflow = execution.state.case(event.caseID)?.workflow ?? execution.pendingCase?.workflow ?? ""
        events.append("\(event.name.rawValue) \(event.task ?? workflow)")
        records.append(event)
        try receiver(event, &execution)
      case .change(let change): changes.append(change)
      case .schedule(let work): scheduled[work.workItem] = work
      case .unschedule(let item): scheduled[item] = nil
      case .listen(let listener): listeners.append(listener)
      case .broadcast(let signal): broadcasts.append(signal)
      case .call(let call):
        calls.append("\(call.handler) \(execution.state.workItem(call.workItem)?.task ?? "")")
        execution.handlerOutcome =
          handlers[call.handler]?(call, execution.state)
          ?? .failed(WorkItemFailure(code: "UNKNOWN_HANDLER", message: "There is no handler `\(call.handler)`."))
      }
    }
    state = execution.state
    ids = execution.ids
    log += records
    return execution
  }

  /// Runs a command that has to be refused, and tells why.
  mutating func refusal(_ command: Command) -> String? {
    do {
      try run(command)
      return nil
    } catch {
      return (error as? EngineError)?.message
    }
  }

  @discardableResult
  mutating func start(_ workflow: String = "main", parent: EntityID? = nil) throws -> EntityID {
    try run(.startCase(StartCase(workflow: workflow, parentWorkItem: parent))).caseID ?? EntityID(high: 0, low: 0)
  }

  /// The latest item of a task.
  func item(_ task: String) -> EntityID {
    state.workItems.last { $0.task == task }?.id ?? EntityID(high: 0, low: 0)
  }

  func items(_ task: String) -> [WorkItem] { state.workItems.filter { $0.task == task } }
  func status(_ task: String) -> WorkItemStatus? { state.workItem(item(task))?.status }
  var root: EntityID { state.family ?? EntityID(high: 0, low: 0) }
  var caseStatus: CaseStatus? { state.case(root)?.status }

  mutating func complete(_ task: String) throws { try run(.completeWorkItem(item(task))) }
  mutating func skip(_ task: String) throws { try run(.skipWorkItem(item(task))) }
  mutating func cancel(_ task: String) throws { try run(.cancelWorkItem(item(task))) }
  mutating func suspend(_ task: String) throws { try run(.suspendWorkItem(item(task))) }
  mutating func resume(_ task: String) throws { try run(.resumeWorkItem(item(task))) }
  mutating func redo(_ task: String) throws { try run(.redoWorkItem(item(task))) }
}
