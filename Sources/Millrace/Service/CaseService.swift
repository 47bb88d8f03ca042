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
  let logger: Logger
  /// Milliseconds that a receiver may take.
  let receiverTimeout: UInt64
  let expressions = ExpressionCache()
  private var definitions = Definitions()
  private var definitionsRevision: Int64 = -1

  public init(
    database: Database, receivers: ReceiverTable = ReceiverTable(), extensions: ExtensionTable = ExtensionTable(),
    receiverTimeout: UInt64 = 5_000, logger: Logger
  ) {
    self.database = database
    self.receivers = receivers
    self.extensions = extensions
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
    /// On the loop's clock, in milliseconds.
    public var deadline: UInt64?
    /// What a client's command has to pass.
    package var gate: MutationGate?

    public init(
      command: Command, sender: Operation? = nil, caller: Caller = Caller(), context: String? = nil,
      contextValue: JSON = .null, deadline: UInt64? = nil
    ) {
      self.command = command
      self.sender = sender
      self.caller = caller
      self.context = context
      self.contextValue = contextValue
      self.deadline = deadline
    }
  }

  /// The case and the work item that a command was about.
  public struct Outcome: Sendable {
    public let caseID: EntityID?
    public let workItemID: EntityID?
  }

  /// Carries out a command: lock and load, engine and receivers, write and commit.
  ///
  /// - Throws: `MillraceError`; nothing of the command remains then.
  public func run(_ request: Request) async throws(MillraceError) -> Outcome {
    do {
      let (outcome, actions) = try await database.transaction(deadline: request.deadline) { transaction in
        var checks = PendingChecks()
        let loaded = try await self.load(request, &checks, in: transaction)
        try await checks.pass(targets: true)
        let definitions = try await self.definitions(revision: loaded.revision, in: transaction)
        let runner = CommandRunner(
          service: self, transaction: transaction, definitions: definitions, state: loaded.state,
          unitOfWork: UnitOfWork(lastEvent: loaded.lastEvent),
          identifiers: loaded.family.map(FamilyIdentifiers.init(family:)) ?? FamilyIdentifiers())
        let outcome = try await runner.run(try await runner.admit(request, checks))
        runner.flush()
        return (outcome, runner.commitActions)
      }
      carryOut(actions)
      return outcome
    } catch let error as MillraceError {
      throw error
    } catch let error as PostgresError {
      throw masked(error)
    } catch {
      throw masked("\(error)")
    }
  }

  /// Does what receivers have left for after the commit; nobody waits for it.
  func carryOut(_ actions: [@Sendable () async -> Void]) {
    guard !actions.isEmpty else { return }
    loop.start {
      for action in actions { await action() }
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

  private func load(
    _ request: Request, _ checks: inout PendingChecks, in transaction: Transaction
  ) async throws -> FamilyStore.Loaded {
    guard let locator = request.command.locator else {
      checks.send(request.gate?.checks ?? [], in: transaction)
      let revision = try await DefinitionStore.revision(in: transaction)
      return FamilyStore.Loaded(state: FamilyState(), family: nil, lastEvent: 0, revision: revision)
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
    do {
      let state = try await FamilyStore.read(familiesOf: ids, from: database, deadline: deadline)
      let definitions = try await database.transaction(deadline: deadline) { transaction in
        try await self.definitions(
          revision: try await DefinitionStore.revision(in: transaction), in: transaction)
      }
      var found: Set<EntityID> = []
      let names = DynamicNames(extensions)
      let context = extensionContext(deadline: deadline)
      for id in ids where state.workItem(id) != nil {
        var execution = Execution(
          definitions: definitions, state: state, command: .redoWorkItem(id), now: 0, ids: FamilyIdentifiers(),
          evaluator: FlowEvaluator(cache: expressions, context: .null, names: names))
        let isRedoable = try await DynamicNames.next(&execution, names, context: .null, prepare: { _ in context }) {
          (execution) throws(EngineError) in try execution.isRedoable(id)
        }
        if isRedoable { found.insert(id) }
      }
      return found
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
    case .completeWorkItem(let id), .skipWorkItem(let id), .cancelWorkItem(let id), .suspendWorkItem(let id),
      .resumeWorkItem(let id), .redoWorkItem(let id):
      .ofWorkItem(id)
    case .createWorkItem(let input): .ofCase(input.caseID)
    case .saveWorkItem(let input): .ofWorkItem(input.id)
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
