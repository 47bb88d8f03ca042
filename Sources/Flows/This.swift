/// Names a node of the same flow before it is declared: `this.approve`.
@dynamicMemberLookup
public struct This: Sendable {
  public subscript(dynamicMember name: String) -> NodeReference { NodeReference(name: name) }
}

/// The flow that is being declared.
public let this = This()

/// A node by its name in the flow.
public struct NodeReference: Sendable, Hashable {
  public let name: String

  /// Who completed the node's latest work item in the case.
  public var owner: FlowUsers { .owner(of: self) }
}

/// Who gets a new work item.
public enum FlowUsers: Sendable, Hashable {
  case named([String])
  /// JEXL that gives a user or a list of users.
  case expression(String)
  case owner(of: NodeReference)
}
