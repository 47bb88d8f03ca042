/// Who evaluates flow and group expressions for the engine.
public protocol ExpressionEvaluator {
  /// The slugs that a `next` or `redoable` expression gives, in the order of the expression. Unknown slugs are
  /// dropped by the engine.
  ///
  /// - Throws: `EngineError` with code `expression` if it cannot be evaluated.
  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]

  /// The groups that an `addressGroups` or `controlGroups` expression gives; a single text is a list of one.
  /// Nil if the expression gives null.
  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]?
}
