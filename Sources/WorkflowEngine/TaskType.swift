/// The types of a task; raw values are what the database stores.
///
/// The first three are Caluma's: people do them. All others are *typed nodes*: what they do and what follows is said by
/// their `NodeDefinition`.
public enum TaskType: String, Sendable, CaseIterable {
  case simple
  case completeWorkflowForm = "complete_workflow_form"
  case completeTaskForm = "complete_task_form"

  /// Calls a named handler within the command.
  case handler
  /// Waits until code calls it: `Command.deliver`.
  case catchCall = "catch_call"
  /// Waits for a message: `Command.deliver`, also by correlation key.
  case catchMessage = "catch_message"
  /// Calls a named handler in the background, after the commit.
  case job
  /// Starts a case from code; its handler, if it has one, is called first.
  case startFunction = "start_function"
  /// Starts a case when a signal is thrown.
  case startSignal = "start_signal"
  /// The first edge whose condition holds, or the default edge: two ways.
  case `if`
  /// As `if`, with any number of edges.
  case `switch`
  /// Every edge whose condition holds, side by side.
  case split
  /// As `split`, but the first direct successor that is done wins; the others are canceled.
  case splitFirst = "split_first"
  /// Waits for branches: see `JoinPolicy`.
  case join
  /// Ends its branch; the case is complete when nothing else is open.
  case end
  /// Ends the case: everything else that is open is canceled.
  case terminateEnd = "terminate_end"
  /// As `terminateEnd`; the case notes an error code, which a parent's boundary can catch.
  case errorEnd = "error_end"
  /// Waits for a moment.
  case timer
  /// Waits until a condition holds.
  case condition
  /// Throws a signal to all catches of its name, in all cases.
  case throwSignal = "throw_signal"
  /// Waits for a signal.
  case catchSignal = "catch_signal"
  /// Tells the parent work item's escalation boundary; goes on at once.
  case escalation
  /// Runs the compensations of what was done, latest first.
  case compensation
  /// Starts one child case and waits for it.
  case subprocess
  /// Starts a child case per element of a list and waits for all.
  case multiSubprocess = "multi_subprocess"
  /// Stands in for a task that the version of a case does not have: readable and cancelable.
  case obsolete

  /// Whether people do the items. Only these have Caluma's statuses alone.
  public var isHuman: Bool {
    switch self {
    case .simple, .completeWorkflowForm, .completeTaskForm: true
    default: false
    }
  }

  /// Whether items are made by boundaries or wait for something outside of the case.
  public var isCatch: Bool {
    switch self {
    case .catchCall, .catchMessage, .timer, .condition, .catchSignal: true
    default: false
    }
  }

  /// Whether branches can begin here.
  public var isSplit: Bool { self == .split || self == .splitFirst }

  /// Whether a case ends its branch here.
  public var isEnd: Bool { self == .end || self == .terminateEnd || self == .errorEnd }
}
