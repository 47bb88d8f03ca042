import Postgres
import WorkflowEngine

/// Where hooks and their deliveries are kept. What is given a transaction is there once that is committed.
public protocol HookBackend: Sendable {
  /// Whether deliveries are written with the mutation that causes them; otherwise they are handed over after it.
  var isDurable: Bool { get }

  // MARK: Hooks

  /// Tells one set of hooks from another, given the number that the database has for it.
  func revision(stored: Int64) -> Int64
  /// The hooks that do not belong to one case.
  func load(in transaction: Transaction) async throws(PostgresError) -> LoadedHooks
  /// The hooks of single cases among these.
  func hooks(ofCases ids: [EntityID], in transaction: Transaction) async throws(PostgresError) -> [Hook]
  /// The hook, which then waits for this transaction; nil if there is none or it was removed.
  func find(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Hook?
  func find(named name: String, in transaction: Transaction) async throws(PostgresError) -> Hook?
  /// - Parameter previous: the hook as it was, when it is changed.
  func save(_ hook: Hook, replacing previous: Hook?, caller: Caller, now: Timestamp, in transaction: Transaction)
  /// Removes the hook; what it has not been told yet it will not be told.
  func remove(_ hook: Hook, caller: Caller, now: Timestamp, in transaction: Transaction)
  /// Disables all webhooks of this address.
  func disable(url: String, reason: String, in transaction: Transaction)

  // MARK: Deliveries

  /// Takes over the deliveries of a committed mutation, if they were not written with it.
  func keep(_ deliveries: [HookDelivery])
  /// A delivery that stands for no event.
  func addTest(_ delivery: HookDelivery, in transaction: Transaction)
  /// The hooks whose deliveries wait.
  func waiting(in transaction: Transaction) async throws(PostgresError) -> [WaitingHook]
  /// How many deliveries wait.
  func pending(in database: Database, deadline: UInt64) async throws(PostgresError) -> Int64
  /// Claims due deliveries for a time: who comes later gets others. An ordered delivery is only claimed when none
  /// before it in its family waits.
  ///
  /// - Parameters:
  ///   - wanted: how many of each hook at most.
  ///   - token: tells this claim from all others.
  ///   - lease: milliseconds; who has not finished by then has lost them.
  func claim(
    _ wanted: [(hook: EntityID, count: Int)], token: EntityID, lease: Int64, in transaction: Transaction
  ) async throws(PostgresError) -> [HookDelivery]
  /// Locks a claimed delivery until the transaction ends and answers its hook as it is now; nil when the claim is
  /// lost.
  func hold(
    _ delivery: EntityID, token: EntityID, in transaction: Transaction
  ) async throws(PostgresError) -> Hook?
  /// Notes success; nothing happens when the claim is lost.
  func finish(
    _ delivery: EntityID, token: EntityID, responseStatus: Int32?, response: String?, in transaction: Transaction)
  /// Notes a failure; nothing happens when the claim is lost.
  func fail(_ delivery: EntityID, token: EntityID, _ failure: HookFailure, in transaction: Transaction)
  /// Gives claims back as if they had not been made.
  func release(_ deliveries: [EntityID], token: EntityID, in transaction: Transaction)
  /// Has a delivery made again, or at once if it waits.
  ///
  /// - Returns: false if there is none, or its hook was removed.
  func redeliver(_ id: EntityID, in transaction: Transaction) async throws(PostgresError) -> Bool
  /// Forgets deliveries that finished this many seconds ago, some at a time; answers how many.
  func prune(olderThan seconds: Int64, in transaction: Transaction) async throws(PostgresError) -> Int

  // MARK: Listing

  /// The rows of `hooks` and `hook_deliveries` as JSON lists, where they are not in these tables.
  var rows: (hooks: String, deliveries: String)? { get }
}

extension HookBackend {
  public func keep(_ deliveries: [HookDelivery]) {}
  public var rows: (hooks: String, deliveries: String)? { nil }
}

public struct LoadedHooks: Sendable {
  public let hooks: [Hook]
  /// Whether there are hooks of single cases besides.
  public let hasCaseHooks: Bool
  public let revision: Int64

  public init(hooks: [Hook], hasCaseHooks: Bool, revision: Int64) {
    self.hooks = hooks
    self.hasCaseHooks = hasCaseHooks
    self.revision = revision
  }
}

/// A hook with deliveries that wait.
public struct WaitingHook: Sendable {
  public let hook: Hook
  /// Milliseconds until its first delivery is due.
  public let dueIn: Int64

  public init(hook: Hook, dueIn: Int64) {
    self.hook = hook
    self.dueIn = dueIn
  }
}
