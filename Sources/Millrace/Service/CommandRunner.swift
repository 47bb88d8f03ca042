import Expressions
import Logging
import Postgres
import WorkflowEngine
import WorkflowStore

/// Interprets the steps of a command within one transaction: changes gather in the unit of work, events go to
/// the receivers, which may run further commands on the same family.
final class CommandRunner {
  let service: CaseService
  let transaction: Transaction
  private let definitions: Definitions
  private var state: FamilyState
  private var unitOfWork: UnitOfWork
  private var identifiers: FamilyIdentifiers
  private var depth = 0
  /// The request that the client sent.
  private var root: CaseService.Request?
  /// The calls of receivers that are under way, the innermost last.
  private var calls: [Call] = []
  private var callCount = 0
  private var flushes = 0
  /// A command's failure that its caller must not get over.
  private var irreversible: (any Error)?
  /// What receivers want done once the mutation is committed.
  private(set) var commitActions: [@Sendable () async -> Void] = []

  private struct Call {
    let number: Int
    /// Once the receiver has needed one.
    var savepoint: String?
  }

  /// Commands within receivers of commands within receivers … end somewhere.
  static let maximumDepth = 16

  init(
    service: CaseService, transaction: Transaction, definitions: Definitions, state: FamilyState,
    unitOfWork: UnitOfWork, identifiers: FamilyIdentifiers
  ) {
    self.service = service
    self.transaction = transaction
    self.definitions = definitions
    self.state = state
    self.unitOfWork = unitOfWork
    self.identifiers = identifiers
  }

  /// Sends what is not written yet.
  func flush() {
    unitOfWork.write(state, in: transaction)
    flushes += 1
  }

  /// Carries out a command; one that fails leaves no change behind, also when its caller goes on.
  func run(_ request: CaseService.Request) async throws -> CaseService.Outcome {
    let before = (state: state, unitOfWork: unitOfWork, flushes: flushes)
    do {
      return try await carryOut(request)
    } catch {
      if flushes == before.flushes {
        state = before.state
        unitOfWork = before.unitOfWork
      } else {
        // Part of it is written: only the savepoint of the receiver around it can undo that.
        irreversible = error
      }
      throw error
    }
  }

  private func carryOut(_ request: CaseService.Request) async throws -> CaseService.Outcome {
    guard depth < Self.maximumDepth else {
      throw MillraceError(.nestingTooDeep, "Receivers caused each other more than \(Self.maximumDepth) times.")
    }
    if root == nil { root = request }
    depth += 1
    defer { depth -= 1 }
    let names = DynamicNames(service.extensions)
    var execution = execution(of: request, names)
    while let step = try await next(&execution, request, names) {
      switch step {
      case .change(let change):
        unitOfWork.add(change)
      case .emit(let event):
        unitOfWork.add(event)
        let registrations = service.receivers.receivers(of: event.name)
        guard !registrations.isEmpty else { continue }
        state = execution.state
        identifiers = execution.ids
        let view = EventView(
          event: event, workItem: event.workItem.flatMap { state.workItem($0) } ?? execution.pendingWorkItem,
          case: state.case(event.caseID) ?? execution.pendingCase)
        try await tell(registrations, view)
        execution.state = state
        execution.ids = identifiers
      }
    }
    state = execution.state
    identifiers = execution.ids
    return CaseService.Outcome(caseID: execution.caseID, workItemID: execution.workItemID)
  }

  private typealias CommandExecution = Execution<FlowEvaluator, FamilyIdentifiers>

  private func execution(of request: CaseService.Request, _ names: DynamicNames?) -> CommandExecution {
    Execution(
      definitions: definitions, state: state, command: completed(request.command),
      sender: root?.sender ?? root?.command.operation,
      caller: request.caller, context: request.context, now: Timestamp.now().microseconds, ids: identifiers,
      evaluator: FlowEvaluator(cache: service.expressions, context: request.contextValue, names: names))
  }

  private func next(
    _ execution: inout CommandExecution, _ request: CaseService.Request, _ names: DynamicNames?
  ) async throws -> Step? {
    try await DynamicNames.next(&execution, names, context: request.contextValue) { before in
      // Whoever asks the database has to see what was decided so far.
      state = before.state
      identifiers = before.ids
      return ExtensionContext(logger: service.logger) { [self] in try await written().query($0, $1) }
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

  // MARK: Receivers

  private func tell(_ registrations: [ReceiverRegistry.Registration], _ event: EventView) async throws {
    var raised: [String] = []
    for registration in registrations {
      if let sender = registration.sender, sender != event.sender { continue }
      if let filter = registration.filter, !filter.matches(event) { continue }
      do {
        try await call(registration, event)
      } catch {
        // Without its connection, or as the loser of a deadlock, the mutation cannot go on; it may begin again.
        if let failure = error as? PostgresError, failure.kind != .server || failure.isRetryable { throw failure }
        log(error, registration, event)
        if registration.raiseException { raised.append(Self.text(of: error)) }
      }
    }
    guard raised.isEmpty else { throw MillraceError(.receiverFailed, raised.joined(separator: ", ")) }
  }

  /// Runs one receiver; when it throws, everything it did is undone.
  private func call(_ registration: ReceiverRegistry.Registration, _ event: EventView) async throws {
    let before = (state: state, unitOfWork: unitOfWork, actions: commitActions.count)
    callCount += 1
    calls.append(Call(number: callCount))
    do {
      try await registration.receiver(
        event, ReceiverContext(runner: self, call: callCount, event: event, logger: service.logger))
      if let irreversible { throw irreversible }
      if let begun = calls[calls.count - 1].savepoint { try await transaction.releaseSavepoint(begun) }
      calls.removeLast()
    } catch {
      let begun = calls.removeLast().savepoint
      irreversible = nil
      state = before.state
      unitOfWork = before.unitOfWork
      commitActions.removeLast(commitActions.count - before.actions)
      if let begun { try await transaction.rollBack(to: begun) }
      throw error
    }
  }

  private func log(_ error: any Error, _ registration: ReceiverRegistry.Registration, _ event: EventView) {
    service.logger.error(
      "Error in event receiver.",
      metadata: [
        "event": "\(event.name.rawValue)", "module": "\(registration.module)", "receiver": "\(registration.name)",
        "family": "\(event.event.family)", "raised": "\(registration.raiseException)", "cause": "\(error)",
      ])
  }

  private static func text(of error: any Error) -> String {
    (error as? MillraceError)?.message ?? "\(error)"
  }

  // MARK: What receivers may do

  /// The transaction with everything written so far, within the receiver's savepoint.
  func transaction(forCall number: Int) throws(MillraceError) -> Transaction {
    try check(number)
    return written()
  }

  /// The transaction with everything written so far.
  private func written() -> Transaction {
    // What is written now may belong to the receivers under way, too: each has to be able to undo it.
    for index in calls.indices where calls[index].savepoint == nil {
      calls[index].savepoint = transaction.beginSavepoint()
    }
    flush()
    return transaction
  }

  func runNested(_ command: Command, _ event: EventView, call number: Int) async throws -> CaseService.Outcome {
    try check(number)
    let request = CaseService.Request(
      command: command, caller: event.event.caller, context: event.context,
      contextValue: root?.contextValue ?? .null)
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
    return try await run(request)
  }

  func afterCommit(_ action: @escaping @Sendable () async -> Void) {
    commitActions.append(action)
  }

  /// Once a receiver has returned, the connection may be another mutation's; while its command is under way, what
  /// it does besides could not be told from what the receivers of that command do.
  private func check(_ number: Int) throws(MillraceError) {
    guard calls.last?.number == number, depth == calls.count else {
      throw MillraceError(.invalidState, "The receiver has returned, or a command of it is still under way.")
    }
  }
}
