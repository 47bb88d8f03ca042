import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// Interprets the steps of a command within one transaction: changes gather in the unit of work, events go to
/// the receivers, which may run further commands on the same family.
final class CommandRunner: MutationScope {
  private let definitions: Definitions
  private let hookSet: HookSet
  private var state: FamilyState
  private var unitOfWork: UnitOfWork
  private var identifiers: FamilyIdentifiers
  /// The request that the client sent.
  private var root: CaseService.Request?
  /// What the `pre_create_…` event that is being told of is about.
  private var pending: EventView.ValidatedData?

  /// Commands within receivers of commands within receivers … end somewhere.
  static let maximumDepth = 16

  init(
    service: CaseService, transaction: Transaction, definitions: Definitions, hookSet: HookSet, state: FamilyState,
    unitOfWork: UnitOfWork, identifiers: FamilyIdentifiers, parent: (scope: MutationScope, frame: Int)? = nil
  ) {
    self.definitions = definitions
    self.hookSet = hookSet
    self.state = state
    self.unitOfWork = unitOfWork
    self.identifiers = identifiers
    super.init(service: service, transaction: transaction, parent: parent)
  }

  /// What is to be done once the mutation is committed.
  var aftermath: CaseService.Aftermath {
    CaseService.Aftermath(
      actions: commitActions, deliveries: unitOfWork.deliveries, fillsOutbox: unitOfWork.deliveryCount > 0,
      schedulesWork: unitOfWork.schedulesWork, failures: unitOfWork.failures)
  }

  override func flush() {
    unitOfWork.write(state, caller: root?.caller ?? Caller(), in: transaction)
  }

  override func checkpoint() -> () -> Void {
    { [self, state, unitOfWork, pending] in
      self.state = state
      self.unitOfWork = unitOfWork
      self.pending = pending
    }
  }

  /// Carries out the client's command. When it fails, the transaction has to be rolled back.
  func run(_ request: CaseService.Request) async throws -> CaseService.Outcome {
    root = request
    return try await carryOut(request)
  }

  private func carryOut(_ request: CaseService.Request) async throws -> CaseService.Outcome {
    let frame = currentFrame
    let names = DynamicNames(service.extensions)
    var execution = execution(of: request, names)
    while let step = try await next(&execution, request, names) {
      switch step {
      case .change(let change):
        guard service.receivers.wantsSaves(of: change.model) else {
          unitOfWork.add(change)
          continue
        }
        hand(over: execution)
        try await save(change, request)
        try requireAlive(frame)
      case .schedule(let work):
        unitOfWork.add(work)
        continue
      case .unschedule(let item):
        unitOfWork.unschedule(item)
        unitOfWork.note(nil, of: item)
        continue
      case .listen(let listener):
        unitOfWork.note(SignalStore.Catch(listener), of: listener.workItem)
        continue
      case .broadcast(let signal):
        // The execution's own family has got it.
        unitOfWork.add(
          SignalStore.Signal(
            id: execution.ids.next(), kind: .signal, name: signal.name, correlation: signal.correlation,
            payload: signal.payload ?? "{}", timeToLive: signal.timeToLive, exceptFamily: signal.family))
        continue
      case .call(let call):
        hand(over: execution)
        execution.handlerOutcome = try await perform(call, request)
        try requireAlive(frame)
      case .emit(let event):
        let sequence = unitOfWork.add(event)
        var registrations = service.receivers.receivers(of: event.name)
        let hooks = hookSet.hooks(of: event.name)
        guard !registrations.isEmpty || !hooks.isEmpty else { continue }
        hand(over: execution)
        let view = EventView(
          event: event, workItem: event.workItem.flatMap { state.workItem($0) } ?? execution.pendingWorkItem,
          case: state.case(event.caseID) ?? execution.pendingCase)
        if !hooks.isEmpty { registrations += meet(hooks, view, sequence) }
        let outer = pending
        pending = view.validatedData
        try await tell(
          registrations, view, caller: event.caller, context: event.context, family: event.family)
        try requireAlive(frame)
        switch pending {
        case .case(let row): execution.pendingCase = row
        case .workItem(let row): if execution.pendingWorkItem != nil { execution.pendingWorkItem = row }
        case nil: break
        }
        pending = outer
      }
      execution.state = state
      execution.ids = identifiers
    }
    hand(over: execution)
    return CaseService.Outcome(caseID: execution.caseID, workItemID: execution.workItemID)
  }

  /// Calls a handler of an extension; one that fails leaves no change behind.
  private func perform(_ call: HandlerCall, _ request: CaseService.Request) async throws -> HandlerOutcome {
    guard let handler = service.extensions.nodes.handlers[call.handler], let item = state.workItem(call.workItem),
      let row = state.case(call.caseID)
    else {
      return .failed(
        WorkItemFailure(code: "UNKNOWN_HANDLER", message: "There is no handler `\(call.handler)`."))
    }
    let subject = NodeHandlerRequest(
      purpose: call.purpose, case: row, workItem: item, family: state, user: request.caller)
    let frame = currentFrame
    do {
      return .done(
        try await self.call(caller: request.caller, context: request.context) { try await handler(subject, $0) })
    } catch let error as Abandoned {
      throw error
    } catch {
      try requireAlive(frame)
      if Self.endsMutation(error) { throw error }
      service.logger.warning(
        "A handler failed.",
        metadata: ["handler": "\(call.handler)", "workItem": "\(call.workItem)", "cause": "\(error)"])
      return .failed(WorkItemFailure(error))
    }
  }

  /// Receivers, and the commands they run, see what the execution has done.
  private func hand(over execution: Execution<FlowEvaluator, FamilyIdentifiers>) {
    state = execution.state
    identifiers = execution.ids
  }

  /// Notes a change and tells the receivers of model events before and after.
  private func save(_ change: Change, _ request: CaseService.Request) async throws {
    try await tell(.preSave, change, request)
    unitOfWork.add(change)
    try await tell(.postSave, change, request)
  }

  private func tell(_ name: ModelEvent.Name, _ change: Change, _ request: CaseService.Request) async throws {
    let registrations = service.receivers.receivers(of: name, change.model)
    guard !registrations.isEmpty else { return }
    let item = change.workItem.flatMap { state.workItem($0) }
    let row = state.case(item?.caseID ?? change.id)
    let event = ModelEvent(
      name, change.model, key: change.id.description, isCreated: change.isInsertion, case: row, workItem: item,
      caller: request.caller, context: request.context, family: row?.family)
    let frame = currentFrame
    try await tell(
      registrations, event, caller: request.caller, context: request.context, family: row?.family)
    try requireAlive(frame)
  }

  private typealias CommandExecution = Execution<FlowEvaluator, FamilyIdentifiers>

  private func execution(of request: CaseService.Request, _ names: DynamicNames?) -> CommandExecution {
    Execution(
      definitions: definitions, state: state, command: completed(request.command),
      sender: root?.sender ?? root?.command.operation,
      caller: request.caller, context: request.context, now: max(.now(), request.earliest ?? .now()).microseconds,
      ids: identifiers,
      evaluator: FlowEvaluator(
        cache: service.expressions, context: request.contextValue, names: names, functions: service.extensions.nodes))
  }

  private func next(
    _ execution: inout CommandExecution, _ request: CaseService.Request, _ names: DynamicNames?
  ) async throws -> Step? {
    try await DynamicNames.next(&execution, names, context: request.contextValue) { before in
      // Whoever asks the database has to see what was decided so far.
      hand(over: before)
      return ExtensionContext(logger: service.logger) { [self] in
        if currentFrame == 0 { flush() }
        let transaction = currentFrame == 0 ? transaction : try transaction(for: currentFrame)
        return try await transaction.query($0, $1)
      }
    } _: { (execution) throws(EngineError) in
      try execution.next()
    }
  }

  /// The request as it is to be carried out, once its gate is passed.
  ///
  /// - Throws: why it is refused.
  func admit(_ request: CaseService.Request, _ checks: PendingChecks) async throws -> CaseService.Request {
    guard let gate = request.gate else { return request }
    var request = request
    request.gate = nil
    let context = ExtensionContext(logger: service.logger) { [transaction] in try await transaction.query($0, $1) }
    if let permit = gate.permit, let object = request.command.object(in: state) {
      try await permit(object, context)
    }
    try await checks.pass(targets: false)
    guard let revise = gate.revise else { return request }
    // What the engine refuses anyway is not validated.
    let names = DynamicNames(service.extensions)
    var trial = execution(of: request, names)
    _ = try await next(&trial, request, names)
    let revised = try await revise(context)
    guard revised.locator == request.command.locator else {
      throw MillraceError(.invalidInput, "A validation must not change which object a mutation is about.")
    }
    request.command = revised
    return request
  }

  /// The command with what the family knows of its texts.
  private func completed(_ command: Command) -> Command {
    guard case .saveWorkItem(let input) = command, let item = state.workItem(input.id) else { return command }
    return .saveWorkItem(input.completed(from: item, task: definitions.task(item.task)))
  }

  /// Notes what after-hooks are to be told, and answers before-hooks as the receivers that they are.
  private func meet(_ hooks: [Hook], _ event: EventView, _ sequence: Int64) -> [Registration<EventView>] {
    let context = root?.contextValue ?? .null
    guard let call = HookCall(event, sequence: sequence, context: context, state: state) else { return [] }
    var meeting = HookMeeting(
      call: call, family: event.event.family, expressions: service.expressions, functions: service.hooks.functions,
      depth: (root?.hookDepth ?? 0) + 1)
    let receivers = meeting.meet(hooks) { identifiers.next() }
    for delivery in meeting.deliveries { unitOfWork.add(delivery) }
    return receivers
  }

  // MARK: What receivers may do

  override func offers(of id: EntityID, _ context: ReceiverContext) async throws -> [TransitionOffer] {
    guard state.workItem(id) != nil else { return try await super.offers(of: id, context) }
    let request = CaseService.Request(
      command: .redoWorkItem(id), caller: context.caller, context: context.clientContext,
      contextValue: root?.contextValue ?? .null)
    let names = DynamicNames(service.extensions)
    var execution = execution(of: request, names)
    let asking = ExtensionContext(logger: service.logger) { [self] in
      try await transaction(for: currentFrame).query($0, $1)
    }
    return try await DynamicNames.next(&execution, names, context: request.contextValue, prepare: { _ in asking }) {
      (execution) throws(EngineError) in execution.offers(of: id)
    }
  }

  /// Carries out a receiver's command; one that fails leaves no change behind, also when the receiver goes on.
  override func runNested(_ command: Command, _ context: ReceiverContext) async throws -> CaseService.Outcome {
    if let locator = command.locator {
      let isOwn =
        switch locator {
        case .ofCase(let id): state.case(id) != nil
        case .ofWorkItem(let id): state.workItem(id) != nil
        }
      guard isOwn else {
        throw MillraceError(
          .invalidInput, "A receiver can only change cases of the family whose event it receives.")
      }
    }
    guard nesting + 1 < Self.maximumDepth else {
      throw MillraceError(.nestingTooDeep, "Receivers caused each other more than \(Self.maximumDepth) times.")
    }
    var request = CaseService.Request(
      command: command, sender: root?.sender ?? root?.command.operation, caller: context.caller,
      context: context.clientContext, contextValue: root?.contextValue ?? .null)
    request.hookDepth = root?.hookDepth ?? 0
    return try await undoable { frame in
      command.locator == nil
        ? try await self.startFamily(request, in: frame) : try await self.carryOut(request)
    }
  }

  /// Carries out a command that starts a family of its own, in this mutation's transaction.
  private func startFamily(_ request: CaseService.Request, in frame: Int) async throws -> CaseService.Outcome {
    let runner = CommandRunner(
      service: service, transaction: try transaction(for: frame), definitions: definitions, hookSet: hookSet,
      state: FamilyState(), unitOfWork: unitOfWork.ofNewFamily, identifiers: FamilyIdentifiers(),
      parent: (self, frame))
    let outcome = try await runner.run(request)
    try requireAlive(frame)
    runner.flush()
    for action in runner.commitActions { afterCommit(action) }
    unitOfWork.adopt(runner.unitOfWork)
    return outcome
  }

  override func changePending(_ change: (inout EventView.ValidatedData) -> Void) throws(MillraceError) {
    guard var data = pending else { return try super.changePending(change) }
    change(&data)
    pending = data
  }
}

extension Change {
  /// The type of the row.
  var model: ModelEvent.Model {
    switch self {
    case .insertCase, .updateCase: .case
    case .insertWorkItem, .updateWorkItem: .workItem
    }
  }

  var isInsertion: Bool {
    switch self {
    case .insertCase, .insertWorkItem: true
    case .updateCase, .updateWorkItem: false
    }
  }

  var id: EntityID {
    switch self {
    case .insertCase(let id), .updateCase(let id), .insertWorkItem(let id), .updateWorkItem(let id): id
    }
  }

  var workItem: EntityID? {
    switch self {
    case .insertWorkItem(let id), .updateWorkItem(let id): id
    case .insertCase, .updateCase: nil
    }
  }
}
