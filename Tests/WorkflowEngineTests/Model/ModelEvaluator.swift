import WorkflowEngine

/// Knows what the expressions of a generated workflow give, so that a walk does not evaluate them a million times.
struct ModelEvaluator: ExpressionEvaluator {
  private let slugs: [String: [String]]

  init(_ workflow: GeneratedWorkflow) {
    slugs = Dictionary(
      workflow.expressions.map { ($0.text, $0.tasks.map(GeneratedWorkflow.slug)) },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    guard let found = slugs[expression] else { throw EngineError(.expression, "What is `\(expression)`?") }
    return found
  }

  func possibleTasks(_ expression: String) -> [String]? { slugs[expression] }

  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]? {
    GeneratedWorkflow.groups
  }
}
