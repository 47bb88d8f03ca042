import Expressions
import Postgres
import Synchronization
import WorkflowEngine
import WorkflowStore

/// Hooks and deliveries in this process alone, gone with it: for development and tests. Other processes neither see
/// a hook nor call it.
public final class MemoryHookBackend: HookBackend {
  fileprivate struct StoredHook {
    var hook: Hook
    var createdAt: Timestamp
    var modifiedAt: Timestamp
    var creator: Caller
    var modifier: Caller
    var removedAt: Timestamp?
  }

  fileprivate struct StoredDelivery {
    var delivery: HookDelivery
    var dueAt: Timestamp
    var token: EntityID?
    var failure: HookFailure?
    var responseStatus: Int32?
    var response: String?
    let createdAt: Timestamp
    var finishedAt: Timestamp?
  }

  fileprivate struct State {
    var hooks: [StoredHook] = []
    var deliveries: [StoredDelivery] = []
    var revision: Int64 = 0
  }

  /// Finished deliveries that are remembered at most.
  static let maximumFinished = 1_000

  private let state = Mutex(State())

  public init() {}

  public let isDurable = false

  // MARK: Hooks

  public func revision(stored: Int64) -> Int64 { state.withLock { $0.revision } }

  public func load(in transaction: Transaction) async throws(PostgresError) -> LoadedHooks {
    state.withLock { state in
      let active = state.active
      return LoadedHooks(
        hooks: active.filter { $0.caseID == nil }, hasCaseHooks: active.contains { $0.caseID != nil },
        revision: state.revision)
    }
  }

  public func hooks(
    ofCases ids: [EntityID], in transaction: Transaction
  ) async throws(PostgresError) -> [Hook] {
    state.withLock { $0.active.filter { hook in hook.caseID.map(ids.contains) ?? false } }
  }

  public func find(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Hook? {
    state.withLock { $0.hooks.first { $0.hook.id == id && $0.removedAt == nil }?.hook }
  }

  public func find(named name: String, in transaction: Transaction) async throws(PostgresError) -> Hook? {
    state.withLock { $0.hooks.first { $0.hook.name == name && $0.removedAt == nil }?.hook }
  }

  public func save(
    _ hook: Hook, replacing previous: Hook?, caller: Caller, now: Timestamp, in transaction: Transaction
  ) {
    change(transaction) { state in
      if let place = state.hooks.firstIndex(where: { $0.hook.id == hook.id }) {
        state.hooks[place].hook = hook
        state.hooks[place].modifiedAt = now
        state.hooks[place].modifier = caller
      } else {
        state.hooks.append(
          StoredHook(hook: hook, createdAt: now, modifiedAt: now, creator: caller, modifier: Caller()))
      }
    }
  }

  public func remove(_ hook: Hook, caller: Caller, now: Timestamp, in transaction: Transaction) {
    change(transaction) { state in
      guard let place = state.hooks.firstIndex(where: { $0.hook.id == hook.id }) else { return }
      state.hooks[place].hook.isEnabled = false
      state.hooks[place].hook.version += 1
      state.hooks[place].modifiedAt = now
      state.hooks[place].modifier = caller
      state.hooks[place].removedAt = now
      for index in state.deliveries.indices
      where state.deliveries[index].delivery.hook == hook.id && state.deliveries[index].delivery.status == .pending {
        state.deliveries[index].delivery.status = .cancelled
        state.deliveries[index].delivery.lastError = "The hook was removed."
        state.deliveries[index].token = nil
        state.deliveries[index].finishedAt = now
      }
    }
  }

  public func disable(url: String, reason: String, in transaction: Transaction) {
    change(transaction) { state in
      for index in state.hooks.indices where state.hooks[index].hook.isEnabled {
        guard case .webhook(url, _) = state.hooks[index].hook.action else { continue }
        state.hooks[index].hook.isEnabled = false
        state.hooks[index].hook.disabledReason = reason
        state.hooks[index].hook.version += 1
      }
    }
  }

  /// Changes hooks once the transaction is committed.
  private func change(_ transaction: Transaction, _ body: @escaping (inout State) -> Void) {
    transaction.onCommit { [self] in
      state.withLock {
        body(&$0)
        $0.revision += 1
      }
    }
  }

  // MARK: Deliveries

  public func keep(_ deliveries: [HookDelivery]) {
    let now = Timestamp.now()
    state.withLock { state in
      for delivery in deliveries {
        state.deliveries.append(
          StoredDelivery(
            delivery: delivery, dueAt: now, createdAt: now, finishedAt: delivery.status == .pending ? nil : now))
      }
      state.forget()
    }
  }

  public func addTest(_ delivery: HookDelivery, in transaction: Transaction) {
    transaction.onCommit { [self] in keep([delivery]) }
  }

  public func waiting(in transaction: Transaction) async throws(PostgresError) -> [WaitingHook] {
    let now = Timestamp.now()
    return state.withLock { state in
      state.active.compactMap { hook in
        let due = state.deliveries.filter { $0.delivery.hook == hook.id && $0.delivery.status == .pending }
          .map(\.dueAt.microseconds).min()
        return due.map { WaitingHook(hook: hook, dueIn: max(0, ($0 - now.microseconds + 999) / 1_000)) }
      }
    }
  }

  public func pending(in database: Database, deadline: UInt64) async throws(PostgresError) -> Int64 {
    state.withLock { state in Int64(state.deliveries.count { $0.delivery.status == .pending }) }
  }

  public func claim(
    _ wanted: [(hook: EntityID, count: Int)], token: EntityID, lease: Int64, in transaction: Transaction
  ) async throws(PostgresError) -> [HookDelivery] {
    let now = Timestamp.now()
    return state.withLock { state in
      var claimed: [HookDelivery] = []
      for (hook, count) in wanted {
        var left = count
        for index in state.deliveries.indices where left > 0 {
          guard state.isDue(index, hook, now) else { continue }
          state.deliveries[index].token = token
          state.deliveries[index].dueAt = Timestamp(microseconds: now.microseconds + lease * 1_000)
          state.deliveries[index].delivery.attempts += 1
          claimed.append(state.deliveries[index].delivery)
          left -= 1
        }
      }
      return claimed
    }
  }

  public func hold(
    _ delivery: EntityID, token: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> Hook? {
    state.withLock { state in
      guard let index = state.place(delivery, token) else { return nil }
      let id = state.deliveries[index].delivery.hook
      return state.hooks.first { $0.hook.id == id }?.hook
    }
  }

  public func finish(
    _ delivery: EntityID, token: EntityID, responseStatus: Int32?, response: String?, in transaction: Transaction
  ) {
    settle(delivery, token, transaction) { entry in
      entry.delivery.status = .delivered
      entry.delivery.lastError = nil
      entry.responseStatus = responseStatus
      entry.response = response
      entry.finishedAt = Timestamp.now()
    }
  }

  public func fail(_ delivery: EntityID, token: EntityID, _ failure: HookFailure, in transaction: Transaction) {
    settle(delivery, token, transaction) { entry in
      let now = Timestamp.now()
      entry.delivery.lastError = failure.message
      entry.responseStatus = failure.responseStatus
      entry.response = failure.response
      if let pause = failure.retryAfter {
        entry.dueAt = Timestamp(microseconds: now.microseconds + pause * 1_000)
      } else {
        entry.delivery.status = .dead
        entry.finishedAt = now
      }
    }
  }

  public func release(_ deliveries: [EntityID], token: EntityID, in transaction: Transaction) {
    for id in deliveries {
      settle(id, token, transaction) { entry in
        entry.dueAt = Timestamp.now()
        entry.delivery.attempts -= 1
      }
    }
  }

  private func settle(
    _ delivery: EntityID, _ token: EntityID, _ transaction: Transaction,
    _ body: @escaping (inout StoredDelivery) -> Void
  ) {
    transaction.onCommit { [self] in
      state.withLock { state in
        guard let index = state.place(delivery, token) else { return }
        state.deliveries[index].token = nil
        body(&state.deliveries[index])
        state.forget()
      }
    }
  }

  public func redeliver(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Bool {
    state.withLock { state in
      guard let index = state.deliveries.firstIndex(where: { $0.delivery.id == id }) else { return false }
      let hook = state.deliveries[index].delivery.hook
      guard state.hooks.contains(where: { $0.hook.id == hook && $0.removedAt == nil }) else { return false }
      if state.deliveries[index].token == nil { state.deliveries[index].dueAt = Timestamp.now() }
      if state.deliveries[index].delivery.status != .pending {
        state.deliveries[index].delivery.status = .pending
        state.deliveries[index].delivery.attempts = 0
        state.deliveries[index].finishedAt = nil
      }
      return true
    }
  }

  public func prune(olderThan seconds: Int64, in transaction: Transaction) async throws(PostgresError) -> Int {
    let limit = Timestamp.now().microseconds - seconds * 1_000_000
    return state.withLock { state in
      let before = state.deliveries.count
      state.deliveries.removeAll { ($0.finishedAt?.microseconds ?? .max) < limit }
      return before - state.deliveries.count
    }
  }

  // MARK: Listing

  public var rows: (hooks: String, deliveries: String)? {
    state.withLock { state in
      (
        JSON.array(state.hooks.map { Self.row($0) }).json, JSON.array(state.deliveries.map { Self.row($0) }).json
      )
    }
  }

  private static func row(_ stored: StoredHook) -> JSON {
    let hook = stored.hook
    var function: String?
    var url: String?
    var secrets: [String] = []
    switch hook.action {
    case .function(let name): function = name
    case .webhook(let address, let keys): (url, secrets) = (address, keys)
    }
    var event: String?
    if case .event(let name) = hook.trigger { event = name.rawValue }
    return object([
      ("id", .string(hook.id.description)), ("name", .string(hook.name)), ("trigger", .string(hook.trigger.kind)),
      ("event", .text(event)), ("moment", .string(hook.moment.rawValue)), ("workflow", .text(hook.workflow)),
      ("task", .text(hook.task)), ("case_id", .text(hook.caseID?.description)), ("source", .text(hook.source)),
      ("destination", .text(hook.destination)), ("filter", .text(hook.filter)),
      ("action", .string(hook.action.kind)), ("function", .text(function)), ("url", .text(url)),
      ("secrets", .array(secrets.map(JSON.string))), ("on_error", .string(hook.onError.rawValue)),
      ("is_ordered", .bool(hook.isOrdered)), ("is_enabled", .bool(hook.isEnabled)),
      ("disabled_reason", .text(hook.disabledReason)), ("version", .int(hook.version)),
      ("removed_at", .text(stored.removedAt?.text)), ("created_at", .string(stored.createdAt.text)),
      ("modified_at", .string(stored.modifiedAt.text)), ("created_by_user", .text(stored.creator.user)),
      ("created_by_group", .text(stored.creator.group)), ("modified_by_user", .text(stored.modifier.user)),
      ("modified_by_group", .text(stored.modifier.group)),
    ])
  }

  private static func row(_ stored: StoredDelivery) -> JSON {
    let delivery = stored.delivery
    return object([
      ("id", .string(delivery.id.description)), ("hook", .string(delivery.hook.description)),
      ("family", .string(delivery.family.description)), ("seq", delivery.sequence.map(JSON.int) ?? .null),
      ("event", .string(delivery.event)), ("case_id", .string(delivery.caseID.description)),
      ("work_item", .text(delivery.workItem?.description)), ("payload", JSON(json: delivery.payload) ?? .null),
      ("is_ordered", .bool(delivery.isOrdered)), ("depth", .int(Int64(delivery.depth))),
      ("status", .string(delivery.status.rawValue)), ("attempts", .int(Int64(delivery.attempts))),
      ("due_at", .string(stored.dueAt.text)), ("last_error", .text(delivery.lastError)),
      ("response_status", stored.responseStatus.map { .int(Int64($0)) } ?? .null), ("response", .text(stored.response)),
      ("created_at", .string(stored.createdAt.text)), ("finished_at", .text(stored.finishedAt?.text)),
    ])
  }

  private static func object(_ members: [(String, JSON)]) -> JSON {
    .object(members.map { JSON.Member(key: $0.0, value: $0.1) })
  }
}

extension MemoryHookBackend.State {
  fileprivate var active: [Hook] {
    hooks.filter { $0.removedAt == nil && $0.hook.isEnabled }.map(\.hook)
  }

  fileprivate func place(_ delivery: EntityID, _ token: EntityID) -> Int? {
    deliveries.firstIndex { $0.delivery.id == delivery && $0.token == token && $0.delivery.status == .pending }
  }

  fileprivate func isDue(_ index: Int, _ hook: EntityID, _ now: Timestamp) -> Bool {
    let entry = deliveries[index]
    guard entry.delivery.hook == hook, entry.delivery.status == .pending, entry.dueAt.microseconds <= now.microseconds
    else { return false }
    guard entry.delivery.isOrdered, let sequence = entry.delivery.sequence else { return true }
    return !deliveries.contains {
      $0.delivery.hook == hook && $0.delivery.family == entry.delivery.family && $0.delivery.status == .pending
        && ($0.delivery.sequence ?? .max) < sequence
    }
  }

  /// Keeps the list of what is finished short.
  fileprivate mutating func forget() {
    var excess = deliveries.count { $0.finishedAt != nil } - MemoryHookBackend.maximumFinished
    guard excess > 0 else { return }
    deliveries.removeAll { entry in
      guard excess > 0, entry.finishedAt != nil else { return false }
      excess -= 1
      return true
    }
  }
}
