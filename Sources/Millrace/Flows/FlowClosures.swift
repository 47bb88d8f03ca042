import Flows
import WorkflowEngine

/// Nodes that run Swift.
extension flow {
  /// Does its work within the mutation that comes to it.
  public static func handler(
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping FlowClosure
  ) -> DeclaredNode {
    DeclaredNode(.handler, file: file, line: line).closure(.perform, body)
  }

  /// Has a handler do its work in the background, by its name: one of a module, or of a worker outside of the server.
  public static func job(_ handler: String, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.job, file: file, line: line).handled(by: handler)
  }

  /// Does its work in the background, after the commit.
  public static func job(
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping JobHandler
  ) -> DeclaredNode {
    DeclaredNode(.job, file: file, line: line).closure(.job, body)
  }

  /// A case begins when code starts it: `SampleFlow.start.run(schedule: 42)`. What was given is the data of the case.
  /// When the closure throws there is no case.
  public static func startFunction(
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping FlowClosure
  ) -> DeclaredNode {
    DeclaredNode(.startFunction, isStart: true, file: file, line: line).closure(.perform, body)
  }
}

extension flow {
  /// Two ways: `then` if the closure says so, `else` otherwise. It has to be quick and to know all it needs.
  public static func `if`(
    file: StaticString = #fileID, line: UInt = #line, _ condition: @escaping NodeRule
  ) -> DeclaredNode {
    var node = DeclaredNode(.if, file: file, line: line)
    node.conditionClosure = condition
    return node
  }
}

extension flow {
  /// Waits until a closure says so; it is asked after every change of the case. It has to be quick and to know all it
  /// needs.
  public static func condition(
    file: StaticString = #fileID, line: UInt = #line, _ condition: @escaping NodeRule
  ) -> DeclaredNode {
    DeclaredNode(.condition, file: file, line: line).closure(.condition, condition)
  }
}

extension DeclaredNode {
  /// Of a `switch`: where it goes when this is the first condition that holds.
  public func `case`(
    _ target: NodeReference, data: String? = nil, file: StaticString = #fileID, line: UInt = #line,
    when condition: @escaping NodeRule
  ) -> DeclaredNode {
    way(target, closure: condition, data: data, label: nil, file: file, line: line)
  }

  /// Of a split: goes on to a node, on one branch more, if the closure says so.
  public func next(
    _ target: NodeReference, data: String? = nil, label: String? = nil, file: StaticString = #fileID,
    line: UInt = #line, when condition: @escaping NodeRule
  ) -> DeclaredNode {
    way(target, closure: condition, data: data, label: label, file: file, line: line)
  }

  /// Called once, when a work item of the node is created.
  public func onCreate(_ body: @escaping FlowClosure) -> DeclaredNode { closure(.create, body) }
  /// Called when a work item of the node is undone.
  public func undo(_ body: @escaping FlowClosure) -> DeclaredNode { closure(.undo, body) }
  /// Called when what the node did is compensated.
  public func compensate(_ body: @escaping FlowClosure) -> DeclaredNode { closure(.compensate, body) }
  /// Who may do the node. The closure has to be quick and to know all it needs.
  public func permission(_ rule: @escaping NodeRule) -> DeclaredNode { closure(.permission, rule) }
  /// Who may assign, cancel, undo and revive the node's items.
  public func managedBy(_ rule: @escaping NodeRule) -> DeclaredNode { closure(.management, rule) }
  /// Who gets new items of the node.
  public func assign(_ users: @escaping NodeAssignment) -> DeclaredNode { closure(.assignment, users) }
}

extension ExtensionRegistry {
  /// Adds a workflow that is written in Swift. It is in the database once the server has started; a server with a flow
  /// that does not fit together does not start.
  public mutating func flow<Declared: Flow>(_ type: Declared.Type) {
    let program = FlowProgram(type)
    problems += program.problems.map(\.description)
    if flows.contains(where: { $0.slug == program.slug }) {
      problems.append("Two flows are called \(program.slug).")
    }
    flows.append(program)
    for closure in program.closures { add(closure) }
  }

  private mutating func add(_ closure: FlowProgram.Closure) {
    switch closure.role {
    case .perform, .create, .undo, .compensate:
      guard let body = closure.body as? FlowClosure else { return }
      nodeHandler(closure.name) { request, context in
        let activation = FlowActivation(request, context)
        try await body(activation)
        return activation.result
      }
    case .job: flowJobs[closure.name] = closure.body as? JobHandler
    case .permission, .management, .condition:
      if let rule = closure.body as? NodeRule { nodeRule(closure.name, rule) }
    case .assignment:
      if let assignment = closure.body as? NodeAssignment { nodeAssignment(closure.name, assignment) }
    }
  }
}
