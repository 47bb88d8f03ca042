import WorkflowEngine

/// Makes the nodes of flows.
public enum flow {
  // MARK: Beginnings

  /// A case begins when somebody starts it.
  public static func start(_ title: String? = nil, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.startFunction, title: title, isStart: true, file: file, line: line)
  }

  /// A case begins whenever a signal of this name is thrown.
  public static func startSignal(
    _ signal: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.startSignal, isStart: true, file: file, line: line).with { $0.definition.signal = signal }
  }

  /// A case begins again and again, after so much time each.
  public static func startTimer(
    every interval: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.startFunction, isStart: true, file: file, line: line).with {
      $0.definition.delay = .seconds(interval.components.seconds)
    }
  }

  // MARK: People

  /// Something that a person does.
  public static func view(_ title: String? = nil, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.simple, title: title, file: file, line: line)
  }

  // MARK: Gateways

  /// Two ways: `then` if the expression holds, `else` otherwise.
  public static func `if`(
    _ condition: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.if, file: file, line: line).with { $0.definition.condition = condition }
  }

  /// The first `case` whose condition holds, or `default`.
  public static func `switch`(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.switch, file: file, line: line)
  }

  /// All ways side by side whose condition holds.
  public static func split(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.split, file: file, line: line)
  }

  /// All ways; the first one whose node is done cancels the others.
  public static func splitFirst(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.splitFirst, file: file, line: line)
  }

  /// Waits for the branches of a split.
  public static func join(
    _ need: JoinPolicy.Need = .all, remaining: JoinPolicy.Remaining = .keep, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.join, file: file, line: line).with { $0.definition.join = JoinPolicy(need, remaining: remaining) }
  }

  // MARK: Events

  /// Waits for so long.
  public static func timer(
    _ delay: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.timer, file: file, line: line).with { $0.definition.delay = .seconds(delay.components.seconds) }
  }

  /// Waits until the moment, or for the seconds, that an expression gives.
  public static func timer(
    at expression: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.timer, file: file, line: line).with { $0.definition.delay = .expression(expression) }
  }

  /// Waits until an expression holds.
  public static func condition(
    _ expression: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.condition, file: file, line: line).with { $0.definition.condition = expression }
  }

  /// Waits for a signal.
  public static func signal(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.catchSignal, file: file, line: line).with { $0.definition.signal = name }
  }

  /// Throws a signal to all that wait for it, in all cases.
  public static func throwSignal(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.throwSignal, file: file, line: line).with { $0.definition.signal = name }
  }

  /// Waits for a message.
  public static func message(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.catchMessage, file: file, line: line).with { $0.definition.signal = name }
  }

  /// Waits until code calls it.
  public static func call(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.catchCall, file: file, line: line)
  }

  /// Tells the parent case's work item.
  public static func escalation(
    _ code: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.escalation, file: file, line: line).with { $0.definition.errorCode = code }
  }

  /// Has what was done compensated, the latest first.
  public static func compensation(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.compensation, file: file, line: line)
  }

  // MARK: Subprocesses

  /// Starts a case of another workflow, by its slug, and waits for it.
  public static func subprocess(
    _ workflow: String, data: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.subprocess, file: file, line: line).with {
      $0.definition.subprocess = SubprocessDefinition(workflow, data: data)
    }
  }

  /// Starts a case of another workflow for each element of the list that an expression gives, and waits for all.
  public static func subprocesses(
    _ workflow: String, items: String, data: String? = nil, sequential: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DeclaredNode {
    DeclaredNode(.multiSubprocess, file: file, line: line).with {
      $0.definition.subprocess = SubprocessDefinition(workflow, data: data, items: items, isSequential: sequential)
    }
  }

  // MARK: Ends

  /// Ends its branch; the case is complete when nothing else is open.
  public static func end(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.end, file: file, line: line)
  }

  /// Ends the case; everything else that is open is canceled.
  public static func terminate(file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.terminateEnd, file: file, line: line)
  }

  /// Ends the case with an error, which a parent's boundary can catch.
  public static func error(_ code: String, file: StaticString = #fileID, line: UInt = #line) -> DeclaredNode {
    DeclaredNode(.errorEnd, file: file, line: line).with { $0.definition.errorCode = code }
  }
}
