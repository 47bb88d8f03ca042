import EventLoop
import Expressions
import Logging
import Postgres
import WorkflowEngine
import WorkflowStore

/// Carries out the mutations of cases and work items, each in a transaction of its own. One per loop.
public final class CaseService: @unchecked Sendable {  // confined to its loop's thread
  let database: Database
  let receivers: ReceiverTable
  package let extensions: ExtensionTable
  public let hooks: HookRuntime
  public let work: WorkRuntime
  let logger: Logger
  /// Milliseconds that a receiver may take.
  let receiverTimeout: UInt64
  let expressions = ExpressionCache()
  /// Whether events and deliveries are written; off only to measure what they cost.
  package var writesLog = true
  private var definitions = Definitions()
  private var definitionsRevision: Int64 = -1
  /// The hooks of all cases, and their revision.
  private var hookSet = HookSet()
  private var hasCaseHooks = false
  private var hookRevision: Int64 = -1

  public init(
    database: Database, receivers: ReceiverTable = ReceiverTable(), extensions: ExtensionTable = ExtensionTable(),
    hooks: HookRuntime = HookRuntime(), work: WorkRuntime = WorkRuntime(),
    receiverTimeout: UInt64 = 5_000, logger: Logger
  ) {
    self.database = database
    self.receivers = receivers
    self.extensions = extensions
    self.hooks = hooks
    self.work = work
    self.receiverTimeout = receiverTimeout
    self.logger = logger
  }

  var loop: EventLoop { database.loop }

  /// A command with everything that comes with it.
  public struct Request: Sendable {
    public var command: Command
    /// The mutation that the client sent, when it is not the command's own.
    public var sender: Operation?
    public var caller: Caller
    /// The client's context: as JSON text for the log, and parsed for expressions.
    public var context: String?
    public var contextValue: JSON
    /// The version that the addressed case or work item has to have; nil for any.
    public var ifVersion: Int64?
    /// On the loop's clock, in milliseconds.
    public var deadline: UInt64?
    /// Has the command carried out once, however often the request comes.
    public var mark: MutationMark?
    /// What a client's command has to pass.
    package var gate: MutationGate?
    /// How many deliveries of hooks caused each other up to this command; 0 for a client's.
    var hookDepth: Int16 = 0
    /// The time is this at least: what is due by the database's clock is due, also where this server's is behind it.
    var earliest: Timestamp?

    public init(
      command: Command, sender: Operation? = nil, caller: Caller = Caller(), context: String? = nil,
      contextValue: JSON = .null, ifVersion: Int64? = nil, deadline: UInt64? = nil
    ) {
      self.command = command
      self.sender = sender
      self.caller = caller
      self.context = context
      self.contextValue = contextValue
      self.ifVersion = ifVersion
      self.deadline = deadline
    }
  }

  /// The case and the work item that a command was about.
  public struct Outcome: Sendable {
    public let caseID: EntityID?
    public let workItemID: EntityID?

    /// As it is remembered for a repeated request.
    var text: String { "\(caseID?.description ?? ""),\(workItemID?.description ?? "")" }

    init(caseID: EntityID?, workItemID: EntityID?) {
      self.caseID = caseID
      self.workItemID = workItemID
    }

    init(text: String) {
      let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
      caseID = parts.first.flatMap { EntityID(String($0)) }
      workItemID = parts.count > 1 ? EntityID(String(parts[1])) : nil
    }
  }

  /// What is to be done once a command is committed.
  struct Aftermath {
    var actions: [@Sendable () async -> Void] = []
    /// For an outbox that is not the database's.
    var deliveries: [HookDelivery] = []
    /// Whether the outbox has something new.
    var fillsOutbox = false
    /// Whether there is something new that is due soon.
    var schedulesWork = false
    /// Work items that are in error now.
    var failures: Set<EntityID> = []

    mutating func add(_ other: Aftermath) {
      actions += other.actions
      deliveries += other.deliveries
      fillsOutbox = fillsOutbox || other.fillsOutbox
      schedulesWork = schedulesWork || other.schedulesWork
      failures.formUnion(other.failures)
    }
  }

  /// Carries out a command: lock and load, engine and receivers, write and commit.
  ///
  /// - Parameter committing: as of `Database.transaction`.
  /// - Throws: `MillraceError`; nothing of the command remains then.
  public func run(
    _ request: Request, committing: (Outcome, Transaction?) -> Void = { _, _ in }
  ) async throws(MillraceError) -> Outcome {
    do {
      let (outcome, aftermath) = try await database.transaction(
        deadline: request.deadline, isIdentified: true, committing: { committing($0.outcome, $1) }
      ) { transaction in
        try await self.perform(request, in: transaction)
      }
      conclude(aftermath)
      return outcome
    } catch {
      throw shown(error)
    }
  }

  /// Carries out a command in a transaction that others began.
  func perform(
    _ request: Request, in transaction: Transaction
  ) async throws -> (outcome: Outcome, aftermath: Aftermath) {
    let claim = request.mark.map { IdempotencyStore.claim($0, in: transaction) }
    var checks = PendingChecks()
    let loaded = try await load(request, &checks, in: transaction)
    if let stored = try await claim?.stored() { return (Outcome(text: stored), Aftermath()) }
    try await checks.pass(targets: true)
    let definitions = try await definitions(revision: loaded.revision.definitions, in: transaction)
    let hookSet = try await hookSet(revision: loaded.revision.hooks, state: loaded.state, in: transaction)
    let runner = CommandRunner(
      service: self, transaction: transaction, definitions: definitions, hookSet: hookSet, state: loaded.state,
      unitOfWork: UnitOfWork(
        lastEvent: loaded.lastEvent, storesDeliveries: hooks.backend.isDurable, writesLog: writesLog),
      identifiers: loaded.family.map(FamilyIdentifiers.init(family:)) ?? FamilyIdentifiers())
    try Self.checkVersion(request, loaded.state)
    let outcome = try await runner.run(try await runner.admit(request, checks))
    runner.flush()
    claim?.record(outcome.text, in: transaction)
    return (outcome, runner.aftermath)
  }

  /// After the commit.
  func conclude(_ aftermath: Aftermath) {
    if !aftermath.deliveries.isEmpty { hooks.backend.keep(aftermath.deliveries) }
    if aftermath.fillsOutbox { hooks.wake() }
    if aftermath.schedulesWork { work.wake() }
    carryOut(aftermath.actions)
  }

  /// Under the family's lock, so that the version is still the same when the command is carried out.
  private static func checkVersion(_ request: Request, _ state: FamilyState) throws(MillraceError) {
    guard let expected = request.ifVersion else { return }
    let found: (name: String, version: Int64?)
    switch request.command.locator {
    case .ofCase(let id): found = ("case", state.case(id)?.version)
    case .ofWorkItem(let id): found = ("work item", state.workItem(id)?.version)
    case nil: throw MillraceError(.invalidInput, "`ifVersion` needs a case or a work item that exists.")
    }
    guard let version = found.version, version != expected else { return }
    throw MillraceError(.conflict, "The \(found.name) has version \(version) by now, not \(expected).")
  }

  /// Does what receivers have left for after the commit; nobody waits for it.
  func carryOut(_ actions: [@Sendable () async -> Void]) {
    guard !actions.isEmpty else { return }
    loop.start {
      for action in actions { await action() }
    }
  }

  /// What a client may know of an error.
  func shown(_ error: any Error) -> MillraceError {
    switch error {
    case let error as MillraceError: error
    case let error as PostgresError: masked(error)
    case is IdempotencyStore.KeyReused: .keyReused
    case is LostClaim: Self.lostJob
    default: masked("\(error)")
    }
  }

  /// What a client may know of a database error.
  func masked(_ error: PostgresError) -> MillraceError {
    let shown = MillraceError(error)
    return shown.code == .internalError ? masked(error.description) : shown
  }

  func masked(_ text: String) -> MillraceError {
    let id = UInt64.random(in: .min ... .max)
    let name = String(id, radix: 16)
    logger.error("A mutation failed.", metadata: ["error": "\(text)", "id": "\(name)"])
    return MillraceError(.internalError, "Internal error \(name).")
  }

  /// The hooks that concern a family, those of all cases from memory when they are there.
  private func hookSet(
    revision stored: Int64, state: FamilyState, in transaction: Transaction
  ) async throws(PostgresError) -> HookSet {
    let revision = hooks.backend.revision(stored: stored)
    if revision != hookRevision {
      let loaded = try await hooks.backend.load(in: transaction)
      hookSet = HookSet(loaded.hooks)
      hasCaseHooks = loaded.hasCaseHooks
      // A change was committed while the statements ran: good enough for now, but not to be kept.
      hookRevision = loaded.revision == revision ? revision : -1
    }
    guard hasCaseHooks, !state.cases.isEmpty else { return hookSet }
    return hookSet.adding(try await hooks.backend.hooks(ofCases: state.cases.map(\.id), in: transaction))
  }

  private func load(
    _ request: Request, _ checks: inout PendingChecks, in transaction: Transaction
  ) async throws -> FamilyStore.Loaded {
    guard let locator = request.command.locator else {
      checks.send(request.gate?.checks ?? [], in: transaction)
      return try await FamilyStore.begin(in: transaction)
    }
    return try await FamilyStore.lock(locator, in: transaction) {
      checks.send(request.gate?.checks ?? [], in: transaction)
    }
  }

  /// The definitions at this revision, from memory when they are there.
  func definitions(revision: Int64, in transaction: Transaction) async throws(PostgresError) -> Definitions {
    if revision == definitionsRevision { return definitions }
    var loaded = try await DefinitionStore.load(in: transaction)
    if loaded.revision != revision {
      // A change was committed while the statements ran: some may have seen it and some not.
      DefinitionStore.holdRevision(in: transaction)
      loaded = try await DefinitionStore.load(in: transaction)
    }
    definitions = loaded.definitions
    definitionsRevision = loaded.revision
    return loaded.definitions
  }
}

extension CaseService {
  /// Which of the work items may be redone at the moment.
  ///
  /// - Throws: a database error, or that a `redoable` expression cannot be evaluated.
  public func redoable(among ids: [EntityID], deadline: UInt64?) async throws(MillraceError) -> Set<EntityID> {
    let answers = try await ask(ids, caller: Caller(), deadline: deadline) { (execution, id) throws(EngineError) in
      try execution.isRedoable(id)
    }
    return Set(answers.filter(\.value).keys)
  }

  /// Asks the engine about work items as they are, without their locks.
  ///
  /// - Parameter question: asked again when a dynamic name had to be resolved.
  func ask<Answer>(
    _ ids: [EntityID], caller: Caller, deadline: UInt64?,
    _ question: (inout Execution<FlowEvaluator, FamilyIdentifiers>, EntityID) throws(EngineError) -> Answer
  ) async throws(MillraceError) -> [EntityID: Answer] {
    do {
      let state = try await FamilyStore.read(familiesOf: ids, from: database, deadline: deadline)
      let definitions = try await database.transaction(deadline: deadline, isReadOnly: true) { transaction in
        try await self.definitions(
          revision: try await DefinitionStore.revision(in: transaction).definitions, in: transaction)
      }
      var answers: [EntityID: Answer] = [:]
      let names = DynamicNames(extensions)
      let context = extensionContext(deadline: deadline)
      for id in ids where state.workItem(id) != nil {
        var execution = Execution(
          definitions: definitions, state: state, command: .redoWorkItem(id), caller: caller, now: 0,
          ids: FamilyIdentifiers(),
          evaluator: FlowEvaluator(cache: expressions, context: .null, names: names, functions: extensions.nodes))
        answers[id] = try await DynamicNames.next(&execution, names, context: .null, prepare: { _ in context }) {
          (execution) throws(EngineError) in try question(&execution, id)
        }
      }
      return answers
    } catch let error as MillraceError {
      throw error
    } catch let error as PostgresError {
      throw masked(error)
    } catch {
      throw masked("\(error)")
    }
  }
}

extension Command {
  /// How the family of the command is found; nil when the command starts one.
  var locator: FamilyStore.Locator? {
    switch self {
    case .startCase(let input): input.parentWorkItem.map { .ofWorkItem($0) }
    case .updateCase(let input): .ofCase(input.id)
    case .cancelCase(let id), .suspendCase(let id), .resumeCase(let id), .reopenCase(let id, _): .ofCase(id)
    case .completeWorkItem(let id, _), .skipWorkItem(let id), .cancelWorkItem(let id), .suspendWorkItem(let id),
      .resumeWorkItem(let id), .redoWorkItem(let id):
      .ofWorkItem(id)
    case .createWorkItem(let input): .ofCase(input.caseID)
    case .saveWorkItem(let input): .ofWorkItem(input.id)
    case .startJob(let id), .finishJob(let id, _), .failJob(let id, _), .fireTimer(let id),
      .undoWorkItem(let id, _, _), .reviveWorkItem(let id), .retryWorkItem(let id), .assignWorkItem(let id, _),
      .unassignWorkItem(let id), .reassignWorkItem(let id, _), .claimWorkItem(let id), .startWorkItem(let id),
      .prepareWorkItem(let id), .activateWorkItem(let id), .activateNext(let id),
      .snoozeWorkItem(let id, _), .unsnoozeWorkItem(let id, _), .escalateWorkItem(let id),
      .addSubprocessItem(let id, _):
      .ofWorkItem(id)
    case .deliver(let delivery): .ofWorkItem(delivery.workItem)
    case .migrateCase(let input): .ofCase(input.id)
    }
  }
}

extension CaseService {
  /// For extensions that run outside of a transaction.
  package func extensionContext(deadline: UInt64?) -> ExtensionContext {
    ExtensionContext(logger: logger) { [database] in try await database.query($0, $1, deadline: deadline) }
  }

  /// Closes the connections of this service's loop.
  public func closeDatabase() {
    database.close()
  }
}
