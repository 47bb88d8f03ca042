/// A stored type at compile time, so that a rule can only name the columns that its type has.
public protocol VisibilityNode: Sendable {}

public enum WorkflowNode: VisibilityNode {}
/// All task types: rules are written for tasks, not for a single type of task.
public enum TaskNode: VisibilityNode {}
public enum FlowNode: VisibilityNode {}
public enum CaseNode: VisibilityNode {}
public enum WorkItemNode: VisibilityNode {}
public enum HookNode: VisibilityNode {}
/// Any of the types, for rules that hold wherever a class has none of its own.
public enum AnyNode: VisibilityNode {}

/// What a visibility rule is for.
public struct NodeType<Node: VisibilityNode>: Sendable {
  /// Nil for all types.
  let kind: StoredType?
}

extension NodeType where Node == WorkflowNode {
  public static var workflow: Self { Self(kind: .workflow) }
}

extension NodeType where Node == TaskNode {
  public static var task: Self { Self(kind: .task) }
}

extension NodeType where Node == FlowNode {
  public static var flow: Self { Self(kind: .flow) }
}

extension NodeType where Node == CaseNode {
  public static var `case`: Self { Self(kind: .case) }
}

extension NodeType where Node == WorkItemNode {
  public static var workItem: Self { Self(kind: .workItem) }
}

extension NodeType where Node == HookNode {
  public static var hook: Self { Self(kind: .hook) }
}

extension NodeType where Node == AnyNode {
  /// Every type for which the class has no rule of its own.
  public static var node: Self { Self(kind: nil) }
}
