/// What a task is beside Caluma's fields: what follows it, what it does by itself, who may do it.
///
/// A human task may have one, too: its edges then take the place of the workflow's flow, and boundaries, assignment and
/// permissions count. Expressions are JEXL; what they see is listed in `docs/reference/nodes.md`.
public struct NodeDefinition: Hashable, Sendable {
  /// What follows. Without edges the workflow's flow leads on, as from any Caluma task.
  public var edges: [EdgeDefinition] = []
  /// The name of what a handler, a job or a start function calls.
  public var handler: String?
  /// Called, by name, when a done item is undone.
  public var undoHandler: String?
  /// Called once, by name, when an item is created.
  public var createHandler: String?
  /// Called, by name, when a compensation reaches a done item.
  public var compensationHandler: String?
  /// When a timer is due.
  public var delay: Delay?
  /// What a condition waits for: an expression.
  public var condition: String?
  /// What a condition waits for besides: the name of a closure that says so.
  public var conditionClosure: String?
  /// The name of what a catch waits for or a throw sends. `startSignal`: what starts a case.
  public var signal: String?
  /// The key that tells one waiter from another: an expression, evaluated when the catch begins to wait.
  public var correlation: String?
  /// Seconds for which a thrown signal is kept for catches that begin to wait later.
  public var timeToLive: Int64 = 0
  /// What an error end or an escalation tells.
  public var errorCode: String?
  /// How a join waits.
  public var join = JoinPolicy()
  /// What a subprocess starts.
  public var subprocess: SubprocessDefinition?
  /// What can happen while the item is open.
  public var boundaries: [BoundaryDefinition] = []
  /// Who gets a new item.
  public var assignment: AssignmentRule?
  /// Who has an item whose deadline has passed.
  public var escalation: EscalationRule?
  /// Who may start, complete and claim items; anybody without one.
  public var permission: AccessRule?
  /// Who may assign, cancel, undo and revive items; anybody without one.
  public var management: AccessRule?
  /// Whether only a user whom an item is assigned to may start and complete it.
  public var isExclusive = false
  /// How often and when a failed job is tried again.
  public var retry = RetryPolicy()
  /// Slugs of tasks whose open items are canceled when an item of this one is done.
  public var cancels: [String] = []
  /// Of the items of a family with the same name here only one can be started at a time.
  public var mutex: String?
  /// While this expression does not hold an item can neither be started nor completed.
  public var enabledWhile: String?

  /// What people read on items.
  public var texts = NodeTexts()

  public init(edges: [EdgeDefinition] = []) {
    self.edges = edges
  }
}
