/// One command on its way through the engine: a pure state machine over a case family.
///
/// `next()` gives one step after the other: events to tell receivers about, and changes to store. Between two
/// steps the owner may change `state`, for example by running another execution on it for a receiver: what
/// follows is decided against the state of that moment.
public struct Execution<Evaluator: ExpressionEvaluator, IDs: EntityIDGenerator> {
  public let definitions: Definitions
  /// The family with all changes given so far.
  public var state: FamilyState
  /// The mutation that the client sent.
  public let sender: Operation
  public let caller: Caller
  /// The client's `context`: JSON text.
  public let context: String?
  /// Microseconds since 1970; the time of everything that this command does. Later than all that the family has
  /// seen, even if the clocks of two servers disagree, since rows are told apart by the order of their creation.
  public let now: Int64
  public var ids: IDs
  public var evaluator: Evaluator

  /// After `pre_create_case`: the case that is about to be inserted. Receivers may change it.
  public var pendingCase: Case?
  /// After `pre_create_work_item`: the item that is about to be inserted, nil if an item in redo becomes ready
  /// again instead. Receivers may change it.
  public var pendingWorkItem: WorkItem?

  /// After a `call` step: how the handler ended.
  public var handlerOutcome: HandlerOutcome?

  /// The case that the command is about: the new case, or the one that was named.
  public internal(set) var caseID: EntityID?
  /// The work item that the command is about: the new item, or the one that was named.
  public internal(set) var workItemID: EntityID?

  /// How many automatic items may run in one command.
  public var automaticStepLimit = 5_000
  /// Nobody waits for the answer: what fails becomes the error of an item.
  let isBackground: Bool

  /// Automatic items whose turn has not come yet.
  var line: ContiguousArray<EntityID> = []
  var automaticSteps = 0
  /// Signals that were thrown, until nothing else is to do.
  var signals: [SignalThrow] = []
  /// Cases whose joins and conditions have to be looked at.
  var unsettled: [(caseID: EntityID, mayEnd: Bool)] = []
  /// Ways that gateways chose, until they are taken.
  var chosen: [EntityID: [Way]] = [:]
  /// Why items are about to be canceled.
  var reasons: [EntityID: ClosedReason] = [:]
  /// What the item that the command completes has from then on; nil leaves it.
  var artifacts: [Artifact]?
  /// How cases are about to end.
  var outcomes: [EntityID: (outcome: CaseOutcome, code: String?)] = [:]

  /// What is still to do; the last entry comes first.
  var agenda: ContiguousArray<Instruction> = []
  /// Items that were created or made ready again, until they are announced.
  var created: ContiguousArray<EntityID> = []

  public init(
    definitions: Definitions, state: FamilyState, command: Command, sender: Operation? = nil,
    caller: Caller = Caller(), context: String? = nil, now: Int64, ids: IDs, evaluator: Evaluator
  ) {
    self.definitions = definitions
    self.state = state
    self.sender = sender ?? command.operation
    isBackground = command.isBackground
    self.caller = caller
    self.context = context
    let latest = state.latestTime
    self.now = now < latest ? latest + 1 : now
    self.ids = ids
    self.evaluator = evaluator
    agenda.reserveCapacity(8)
    begin(command)
  }

  private mutating func begin(_ command: Command) {
    switch command {
    case .startCase(let input): push(.startCase(input, .validate))
    case .updateCase(let input):
      caseID = input.id
      push(.updateCase(input, .validate))
    case .cancelCase(let id):
      caseID = id
      push(.cancelCase(id, .validate, nested: false))
    case .suspendCase(let id):
      caseID = id
      push(.suspendCase(id, .validate, nested: false))
    case .resumeCase(let id):
      caseID = id
      push(.resumeCase(id, .validate, nested: false))
    case .reopenCase(let id, let items):
      caseID = id
      push(.reopenCase(id, items, .validate))
    case .completeWorkItem(let id, let artifacts):
      self.artifacts = artifacts
      push(.completeWorkItem(id, .validate), on: id)
    case .skipWorkItem(let id): push(.skipWorkItem(id, .validate), on: id)
    case .cancelWorkItem(let id): push(.cancelWorkItem(id, .validate, nested: false), on: id)
    case .suspendWorkItem(let id): push(.suspendWorkItem(id, .validate, nested: false), on: id)
    case .resumeWorkItem(let id): push(.resumeWorkItem(id, .validate, nested: false), on: id)
    case .redoWorkItem(let id): push(.redoWorkItem(id, .validate), on: id)
    case .saveWorkItem(let input): push(.saveWorkItem(input, .validate), on: input.id)
    case .startJob(let id), .finishJob(let id, _), .failJob(let id, _), .fireTimer(let id),
      .undoWorkItem(let id, _, _), .reviveWorkItem(let id), .retryWorkItem(let id), .assignWorkItem(let id, _),
      .unassignWorkItem(let id), .reassignWorkItem(let id, _), .claimWorkItem(let id), .startWorkItem(let id),
      .prepareWorkItem(let id), .activateWorkItem(let id), .activateNext(let id),
      .snoozeWorkItem(let id, _), .unsnoozeWorkItem(let id, _), .escalateWorkItem(let id),
      .addSubprocessItem(let id, _):
      push(.operate(command, .validate), on: id)
    case .deliver(let delivery): push(.operate(command, .validate), on: delivery.workItem)
    case .migrateCase(let input):
      caseID = input.id
      push(.operate(command, .validate))
    case .createWorkItem(let input):
      caseID = input.caseID
      push(.createWorkItem(input, .validate))
    }
  }

  private mutating func push(_ instruction: Instruction, on workItem: EntityID) {
    workItemID = workItem
    caseID = state.workItem(workItem)?.caseID
    push(instruction)
  }

  /// The next step, nil when the command is done.
  ///
  /// - Throws: why the command is refused. Most refusals come before the first step; one can come later, when a
  ///   receiver has taken away what the command builds on. All steps given before have to be undone then.
  public mutating func next() throws(EngineError) -> Step? {
    repeat {
      while let instruction = agenda.popLast() {
        if let step = try carryOut(instruction) { return step }
      }
    } while try settle()
    return nil
  }

  private mutating func carryOut(_ instruction: Instruction) throws(EngineError) -> Step? {
    switch instruction {
    case .startCase(let input, let beat): try startCase(input, beat)
    case .updateCase(let input, let beat): try updateCase(input, beat)
    case .cancelCase(let id, let beat, let nested): try cancelCase(id, beat, nested: nested)
    case .suspendCase(let id, let beat, let nested): try suspendCase(id, beat, nested: nested)
    case .resumeCase(let id, let beat, let nested): try resumeCase(id, beat, nested: nested)
    case .reopenCase(let id, let items, let beat): try reopenCase(id, items, beat)
    case .completeCase(let id, let beat): completeCase(id, beat)
    case .completeWorkItem(let id, let beat): try completeWorkItem(id, beat)
    case .skipWorkItem(let id, let beat): try skipWorkItem(id, beat)
    case .cancelWorkItem(let id, let beat, let nested): try cancelWorkItem(id, beat, nested: nested)
    case .suspendWorkItem(let id, let beat, let nested): try suspendWorkItem(id, beat, nested: nested)
    case .resumeWorkItem(let id, let beat, let nested): try resumeWorkItem(id, beat, nested: nested)
    case .redoWorkItem(let id, let beat): try redoWorkItem(id, beat)
    case .saveWorkItem(let input, let beat): try saveWorkItem(input, beat)
    case .createWorkItem(let input, let beat): try createWorkItem(input, beat)
    case .operate(let command, let beat): try operate(command, beat)
    case .proceed(let id): try goOn(after: id)
    case .arrive(let arrival): try arrive(arrival)
    case .instantiate(let arrival, let addressed, let controlling):
      try instantiate(arrival, addressed: addressed, controlling: controlling)
    case .activate(let id): try activate(id)
    case .finish(let id, let beat): finish(id, beat)
    case .wind(let id): wind(id)
    case .failed(let id, let failure, let beat): failed(id, failure, beat)
    case .stalled(let id, let failure): stalled(id, failure)
    case .call(let call): self.call(call)
    case .called(let call): try called(call)
    case .waitAgain(let id, let beat): try waitAgain(id, beat)
    case .childClosed(let id): try childClosed(id)
    case .setCompensated(let id): change(workItem: id) { $0.activation.isCompensated = true }
    case .reschedule(let id): reschedule(id)
    case .expedite(let id): expedite(id)
    case .rename(let id, let task): rename(id, to: task)
    case .escalate(let id, let beat): try escalate(id, beat)
    case .overdue(let id): overdue(id)
    case .give(let step): step
    case .insertPending: insertPending()
    case .reenter(let id, let arrival, let beat): reenter(id, arrival, beat)
    case .setReady(let id): setReady(id)
    case .setRedo(let id): setRedo(id)
    case .setJoined(let id, let joined): setJoined(id, joined)
    case .tell(let name, let id): event(name, workItem: id)
    case .tellJoin(let name, let caseID, let items): event(name, case: caseID, items: items)
    case .storeParent(let id): .change(.updateWorkItem(id))
    case .announceCreated(let index): announceCreated(index)
    }
  }
}
