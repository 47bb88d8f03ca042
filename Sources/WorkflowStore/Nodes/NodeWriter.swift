import Expressions
import WorkflowEngine

extension NodeJSON {
  /// A node as `node(_:)` reads it; what has its default is left out.
  public static func json(_ node: NodeDefinition) -> Value {
    var object = NodeObject()
    object.add("edges", node.edges.map(json))
    object.add("handler", node.handler)
    object.add("undoHandler", node.undoHandler)
    object.add("createHandler", node.createHandler)
    object.add("compensationHandler", node.compensationHandler)
    object.add("delay", node.delay)
    object.add("condition", node.condition)
    object.add("conditionClosure", node.conditionClosure)
    object.add("signal", node.signal)
    object.add("correlation", node.correlation)
    if node.timeToLive != 0 { object.add("timeToLive", .int(node.timeToLive)) }
    object.add("errorCode", node.errorCode)
    if node.join != JoinPolicy() { object.add("join", json(node.join)) }
    if let subprocess = node.subprocess { object.add("subprocess", json(subprocess)) }
    object.add("boundaries", node.boundaries.map(json))
    if let assignment = node.assignment { object.add("assignment", json(assignment)) }
    if let rule = node.escalation { object.add("escalation", json(rule)) }
    if let rule = node.permission { object.add("permission", json(rule)) }
    if let rule = node.management { object.add("management", json(rule)) }
    object.add("isExclusive", node.isExclusive)
    if node.retry != RetryPolicy() {
      var retry = NodeObject()
      retry.add("maximumAttempts", .int(Int64(node.retry.maximumAttempts)))
      retry.add("backOff", .int(node.retry.backOff))
      retry.add("maximumBackOff", .int(node.retry.maximumBackOff))
      object.add("retry", retry.value)
    }
    object.add("cancels", node.cancels.map(Value.string))
    object.add("mutex", node.mutex)
    object.add("enabledWhile", node.enabledWhile)
    object.add("titleTemplate", node.texts.title)
    object.add("summaryTemplate", node.texts.summary)
    object.add("resultTemplate", node.texts.result)
    return object.value
  }

  /// A node that has nothing but an `escalation`.
  static func json(escalation rule: EscalationRule) -> Value {
    var node = NodeDefinition()
    node.escalation = rule
    return json(node)
  }

  private static func json(_ edge: EdgeDefinition) -> Value {
    var object = NodeObject()
    object.add("target", edge.target)
    object.add("condition", edge.condition)
    object.add("isDefault", edge.isDefault)
    if edge.order != 0 { object.add("order", .int(Int64(edge.order))) }
    object.add("items", edge.items)
    object.add("data", edge.data)
    object.add("label", edge.label)
    object.add("closure", edge.closure)
    return object.value
  }

  private static func json(_ policy: JoinPolicy) -> Value {
    var object = NodeObject()
    switch policy.need {
    case .all: object.add("need", "ALL")
    case .any: object.add("need", "ANY")
    case .count(let text):
      object.add("need", "COUNT")
      object.add("value", text)
    case .condition(let text):
      object.add("need", "CONDITION")
      object.add("value", text)
    case .paired: object.add("need", "PAIRED")
    }
    object.add("remaining", policy.remaining.rawValue.uppercased())
    object.add("isBlocking", policy.isBlocking)
    return object.value
  }

  private static func json(_ process: SubprocessDefinition) -> Value {
    var object = NodeObject()
    object.add("workflow", process.workflow)
    object.add("data", process.data)
    object.add("items", process.items)
    object.add("isSequential", process.isSequential)
    object.add("onCanceled", process.onCanceled.rawValue.uppercased())
    return object.value
  }

  private static func json(_ boundary: BoundaryDefinition) -> Value {
    var object = NodeObject()
    object.add("kind", boundary.kind.rawValue.uppercased())
    object.add("delay", boundary.delay)
    object.add("errorCode", boundary.errorCode)
    object.add("isInterrupting", .bool(boundary.isInterrupting))
    object.add("target", boundary.target)
    return object.value
  }

  private static func json(_ rule: AssignmentRule) -> Value {
    var object = NodeObject()
    switch rule {
    case .users(let users): object.add("users", .array(users.map(Value.string)))
    case .expression(let text): object.add("expression", text)
    case .closure(let name): object.add("closure", name)
    case .sameAs(let task): object.add("sameAs", task)
    }
    return object.value
  }

  private static func json(_ rule: EscalationRule) -> Value {
    var object = NodeObject()
    if let assignment = rule.assignment { object.add("assignment", json(assignment)) }
    object.add("addressGroups", rule.addressGroups)
    return object.value
  }

  private static func json(_ rule: AccessRule) -> Value {
    var object = NodeObject()
    object.add("users", rule.users.map(Value.string))
    object.add("groups", rule.groups.map(Value.string))
    object.add("expression", rule.expression)
    object.add("closure", rule.closure)
    return object.value
  }
}

/// Gathers the members of a JSON object.
private struct NodeObject {
  private var members: [Value.Member] = []

  var value: Value { .object(members) }

  mutating func add(_ name: String, _ value: Value) { members.append(Value.Member(key: name, value: value)) }

  mutating func add(_ name: String, _ text: String?) {
    if let text { add(name, Value.string(text)) }
  }

  mutating func add(_ name: String, _ flag: Bool) {
    if flag { add(name, Value.bool(true)) }
  }

  mutating func add(_ name: String, _ values: [Value]) {
    if !values.isEmpty { add(name, Value.array(values)) }
  }

  mutating func add(_ name: String, _ delay: Delay?) {
    switch delay {
    case .seconds(let seconds)?: add(name, Value.int(seconds))
    case .expression(let text)?: add(name, Value.string(text))
    case nil: break
    }
  }
}
