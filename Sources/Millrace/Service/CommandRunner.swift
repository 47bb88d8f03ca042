import Expressions
import Postgres
import WorkflowEngine
import WorkflowStore

/// Interprets the steps of a command within one transaction: changes gather in the unit of work, events go to
/// the receivers, which may run further commands on the same family.
final class CommandRunner: MutationScope {
  private let definitions: Definitions
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
    service: CaseService, transaction: Transaction, definitions: Definitions, state: FamilyState,
    unitOfWork: UnitOfWork, identifiers: FamilyIdentifiers
  ) {
    self.definitions = definitions
    self.state = state
    self.unitOfWork = unitOfWork
    self.identifiers = identifiers
    super.init(service: service, transaction: transaction)
  }

  override func flush() {
    unitOfWork.write(state, in: transaction)
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
    var execution = Execution(
      definitions: definitions, state: state, command: completed(request.command),
      sender: root?.sender ?? root?.command.operation,
      caller: request.caller, context: request.context, now: Timestamp.now().microseconds, ids: identifiers,
      evaluator: FlowEvaluator(cache: service.expressions, context: request.contextValue))
    while true {
      let step: Step?
      do throws(EngineError) {
        step = try execution.next()
      } catch {
        throw MillraceError(error)
      }
      guard let step else { break }
      switch step {
      case .change(let change):
        guard service.receivers.wantsSaves(of: change.model) else {
          unitOfWork.add(change)
          continue
        }
        hand(over: execution)
        try await save(change, request)
        try requireAlive(frame)
      case .emit(let event):
        unitOfWork.add(event)
        let registrations = service.receivers.receivers(of: event.name)
        guard !registrations.isEmpty else { continue }
        hand(over: execution)
        let view = EventView(
          event: event, workItem: event.workItem.flatMap { state.workItem($0) } ?? execution.pendingWorkItem,
          case: state.case(event.caseID) ?? execution.pendingCase)
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

  /// The command with what the family knows of its texts.
  private func completed(_ command: Command) -> Command {
    guard case .saveWorkItem(let input) = command, let item = state.workItem(input.id) else { return command }
    return .saveWorkItem(input.completed(from: item, task: definitions.task(item.task)))
  }

  // MARK: What receivers may do

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
    let request = CaseService.Request(
      command: command, caller: context.caller, context: context.clientContext,
      contextValue: root?.contextValue ?? .null)
    return try await undoable { _ in try await self.carryOut(request) }
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
