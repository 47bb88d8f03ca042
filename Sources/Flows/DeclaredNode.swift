import WorkflowEngine

/// A node of a flow: a property of the flow, made by `flow.view()`, `flow.if()` and their like, and completed by calls
/// such as `next`. What does not fit together is found when the flow is loaded.
public struct DeclaredNode: Sendable {
  /// Tells nodes apart, whatever they are called.
  final class Identity: Sendable {}

  /// What a closure of a node is for.
  public enum Role: String, Sendable, CaseIterable {
    case perform, job, create, undo, compensate, permission, management, assignment
    /// Whether a way is taken, or what a condition waits for is the case.
    case condition
  }

  /// A way to another node.
  struct Way: Sendable {
    var target: NodeReference
    var condition: String?
    var isDefault = false
    var items: String?
    var data: String?
    var label: String?
    /// Decides beside the condition.
    var closure: (any Sendable)?
    var place: SourcePlace
  }

  struct Boundary: Sendable {
    var definition: BoundaryDefinition
    var target: NodeReference
    var place: SourcePlace
  }

  let identity = Identity()
  let type: TaskType
  let place: SourcePlace
  /// For people; nil makes one of the property's name.
  var title: String?
  var summary: String?
  var definition = NodeDefinition()
  var ways: [Way] = []
  var boundaries: [Boundary] = []
  var assigns: FlowUsers?
  var cancels: [NodeReference] = []
  /// Whether people who may do the node are a group that is named after it.
  var createsPermission = false
  /// Groups that see the node's items in their queue: JEXL.
  var addressGroups: String?
  var leadTime: Int64?
  var isStart = false
  /// Of an `if`, what its condition is besides an expression.
  public var conditionClosure: (any Sendable)?
  /// By role, as the module that runs flows gave them.
  public internal(set) var closures: [Role: any Sendable] = [:]

  /// - Parameter isStart: whether cases begin here.
  public init(
    _ type: TaskType, title: String? = nil, isStart: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.type = type
    self.title = title
    self.isStart = isStart
    place = SourcePlace(file, line)
  }

  func with(_ change: (inout DeclaredNode) -> Void) -> DeclaredNode {
    var node = self
    change(&node)
    return node
  }

  /// Gives the node a closure, which the module that runs flows calls.
  public func closure(_ role: Role, _ closure: any Sendable) -> DeclaredNode { with { $0.closures[role] = closure } }
}

extension DeclaredNode {
  /// Goes on to a node if a closure, which the module that runs flows calls, says so.
  public func way(
    _ target: NodeReference, closure: any Sendable, data: String?, label: String?, file: StaticString, line: UInt
  ) -> DeclaredNode {
    with {
      $0.ways.append(
        Way(target: target, data: data, label: label, closure: closure, place: SourcePlace(file, line)))
    }
  }

  /// Names what does the node's work, where that is not a closure of the node.
  public func handled(by handler: String) -> DeclaredNode { with { $0.definition.handler = handler } }
}
