import Expressions
import WorkflowEngine

extension NodeValue {
  package init(_ value: Value) {
    self.init(isTrue: value.isTrue, json: value.json)
    switch value {
    case .int(let found): number = found
    case .number(let found): number = Int64(exactly: found.rounded())
    case .string(let found):
      text = found
      texts = [found]
    case .array(let found):
      elements = found.map(\.json)
      texts = found.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: break
    }
  }

  /// Evaluates an expression of a typed node.
  package init(
    _ expression: Expression, in scope: EvaluationScope, context: Value
  ) throws(EngineError) {
    do throws(ExpressionError) {
      var environment = NodeEnvironment(scope, context: context)
      self.init(try expression.evaluate(in: &environment))
    } catch {
      throw EngineError(.expression, error.message)
    }
  }
}
