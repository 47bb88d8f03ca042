import Expressions
import WorkflowEngine

/// What the expressions of typed nodes see; `docs/reference/nodes.md` lists it.
package struct NodeEnvironment: ExpressionEnvironment {
  private let scope: EvaluationScope
  /// The client's context.
  private let context: Value

  package init(_ scope: EvaluationScope, context: Value) {
    self.scope = scope
    self.context = context
  }

  package mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    guard let first = path.first else { return nil }
    switch first {
    case "data": return Resolved(json(found?.data), count: 1)
    case "element": return Resolved(json(scope.element), count: 1)
    case "context": return Resolved(context, count: 1)
    case "user": return Resolved(text(scope.caller.user), count: 1)
    case "group": return Resolved(text(scope.caller.group), count: 1)
    case "groups": return Resolved(list(scope.caller.groups), count: 1)
    case "case": return Resolved(found.map { row in case_(row) } ?? .null, count: 1)
    case "item": return Resolved(item(scope.workItem), count: 1)
    case "previous": return Resolved(item(scope.previousWorkItem), count: 1)
    case "completedBy":
      guard path.count > 1 else { return Resolved(members { list(completers($0)) }, count: 1) }
      return Resolved(list(completers(path[1])), count: 2)
    case "open":
      guard path.count > 1 else { return Resolved(members { .int(count($0, \.status.isOpen)) }, count: 1) }
      return Resolved(.int(count(path[1], \.status.isOpen)), count: 2)
    case "count":
      guard path.count > 1 else { return Resolved(members { .int(count($0) { _ in true }) }, count: 1) }
      return Resolved(.int(count(path[1]) { _ in true }), count: 2)
    case "come":
      let all = scope.workItem.flatMap { scope.state.workItem($0)?.activation.predecessors } ?? []
      return Resolved(.int(Int64(max(all.count, 1))), count: 1)
    default: return nil
    }
  }

  private var found: Case? { scope.state.case(scope.caseID) }

  private func case_(_ row: Case) -> Value {
    .object([
      Value.Member(key: "id", value: .string(row.id.description)),
      Value.Member(key: "workflow", value: .string(row.workflow)),
      Value.Member(key: "meta", value: json(row.meta)),
      Value.Member(key: "createdByUser", value: text(row.createdByUser)),
      Value.Member(key: "createdByGroup", value: text(row.createdByGroup)),
    ])
  }

  private func item(_ id: EntityID?) -> Value {
    guard let row = id.flatMap({ scope.state.workItem($0) }) else { return .null }
    return .object([
      Value.Member(key: "id", value: .string(row.id.description)),
      Value.Member(key: "task", value: .string(row.task)),
      Value.Member(key: "status", value: .string(row.status.rawValue)),
      Value.Member(key: "data", value: json(row.activation.data)),
      Value.Member(key: "meta", value: json(row.meta)),
      Value.Member(key: "assignedUsers", value: list(row.assignedUsers)),
      Value.Member(key: "addressedGroups", value: list(row.addressedGroups)),
      Value.Member(key: "closedByUser", value: text(row.closedByUser)),
      Value.Member(key: "closedByGroup", value: text(row.closedByGroup)),
      Value.Member(key: "iteration", value: .int(Int64(row.activation.iteration))),
    ])
  }

  /// An object with a member for each task of the case.
  private func members(_ value: (String) -> Value) -> Value {
    var tasks: [String] = []
    for item in scope.state.workItems where item.caseID == scope.caseID && !tasks.contains(item.task) {
      tasks.append(item.task)
    }
    return .object(tasks.map { Value.Member(key: $0, value: value($0)) })
  }

  private func completers(_ task: String) -> [String] {
    scope.state.workItems.filter { $0.caseID == scope.caseID && $0.task == task && $0.status == .completed }
      .compactMap(\.closedByUser)
  }

  private func count(_ task: String, _ isMeant: (WorkItem) -> Bool) -> Int64 {
    Int64(scope.state.workItems.count { $0.caseID == scope.caseID && $0.task == task && isMeant($0) })
  }

  private func json(_ text: String?) -> Value { text.flatMap { Value(json: $0) } ?? .null }
  private func text(_ value: String?) -> Value { value.map { .string($0) } ?? .null }
  private func list(_ values: [String]) -> Value { .array(values.map { .string($0) }) }
}
