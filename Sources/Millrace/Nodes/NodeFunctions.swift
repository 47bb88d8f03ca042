import WorkflowEngine

/// The work of a handler node, within the mutation that reaches it. What it changes through its context is undone when
/// it throws; what it throws becomes the item's error or refuses the mutation.
public typealias NodeHandler = @Sendable (NodeHandlerRequest, ReceiverContext) async throws -> HandlerResult

/// Whether the user of the request may.
public typealias NodeRule = @Sendable (NodeRequest) -> Bool

/// The users that a new item is given to.
public typealias NodeAssignment = @Sendable (NodeRequest) -> [String]

/// What a handler is called for.
public struct NodeHandlerRequest: Sendable {
  public let purpose: HandlerCall.Purpose
  public let `case`: Case
  public let workItem: WorkItem
  /// All cases and work items of the family.
  public let family: FamilyState
  public let user: Caller

  /// The data of the case; null when there is none.
  public var caseData: JSON { JSON(json: `case`.data) ?? .null }
  /// The data of the item; null when there is none.
  public var data: JSON { workItem.activation.data.flatMap { JSON(json: $0) } ?? .null }
}

/// An error with a code that boundaries can tell from others.
public struct NodeError: Error, Sendable {
  public var code: String
  public var message: String

  public init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// What typed nodes name: functions of modules, by name.
public struct NodeFunctions: Sendable {
  public private(set) var handlers: [String: NodeHandler] = [:]
  public private(set) var rules: [String: NodeRule] = [:]
  public private(set) var assignments: [String: NodeAssignment] = [:]

  public init() {}

  mutating func add(_ name: String, _ handler: @escaping NodeHandler) -> Bool {
    handlers.updateValue(handler, forKey: name) == nil
  }

  mutating func add(_ name: String, _ rule: @escaping NodeRule) -> Bool {
    rules.updateValue(rule, forKey: name) == nil
  }

  mutating func add(_ name: String, _ assignment: @escaping NodeAssignment) -> Bool {
    assignments.updateValue(assignment, forKey: name) == nil
  }
}

extension ExtensionRegistry {
  /// What a task's `handler` names: the work of handler nodes and start functions, of undoing and of compensation.
  public mutating func nodeHandler(_ name: String, _ handler: @escaping NodeHandler) {
    if !nodes.add(name, handler) { problems.append("The handler \(name) is registered twice.") }
  }

  /// What the `closure` of an access rule names. It has to be quick and to know all it needs.
  public mutating func nodeRule(_ name: String, _ rule: @escaping NodeRule) {
    if !nodes.add(name, rule) { problems.append("The rule \(name) is registered twice.") }
  }

  /// What the `closure` of an assignment names.
  public mutating func nodeAssignment(_ name: String, _ assignment: @escaping NodeAssignment) {
    if !nodes.add(name, assignment) { problems.append("The assignment \(name) is registered twice.") }
  }
}
