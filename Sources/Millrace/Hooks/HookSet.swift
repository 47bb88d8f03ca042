import Expressions
import WorkflowEngine
import WorkflowStore

/// The hooks that a mutation has to look at, by event.
struct HookSet: Sendable {
  /// Empty where no event has hooks, which is what most servers pay for.
  private var byEvent: [[Hook]] = []

  init(_ hooks: [Hook] = []) {
    for hook in hooks { insert(hook) }
  }

  mutating func insert(_ hook: Hook) {
    if byEvent.isEmpty { byEvent = [[Hook]](repeating: [], count: EventName.allCases.count) }
    byEvent[hook.event.number].append(hook)
  }

  func adding(_ hooks: [Hook]) -> HookSet {
    var set = self
    for hook in hooks { set.insert(hook) }
    return set
  }

  func hooks(of event: EventName) -> [Hook] {
    byEvent.isEmpty ? [] : byEvent[event.number]
  }
}

extension Hook {
  /// Whether the event is in the hook's scope; its filter comes on top.
  func covers(_ call: HookCall) -> Bool {
    if let workflow, workflow != call.case.workflow { return false }
    if let caseID, caseID != call.case.id { return false }
    if let task, task != call.workItem?.task { return false }
    guard trigger == .transition else { return true }
    guard let transition = call.transition else { return false }
    if let source, source != transition.source { return false }
    if let destination, destination != transition.destination { return false }
    return true
  }

  /// What is wrong with a filter before it is stored; nil if all is well.
  static func problem(ofFilter analysis: Analysis) -> String? {
    if let path = analysis.paths.first(where: { !HookCall.names.contains($0[0]) }) {
      return
        "There is no `\(path[0])` in filters of hooks. They know \(HookCall.names.sorted().joined(separator: ", "))."
    }
    return GroupExpression.problems(of: analysis).first
  }
}
