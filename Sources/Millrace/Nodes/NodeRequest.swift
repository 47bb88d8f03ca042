import Expressions
import WorkflowEngine

/// What a rule of a typed node decides about.
public struct NodeRequest: Sendable {
  /// The case as it is at this moment.
  public let `case`: Case?
  /// The slug of the node's task.
  public let task: String
  /// The item; nil before there is one.
  public let workItem: WorkItem?
  /// All cases and work items of the family.
  public let family: FamilyState
  public let user: Caller

  /// The data of the case; null when there is none.
  public var caseData: JSON { `case`.flatMap { JSON(json: $0.data) } ?? .null }

  init(_ scope: EvaluationScope) {
    `case` = scope.state.case(scope.caseID)
    task = scope.task
    workItem = scope.workItem.flatMap { scope.state.workItem($0) }
    family = scope.state
    user = scope.caller
  }
}
