/// A way from one type's rows to another's, for rules that look at related rows.
public struct VisibilityRelation<Node: VisibilityNode, Other: VisibilityNode>: Sendable {
  let link: VisibilityLink

  init(_ kind: StoredType, _ condition: String) {
    link = VisibilityLink(kind: kind, condition: condition)
  }
}

/// A relation without its types. In `condition` stand `{this}` and `{other}` for the two tables.
package struct VisibilityLink: Sendable {
  let kind: StoredType
  let condition: String

  func sql(this: String, other: String) -> String {
    condition.replacing("{this}", with: this).replacing("{other}", with: other)
  }
}

extension VisibilityRelation where Node == WorkItemNode, Other == CaseNode {
  public static var `case`: Self { Self(.case, "{other}.id = {this}.case_id") }
  /// The root of the case's family.
  public static var rootCase: Self { Self(.case, "{other}.id = {this}.family") }
  public static var childCase: Self { Self(.case, "{other}.id = {this}.child_case") }
}

extension VisibilityRelation where Node == WorkItemNode, Other == WorkItemNode {
  public static var previousWorkItem: Self { Self(.workItem, "{other}.id = {this}.previous_work_item") }
  /// All items of the case, the item itself included.
  public static var siblings: Self { Self(.workItem, "{other}.case_id = {this}.case_id") }
  /// All items of the case's family, the item itself included.
  public static var familyWorkItems: Self { Self(.workItem, "{other}.family = {this}.family") }
}

extension VisibilityRelation where Node == WorkItemNode, Other == TaskNode {
  public static var task: Self { Self(.task, "{other}.slug = {this}.task") }
}

extension VisibilityRelation where Node == CaseNode, Other == WorkflowNode {
  public static var workflow: Self { Self(.workflow, "{other}.slug = {this}.workflow") }
}

extension VisibilityRelation where Node == CaseNode, Other == CaseNode {
  /// The root of the case's family; a root is its own.
  public static var rootCase: Self { Self(.case, "{other}.id = {this}.family") }
}

extension VisibilityRelation where Node == CaseNode, Other == WorkItemNode {
  public static var workItems: Self { Self(.workItem, "{other}.case_id = {this}.id") }
  public static var familyWorkItems: Self { Self(.workItem, "{other}.family = {this}.family") }
  /// The item that the case was started for.
  public static var parentWorkItem: Self { Self(.workItem, "{other}.child_case = {this}.id") }
}

extension VisibilityRelation where Node == FlowNode, Other == WorkflowNode {
  public static var workflow: Self { Self(.workflow, "{other}.slug = {this}.workflow") }
}

extension VisibilityRelation where Node == WorkflowNode, Other == CaseNode {
  public static var cases: Self { Self(.case, "{other}.workflow = {this}.slug") }
}

extension VisibilityRelation where Node == TaskNode, Other == WorkItemNode {
  public static var workItems: Self { Self(.workItem, "{other}.task = {this}.slug") }
}
