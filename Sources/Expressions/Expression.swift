/// A parsed expression: immutable, to be kept and evaluated as often as needed.
///
/// The language is JEXL as the Python implementation `pyjexl` reads it: the reference documentation lists its operators
/// and transforms.
public struct Expression: Sendable {
  /// The text it was parsed from.
  public let text: String
  let nodes: [Node]
  /// Where each node begins in the text.
  let positions: [Int32]
  let root: Node.Index

  /// - Throws: `ExpressionError` with code `syntax` and the position of what could not be read, or `tooLarge`.
  public init(_ text: String, limits: ExpressionLimits = ExpressionLimits()) throws(ExpressionError) {
    var parser = Parser(text, limits: limits)
    root = try parser.parse()
    self.text = text
    nodes = parser.nodes
    positions = parser.positions
  }

  /// Evaluates the expression.
  ///
  /// - Parameter environment: what identifiers and transforms mean. It is asked only for what is used.
  /// - Throws: `ExpressionError` with the position of the node that failed.
  public func evaluate<E: ExpressionEnvironment>(
    in environment: inout E, budget: ExpressionBudget = ExpressionBudget()
  ) throws(ExpressionError) -> Value {
    var evaluator = Evaluator(expression: self, environment: environment, budget: budget)
    defer { environment = evaluator.environment }
    return try evaluator.evaluate(root)
  }
}
