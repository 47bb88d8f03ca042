/// A column that a visibility rule may look at.
///
/// - Node: the type that has the column.
/// - Value: what it holds; decides which comparisons there are.
public struct VisibilityColumn<Node: VisibilityNode, Value: Sendable>: Sendable {
  let name: String
}

extension VisibilityColumn where Value == String {
  public static var createdByUser: Self { Self(name: "created_by_user") }
  public static var createdByGroup: Self { Self(name: "created_by_group") }
  public static var modifiedByUser: Self { Self(name: "modified_by_user") }
  public static var modifiedByGroup: Self { Self(name: "modified_by_group") }
}

extension VisibilityColumn where Node == WorkflowNode, Value == String {
  public static var slug: Self { Self(name: "slug") }
}

extension VisibilityColumn where Node == WorkflowNode, Value == Bool {
  public static var isPublished: Self { Self(name: "is_published") }
  public static var isArchived: Self { Self(name: "is_archived") }
}

extension VisibilityColumn where Node == TaskNode, Value == String {
  public static var slug: Self { Self(name: "slug") }
  public static var type: Self { Self(name: "type") }
}

extension VisibilityColumn where Node == TaskNode, Value == Bool {
  public static var isArchived: Self { Self(name: "is_archived") }
}

extension VisibilityColumn where Node == FlowNode, Value == String {
  public static var workflow: Self { Self(name: "workflow") }
}

extension VisibilityColumn where Node == CaseNode, Value == String {
  /// The slug of the case's workflow.
  public static var workflow: Self { Self(name: "workflow") }
  /// In lower case: `running`, `completed`, `canceled`, `suspended`.
  public static var status: Self { Self(name: "status") }
  public static var closedByUser: Self { Self(name: "closed_by_user") }
  public static var closedByGroup: Self { Self(name: "closed_by_group") }
}

extension VisibilityColumn where Node == WorkItemNode, Value == String {
  /// The slug of the item's task.
  public static var task: Self { Self(name: "task") }
  /// In lower case: `ready`, `completed`, `canceled`, `skipped`, `suspended`, `redo`.
  public static var status: Self { Self(name: "status") }
  public static var closedByUser: Self { Self(name: "closed_by_user") }
  public static var closedByGroup: Self { Self(name: "closed_by_group") }
}

extension VisibilityColumn where Node == WorkItemNode, Value == [String] {
  public static var addressedGroups: Self { Self(name: "addressed_groups") }
  public static var controllingGroups: Self { Self(name: "controlling_groups") }
  public static var assignedUsers: Self { Self(name: "assigned_users") }
}
