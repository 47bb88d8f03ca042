import EventLoop
import Expressions
import Postgres
import Webhooks
import WorkflowEngine
import WorkflowStore

/// Registers hooks and looks after their deliveries.
extension CaseService {
  /// A hook that was saved.
  public struct SavedHook: Sendable, LosslessStringConvertible {
    public let id: EntityID
    /// Made by the server, where a webhook had none.
    public let secret: String?

    init(id: EntityID, secret: String?) {
      self.id = id
      self.secret = secret
    }

    public init?(_ description: String) {
      let parts = description.split(separator: " ")
      guard let id = parts.first.flatMap({ EntityID($0) }) else { return nil }
      self.init(id: id, secret: parts.count > 1 ? String(parts[1]) : nil)
    }

    public var description: String { secret.map { "\(id) \($0)" } ?? "\(id)" }
  }

  /// Saves a hook; every process obeys it at its next event.
  ///
  /// - Throws: what is wrong with it.
  @discardableResult
  public func saveHook(
    _ input: HookInput, by caller: Caller = Caller(), mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) -> SavedHook {
    try await changing(by: caller, mark, deadline) { try await self.save(input, by: caller, in: $0) }
  }

  /// Removes a hook. What it has not been told yet is cancelled.
  public func removeHook(
    _ id: EntityID, by caller: Caller = Caller(), mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) {
    _ = try await changing(by: caller, mark, deadline) { scope in
      guard let hook = try await self.hooks.backend.find(id, in: scope.transaction) else { throw Self.noHook }
      _ = try await scope.delete(.hook, id.description) {
        self.hooks.backend.remove(hook, caller: caller, now: Timestamp.now(), in: $0)
        return true
      }
      return id
    }
  }

  /// Has a delivery made again, whatever became of it; one that waits is made at once.
  public func redeliverHook(
    _ delivery: EntityID, mark: MutationMark? = nil, deadline: UInt64? = nil
  ) async throws(MillraceError) {
    _ = try await changing(mark, deadline) { scope in
      guard try await self.hooks.backend.redeliver(delivery, in: scope.transaction) else {
        throw MillraceError(.notFound, "No HookDelivery matches the given query.")
      }
      return delivery
    }
    hooks.wake()
  }

  /// How many deliveries wait; nil when the database does not say within a second.
  public func pendingDeliveries() async -> Int64? {
    try? await hooks.backend.pending(in: database, deadline: database.loop.now + 1_000)
  }

  /// Tells a hook of a case as it is now, as if its event had happened. A function's writes are undone; a webhook
  /// is sent.
  ///
  /// - Returns: the delivery, which shows what came of it.
  public func testHook(
    _ id: EntityID, case caseID: EntityID, by caller: Caller = Caller(), mark: MutationMark? = nil,
    deadline: UInt64? = nil
  ) async throws(MillraceError) -> EntityID {
    let delivery = try await changing(by: caller, mark, deadline) { scope in
      let transaction = scope.transaction
      guard let hook = try await self.hooks.backend.find(id, in: transaction) else { throw Self.noHook }
      let loaded = try await FamilyStore.lock(.ofCase(caseID), in: transaction)
      guard let found = loaded.state.case(caseID) else {
        throw MillraceError(.notFound, "No Case matches the given query.")
      }
      let item = Array(loaded.state.workItems(of: caseID)).last
      let call = HookCall(
        testing: hook, case: found, workItem: item,
        source: item?.previousWorkItem.flatMap { loaded.state.workItem($0) }?.task, caller: caller,
        now: Timestamp.now().microseconds)
      var identifiers = FamilyIdentifiers(family: found.family)
      let delivery = HookDelivery(
        id: identifiers.next(), hook: hook.id, family: found.family, sequence: nil, event: "test", caseID: caseID,
        workItem: item?.id, payload: call.json.json, isOrdered: false)
      self.hooks.backend.addTest(delivery, in: transaction)
      return delivery.id
    }
    hooks.wake()
    return delivery
  }

  // MARK: As modules register

  /// Which cases a hook is for.
  public enum HookScope: Sendable {
    /// One case.
    case object(EntityID)
    /// All cases of a workflow.
    case `class`(workflow: String)
  }

  /// Has the function called before a work item follows another one. It may veto.
  ///
  /// - Parameters:
  ///   - function: a name that a module gave to a function.
  ///   - source: slug of the task before; nil for any.
  ///   - destination: slug of the task that follows; nil for any.
  @discardableResult
  public func hookPreTransition(
    _ name: String, function: String, for scope: HookScope, source: String? = nil, destination: String? = nil
  ) async throws(MillraceError) -> EntityID {
    try await register(name, .transition, .before, function, scope, source, destination)
  }

  /// Has the function called after a work item followed another one, once, across all processes.
  @discardableResult
  public func hookPostTransition(
    _ name: String, function: String, for scope: HookScope, source: String? = nil, destination: String? = nil
  ) async throws(MillraceError) -> EntityID {
    try await register(name, .transition, .after, function, scope, source, destination)
  }

  /// Has the function called before a case finishes. It may veto.
  @discardableResult
  public func hookPreComplete(
    _ name: String, function: String, for scope: HookScope
  ) async throws(MillraceError) -> EntityID {
    try await register(name, .completion, .before, function, scope, nil, nil)
  }

  /// Has the function called after a case finished, once, across all processes.
  @discardableResult
  public func hookPostComplete(
    _ name: String, function: String, for scope: HookScope
  ) async throws(MillraceError) -> EntityID {
    try await register(name, .completion, .after, function, scope, nil, nil)
  }

  private func register(
    _ name: String, _ trigger: Hook.Trigger, _ moment: Hook.Moment, _ function: String, _ scope: HookScope,
    _ source: String?, _ destination: String?
  ) async throws(MillraceError) -> EntityID {
    try await saveHook(
      HookInput(
        registering: name, trigger, moment, function: function, for: scope, source: source, destination: destination)
    ).id
  }

  // MARK: Checks

  private static let noHook = MillraceError(.notFound, "No Hook matches the given query.")

  private func changing<Result: LosslessStringConvertible>(
    by caller: Caller = Caller(), _ mark: MutationMark?, _ deadline: UInt64?,
    _ body: (DefinitionScope) async throws -> Result
  ) async throws(MillraceError) -> Result {
    do {
      let (result, actions) = try await database.transaction(
        deadline: deadline
      ) { transaction -> (Result, [@Sendable () async -> Void]) in
        let scope = DefinitionScope(
          service: self, transaction: transaction, editor: Editor(caller: caller, language: "", deadline: deadline))
        return (try await self.once(mark, in: transaction) { try await body(scope) }, scope.commitActions)
      }
      carryOut(actions)
      return result
    } catch let error as PostgresError where error.constraint == "hooks_name" {
      throw MillraceError(.invalidInput, "There is another hook with this name.")
    } catch {
      throw shown(error)
    }
  }

  private func save(_ input: HookInput, by caller: Caller, in scope: DefinitionScope) async throws -> SavedHook {
    let transaction = scope.transaction
    var previous: Hook?
    if let id = input.id {
      previous = try await hooks.backend.find(id, in: transaction)
      guard previous != nil else { throw Self.noHook }
      if let name = input.name, name != previous?.name,
        try await hooks.backend.find(named: name, in: transaction) != nil
      {
        throw MillraceError(.invalidInput, "There is another hook with this name.")
      }
    } else if let name = input.name {
      previous = try await hooks.backend.find(named: name, in: transaction)
    }
    var identifiers = FamilyIdentifiers()
    var hook = try input.applied(to: previous, id: previous?.id ?? identifiers.next())
    // A webhook without secrets keeps those it has, or gets one.
    var secret: String?
    if case .webhook(let url, let secrets) = hook.action, secrets.isEmpty {
      if case .webhook(_, let known) = previous?.action {
        hook.action = .webhook(url: url, secrets: known)
      } else {
        let new = WebhookSecret.generate()
        hook.action = .webhook(url: url, secrets: [new])
        secret = new
      }
    }
    // A server that registers what is there already changes nothing.
    if var same = previous {
      same.version = hook.version
      if same == hook { return SavedHook(id: hook.id, secret: nil) }
    }
    try check(hook)
    try await checkReferences(hook, in: transaction)
    try await scope.save(.hook, hook.id.description, isCreated: previous == nil) {
      hooks.backend.save(hook, replacing: previous, caller: caller, now: Timestamp.now(), in: $0)
    }
    return SavedHook(id: hook.id, secret: secret)
  }

  private func check(_ hook: Hook) throws(MillraceError) {
    func refuse(_ message: String) -> MillraceError { MillraceError(.invalidInput, message) }
    guard !hook.name.isEmpty, hook.name.count <= 255 else {
      throw refuse("The name of a hook has 1 to 255 characters.")
    }
    if hook.trigger != .transition, hook.source != nil || hook.destination != nil {
      throw refuse("Only hooks of transitions have a source and a destination.")
    }
    if hook.task != nil {
      guard case .event(let event) = hook.trigger, event.rawValue.hasSuffix("work_item") else {
        throw refuse("Only hooks of events of work items have a task.")
      }
    }
    switch (hook.moment, hook.onError) {
    case (.before, .retry): throw refuse("A before-hook cannot be tried again: it ignores errors or rolls back.")
    case (.after, .rollBack): throw refuse("An after-hook cannot roll back: it ignores errors or tries again.")
    default: break
    }
    if hook.isOrdered, hook.moment == .before { throw refuse("Before-hooks are called in order anyway.") }
    if let filter = hook.filter, let problem = Hook.problem(ofFilter: try analysis(of: filter)) {
      throw refuse(problem)
    }
    switch hook.action {
    case .function(let name):
      guard hooks.functions[name] == nil else { break }
      let known = hooks.functionNames.joined(separator: ", ")
      throw refuse("There is no function \(name). This server has: \(known.isEmpty ? "none" : known).")
    case .webhook(let url, let secrets):
      guard hook.moment == .after else {
        throw refuse("Webhooks are sent after the commit: they cannot be before-hooks.")
      }
      if let problem = WebhookAddress.problem(url) { throw refuse(problem) }
      guard !secrets.isEmpty, secrets.count <= 10 else { throw refuse("A webhook has one to ten secrets.") }
      guard secrets.allSatisfy({ WebhookSecret($0) != nil }) else {
        throw refuse("A secret of a webhook is whsec_ and 24 to 64 bytes in base64.")
      }
    }
  }

  private func checkReferences(_ hook: Hook, in transaction: Transaction) async throws {
    if let workflow = hook.workflow, try await !DefinitionStore.hasWorkflow(workflow, in: transaction) {
      throw Self.unknown(workflow)
    }
    let tasks = [hook.task, hook.source, hook.destination].compactMap(\.self)
    if !tasks.isEmpty { try await Self.requireTasks(tasks, in: transaction) }
    if let id = hook.caseID, try await !FamilyStore.hasCase(id, in: transaction) {
      throw Self.unknown(id.description)
    }
  }
}

extension HookInput {
  init(
    registering name: String, _ trigger: Hook.Trigger, _ moment: Hook.Moment, function: String,
    for scope: CaseService.HookScope, source: String?, destination: String?
  ) {
    self.init(name: name)
    self.trigger = .given(trigger)
    self.moment = .given(moment)
    action = .given(.function(function))
    switch scope {
    case .object(let id): (caseID, workflow) = (.given(id), .given(nil))
    case .class(let slug): (caseID, workflow) = (.given(nil), .given(slug))
    }
    self.source = .given(source)
    self.destination = .given(destination)
  }
}
