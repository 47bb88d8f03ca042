/// A workflow written in Swift: its stored properties are its nodes.
///
/// ```swift
/// struct SampleFlow: Flow {
///   let start = flow.start().permission(autoCreate: true).next(this.approve)
///   let approve = flow.view().permission(autoCreate: true).next(this.checkApprove)
///   let checkApprove = flow.if("case.data.approved").then(this.send).else(this.end)
///   let send = flow.handler { request, _ in … }.next(this.end)
///   let end = flow.end()
/// }
/// ```
@dynamicMemberLookup
public protocol Flow: Sendable {
  init()
  /// The workflow's slug: by default the type's name, `sample-flow`.
  static var slug: String { get }
  /// What people read: by default the type's name, `Sample flow`.
  static var title: String { get }
}

extension Flow {
  public static var slug: String { FlowName.slug(of: "\(Self.self)") }
  public static var title: String { FlowName.title(of: "\(Self.self)") }

  /// A node of the flow, from outside: `SampleFlow.start`.
  public static subscript(dynamicMember path: KeyPath<Self, DeclaredNode> & Sendable) -> FlowPlace {
    let flow = Self()
    let identity = flow[keyPath: path].identity
    let found = FlowProgram.nodes(of: flow).first { $0.node.identity === identity }
    return FlowPlace(flow: Self.self, node: found?.name ?? "")
  }
}

/// A node of a flow, seen from outside.
public struct FlowPlace: Sendable {
  public let flow: any Flow.Type
  /// The property's name.
  public let node: String

  public var workflow: String { flow.slug }
  /// The slug of the node's task.
  public var task: String { FlowName.task(node, of: flow.slug) }
}
