import Expressions
import WorkflowEngine
import WorkflowStore

/// An event meets the hooks that may concern it: before-hooks become receivers, after-hooks deliveries.
struct HookMeeting {
  /// Hooks whose functions cause events that cause hooks … end somewhere.
  static let maximumDepth: Int16 = 16

  let call: HookCall
  let family: EntityID
  let expressions: ExpressionCache
  let functions: [String: HookFunction]
  /// Of the deliveries that the event causes.
  let depth: Int16
  private(set) var deliveries: [HookDelivery] = []
  /// Made when the first hook needs it.
  private lazy var json = call.json
  private lazy var payload = json.json

  init(
    call: HookCall, family: EntityID, expressions: ExpressionCache, functions: [String: HookFunction], depth: Int16
  ) {
    self.call = call
    self.family = family
    self.expressions = expressions
    self.functions = functions
    self.depth = depth
  }

  /// - Parameter newID: for deliveries.
  mutating func meet(_ hooks: [Hook], newID: () -> EntityID) -> [Registration<EventView>] {
    var receivers: [Registration<EventView>] = []
    for hook in hooks where hook.covers(call) {
      var problem: String?
      do throws(ExpressionError) {
        guard try matches(hook) else { continue }
      } catch {
        problem = "The filter could not be evaluated: \(error.explanation)"
      }
      switch hook.moment {
      case .before: receivers.append(receiver(hook, problem))
      case .after: deliver(hook, problem, newID())
      }
    }
    return receivers
  }

  private mutating func matches(_ hook: Hook) throws(ExpressionError) -> Bool {
    guard let filter = hook.filter else { return true }
    var environment = ValueEnvironment(json)
    return try expressions.expression(filter).evaluate(in: &environment).isTrue
  }

  private mutating func deliver(_ hook: Hook, _ problem: String?, _ id: EntityID) {
    var problem = problem
    if depth > Self.maximumDepth { problem = "Hooks caused each other more than \(Self.maximumDepth) times." }
    deliveries.append(
      HookDelivery(
        id: id, hook: hook.id, family: family, sequence: call.sequence, event: call.event.rawValue,
        caseID: call.case.id, workItem: call.workItem?.id, payload: payload, isOrdered: hook.isOrdered, depth: depth,
        status: problem == nil ? .pending : .dead, lastError: problem))
  }

  private func receiver(_ hook: Hook, _ problem: String?) -> Registration<EventView> {
    var call = call
    call.hook = hook.id
    call.name = hook.name
    let told = call
    let function: HookFunction?
    if case .function(let name) = hook.action { function = functions[name] } else { function = nil }
    return Registration(
      event: call.event, sender: nil, raiseException: hook.onError == .rollBack, isAfterCommit: false, module: "hooks",
      name: hook.name,
      filter: nil,
      receiver: { _, context in
        if let problem { throw MillraceError(.expressionFailed, "Hook \(told.name): \(problem)") }
        guard let function else {
          throw MillraceError(.receiverFailed, "The function of the hook \(told.name) is not linked into this server.")
        }
        try await function(told, HookContext(place: .mutation(context), logger: context.logger))
      })
  }
}
