/// What an expression can see while it is evaluated.
public struct EvaluationScope: Sendable {
  public var state: FamilyState
  public var caseID: EntityID
  /// The task that the expression belongs to.
  public var task: String
  /// The item that has just been closed; nil while a case starts.
  public var previousWorkItem: EntityID?
  /// The item that the expression is about; nil before there is one.
  public var workItem: EntityID?
  /// Of several child cases or branches: the one that is about to begin, as JSON text.
  public var element: String?
  public var caller: Caller
  /// The client's `context`: JSON text.
  public var context: String?

  public init(
    state: FamilyState, caseID: EntityID, task: String, previousWorkItem: EntityID? = nil,
    caller: Caller = Caller(), context: String? = nil
  ) {
    self.state = state
    self.caseID = caseID
    self.task = task
    self.previousWorkItem = previousWorkItem
    self.caller = caller
    self.context = context
  }
}
