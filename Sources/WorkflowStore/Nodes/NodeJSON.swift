import Expressions
import WorkflowEngine

/// Typed nodes as JSON: what `tasks.node` stores, what files of definitions have, and what `saveNodeTask` takes.
public enum NodeJSON {
  /// What is wrong with a node's JSON, and where.
  public struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
    public let path: String
    public let message: String
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
  }

  /// - Throws: the first problem.
  public static func node(_ value: Value) throws(Problem) -> NodeDefinition {
    let reader = NodeReader(value, "")
    var node = NodeDefinition()
    try reader.only([
      "edges", "handler", "undoHandler", "createHandler", "compensationHandler", "delay", "condition",
      "conditionClosure", "signal",
      "correlation", "timeToLive", "errorCode", "join", "subprocess", "boundaries", "assignment", "permission",
      "escalation", "management", "isExclusive", "retry", "cancels", "mutex", "enabledWhile",
      "titleTemplate", "summaryTemplate", "resultTemplate",
    ])
    node.edges = try reader.list("edges", edge)
    node.handler = try reader.text("handler")
    node.undoHandler = try reader.text("undoHandler")
    node.createHandler = try reader.text("createHandler")
    node.compensationHandler = try reader.text("compensationHandler")
    node.delay = try delay(reader)
    node.condition = try reader.text("condition")
    node.conditionClosure = try reader.text("conditionClosure")
    node.signal = try reader.text("signal")
    node.correlation = try reader.text("correlation")
    node.timeToLive = try reader.number("timeToLive") ?? 0
    node.errorCode = try reader.text("errorCode")
    node.join = try reader.object("join", join) ?? JoinPolicy()
    node.subprocess = try reader.object("subprocess", subprocess)
    node.boundaries = try reader.list("boundaries", boundary)
    node.assignment = try reader.object("assignment", assignment)
    node.escalation = try reader.object("escalation", escalation)
    node.permission = try reader.object("permission", rule)
    node.management = try reader.object("management", rule)
    node.isExclusive = try reader.flag("isExclusive") ?? false
    node.retry = try reader.object("retry", retry) ?? RetryPolicy()
    node.cancels = try reader.texts("cancels") ?? []
    node.mutex = try reader.text("mutex")
    node.enabledWhile = try reader.text("enabledWhile")
    node.texts = NodeTexts(
      title: try reader.template("titleTemplate"), summary: try reader.template("summaryTemplate"),
      result: try reader.template("resultTemplate"))
    return node
  }

  /// A node that the database has; nil for none. It was read when it was saved: what a newer server has written, and
  /// this one does not understand, is as if it were not there.
  public static func stored(_ text: String) -> NodeDefinition? {
    Value(json: text).flatMap { try? node($0) }
  }

  /// The `escalation` of a node by itself.
  ///
  /// - Throws: the first problem.
  public static func escalation(_ value: Value) throws(Problem) -> EscalationRule {
    try escalation(NodeReader(value, "escalation"))
  }

  private static func edge(_ reader: NodeReader) throws(Problem) -> EdgeDefinition {
    try reader.only(["target", "condition", "isDefault", "order", "items", "data", "label", "closure"])
    return EdgeDefinition(
      try reader.required("target"), condition: try reader.text("condition"),
      isDefault: try reader.flag("isDefault") ?? false, order: Int(try reader.number("order") ?? 0),
      items: try reader.text("items"), data: try reader.text("data"), label: try reader.text("label"),
      closure: try reader.text("closure"))
  }

  private static func delay(_ reader: NodeReader) throws(Problem) -> Delay? {
    switch reader["delay"] {
    case nil, .null?: nil
    case .int(let seconds)?: .seconds(seconds)
    // GraphQL has one type for both; clocks need to know their seconds without a case.
    case .string(let text)?: Int64(text).map { .seconds($0) } ?? .expression(text)
    default: throw reader.problem("delay", "Seconds or an expression are needed.")
    }
  }

  private static func join(_ reader: NodeReader) throws(Problem) -> JoinPolicy {
    try reader.only(["need", "value", "remaining", "isBlocking"])
    let value = try reader.text("value")
    func needed() throws(Problem) -> String {
      guard let value else { throw reader.problem("value", "An expression is needed.") }
      return value
    }
    let need: JoinPolicy.Need
    switch try reader.text("need") ?? "ALL" {
    case "ALL": need = .all
    case "ANY": need = .any
    case "COUNT": need = .count(try needed())
    case "CONDITION": need = .condition(try needed())
    case "PAIRED": need = .paired
    default: throw reader.problem("need", "It is one of ALL, ANY, COUNT, CONDITION and PAIRED.")
    }
    return JoinPolicy(
      need, remaining: try reader.choice("remaining") ?? .keep, isBlocking: try reader.flag("isBlocking") ?? false)
  }

  private static func subprocess(_ reader: NodeReader) throws(Problem) -> SubprocessDefinition {
    try reader.only(["workflow", "data", "items", "isSequential", "onCanceled"])
    return SubprocessDefinition(
      try reader.required("workflow"), data: try reader.text("data"), items: try reader.text("items"),
      isSequential: try reader.flag("isSequential") ?? false, onCanceled: try reader.choice("onCanceled") ?? .ignore)
  }

  private static func boundary(_ reader: NodeReader) throws(Problem) -> BoundaryDefinition {
    try reader.only(["kind", "delay", "errorCode", "isInterrupting", "target"])
    guard let kind: BoundaryDefinition.Kind = try reader.choice("kind") else {
      throw reader.problem("kind", "It is one of TIMER, ERROR, ESCALATION and DEADLINE.")
    }
    let delay = try delay(reader)
    if kind == .timer && delay == nil { throw reader.problem("delay", "A timer needs a delay.") }
    return BoundaryDefinition(
      kind, target: try reader.required("target"), delay: delay, errorCode: try reader.text("errorCode"),
      isInterrupting: try reader.flag("isInterrupting"))
  }

  private static func assignment(_ reader: NodeReader) throws(Problem) -> AssignmentRule {
    try reader.only(["users", "expression", "closure", "sameAs"])
    if let users = try reader.texts("users") { return .users(users) }
    if let text = try reader.text("expression") { return .expression(text) }
    if let name = try reader.text("closure") { return .closure(name) }
    if let task = try reader.text("sameAs") { return .sameAs(task: task) }
    throw reader.problem("", "One of users, expression, closure and sameAs is needed.")
  }

  private static func escalation(_ reader: NodeReader) throws(Problem) -> EscalationRule {
    try reader.only(["assignment", "addressGroups"])
    let rule = EscalationRule(
      assignment: try reader.object("assignment", assignment), addressGroups: try reader.text("addressGroups"))
    guard rule != EscalationRule() else { throw reader.problem("", "One of assignment and addressGroups is needed.") }
    return rule
  }

  private static func rule(_ reader: NodeReader) throws(Problem) -> AccessRule {
    try reader.only(["users", "groups", "expression", "closure"])
    return AccessRule(
      users: try reader.texts("users") ?? [], groups: try reader.texts("groups") ?? [],
      expression: try reader.text("expression"), closure: try reader.text("closure"))
  }

  private static func retry(_ reader: NodeReader) throws(Problem) -> RetryPolicy {
    try reader.only(["maximumAttempts", "backOff", "maximumBackOff"])
    let plain = RetryPolicy()
    let policy = RetryPolicy(
      maximumAttempts: Int(try reader.number("maximumAttempts") ?? Int64(plain.maximumAttempts)),
      backOff: try reader.number("backOff") ?? plain.backOff,
      maximumBackOff: try reader.number("maximumBackOff") ?? plain.maximumBackOff)
    guard policy.maximumAttempts >= 1, policy.backOff >= 0, policy.maximumBackOff >= 0 else {
      throw reader.problem("", "Numbers must not be negative, and there is at least one attempt.")
    }
    return policy
  }
}
