/// Who evaluates flow and group expressions for the engine.
public protocol ExpressionEvaluator {
  /// The slugs that a `next` or `redoable` expression gives, in the order of the expression. Unknown slugs are
  /// dropped by the engine.
  ///
  /// - Throws: `EngineError` with code `expression` if it cannot be evaluated.
  mutating func tasks(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]

  /// The slugs that a `next` expression can give at all; nil if that does not show without evaluating it.
  func possibleTasks(_ expression: String) -> [String]?

  /// The groups that an `addressGroups` or `controlGroups` expression gives; a single text is a list of one.
  /// Nil if the expression gives null.
  mutating func groups(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> [String]?

  /// What an expression of a typed node gives, in a form that the engine can use.
  mutating func value(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> NodeValue

  /// Whether a text is JSON.
  func isJSON(_ text: String) -> Bool

  /// A moment of ISO 8601 text, in microseconds since 1970.
  func moment(_ text: String) -> Int64?

  /// JSON text: an object with this text for every language that another such object has.
  func localized(_ text: String, like: String) -> String?

  /// Whether somebody registered a closure of this name that answers yes or no.
  func hasRule(_ closure: String) -> Bool

  /// Whether a named closure answers for the caller; false for a name that nobody registered.
  mutating func allows(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> Bool

  /// The users that a named closure gives an item to.
  mutating func users(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> [String]
}

extension ExpressionEvaluator {
  public func possibleTasks(_ expression: String) -> [String]? { nil }

  public mutating func value(_ expression: String, in scope: EvaluationScope) throws(EngineError) -> NodeValue {
    throw EngineError(.expression, "Nothing evaluates `\(expression)`.")
  }

  public func isJSON(_ text: String) -> Bool { true }

  public func moment(_ text: String) -> Int64? { nil }

  public func localized(_ text: String, like: String) -> String? { nil }

  public func hasRule(_ closure: String) -> Bool { false }

  public mutating func allows(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> Bool { false }

  public mutating func users(_ closure: String, in scope: EvaluationScope) throws(EngineError) -> [String] {
    throw EngineError(.unknownDefinition, "There is no assignment `\(closure)`.")
  }
}
