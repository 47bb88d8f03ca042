import Expressions
import Postgres
import WorkflowEngine

/// Evaluates the expressions of flows and tasks for the engine.
struct FlowEvaluator: ExpressionEvaluator {
  let cache: ExpressionCache
  /// The client's context, parsed.
  let context: JSON
  /// Nil without dynamic groups and tasks.
  var names: DynamicNames?
  let functions: NodeFunctions

  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    FlowExpression.slugs(of: try evaluate(expression, EmptyEnvironment(), scope))
  }

  func possibleTasks(_ expression: String) -> [String]? {
    guard names == nil, let parsed = try? cache.expression(expression) else { return nil }
    let analysis = parsed.analyze()
    let isPlain = analysis.transforms.allSatisfy { $0.name == "task" || $0.name == "tasks" }
    return isPlain && !analysis.transforms.isEmpty && !analysis.hasComputedTasks ? analysis.tasks : nil
  }

  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]? {
    let result = try evaluate(expression, GroupContext(scope: scope, context: context), scope)
    do throws(ExpressionError) {
      return try GroupExpression.groups(of: result)
    } catch {
      throw EngineError(.expression, error.explanation)
    }
  }

  mutating func value(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> NodeValue {
    let parsed: Expression
    do throws(ExpressionError) {
      parsed = try cache.expression(expression)
    } catch {
      throw EngineError(.expression, error.message)
    }
    return try NodeValue(parsed, in: scope, context: context)
  }

  func isJSON(_ text: String) -> Bool { JSON(json: text) != nil }

  func moment(_ text: String) -> Int64? { Timestamp(text)?.microseconds }

  func localized(_ text: String, like: String) -> String? { LocalizedText.text(text, like: like) }

  func hasRule(_ closure: String) -> Bool { functions.rules[closure] != nil }

  mutating func allows(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> Bool {
    functions.rules[closure]?(NodeRequest(scope)) ?? false
  }

  mutating func users(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    guard let assignment = functions.assignments[closure] else {
      throw EngineError(.unknownDefinition, "There is no assignment `\(closure)`.")
    }
    return assignment(NodeRequest(scope))
  }

  private func evaluate<Context: ExpressionEnvironment>(
    _ text: String, _ context: Context, _ scope: EvaluationScope
  ) throws(EngineError) -> Expressions.Value {
    do throws(ExpressionError) {
      var environment = WorkflowEnvironment(context: context)
      if let names {
        environment.dynamicTask = { (name) throws(ExpressionError) in try names.task(name, in: scope) }
        environment.dynamicGroup = { (name) throws(ExpressionError) in try names.group(name, in: scope) }
      }
      return try cache.expression(text).evaluate(in: &environment)
    } catch {
      throw EngineError(.expression, error.explanation)
    }
  }
}

/// `info` of group expressions: whom the case and its items belong to.
private struct GroupContext: ExpressionEnvironment {
  let scope: EvaluationScope
  let context: JSON

  mutating func resolve(_ path: [String]) throws(ExpressionError) -> Resolved? {
    guard path.first == "info" else { return nil }
    guard path.count > 1 else { return Resolved(.null, count: 1) }
    switch path[1] {
    case "case":
      let known = scope.state.case(scope.caseID)
      let creator = known == nil ? scope.caller.group : known?.createdByGroup
      return Resolved(object("created_by_group", text(creator)), count: 2)
    case "work_item":
      return Resolved(object("created_by_group", text(scope.caller.group)), count: 2)
    case "prev_work_item":
      let item = scope.previousWorkItem.flatMap { scope.state.workItem($0) }
      return Resolved(
        .object([
          Value.Member(key: "addressed_groups", value: item.map { list($0.addressedGroups) } ?? .null),
          Value.Member(key: "controlling_groups", value: item.map { list($0.controllingGroups) } ?? .null),
        ]), count: 2)
    case "context":
      return Resolved(
        .object([
          Value.Member(key: "addressed_groups", value: context["addressed_groups"] ?? .null),
          Value.Member(key: "controlling_groups", value: context["controlling_groups"] ?? .null),
        ]), count: 2)
    default:
      return Resolved(.null, count: 2)
    }
  }

  private func object(_ key: String, _ value: Expressions.Value) -> Expressions.Value {
    .object([Value.Member(key: key, value: value)])
  }

  private func text(_ value: String?) -> Expressions.Value { value.map { .string($0) } ?? .null }
  private func list(_ values: [String]) -> Expressions.Value { .array(values.map { .string($0) }) }
}

/// Parsed expressions by their text. Bounded: when full it starts anew.
final class ExpressionCache: @unchecked Sendable {  // confined to its loop's thread
  private var expressions: [String: Expression] = [:]
  private let capacity = 2_000

  func expression(_ text: String) throws(ExpressionError) -> Expression {
    if let known = expressions[text] { return known }
    let parsed = try Expression(text)
    if expressions.count >= capacity { expressions.removeAll(keepingCapacity: true) }
    expressions[text] = parsed
    return parsed
  }
}
