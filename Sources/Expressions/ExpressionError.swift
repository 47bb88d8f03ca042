/// Why an expression cannot be parsed or evaluated.
public struct ExpressionError: Error, Equatable, Sendable {
  /// Stable.
  public enum Code: String, Sendable {
    /// The text is not an expression.
    case syntax = "SYNTAX"
    /// The text is too long or too deeply nested.
    case tooLarge = "TOO_LARGE"
    /// There is no transform of that name.
    case unknownTransform = "UNKNOWN_TRANSFORM"
    /// An operand, subject or argument has the wrong type.
    case type = "TYPE"
    /// A division by zero, or a number out of range.
    case arithmetic = "ARITHMETIC"
    /// The step or memory budget is used up.
    case budget = "BUDGET"
    /// What the expression gives cannot be used where it stands.
    case result = "RESULT"
    /// The surroundings refused a lookup or a transform.
    case lookup = "LOOKUP"
  }

  public var code: Code
  /// The cause, without the position.
  public var message: String
  /// Bytes from the start of the expression; nil where no single place is to blame.
  public var position: Int?

  public init(_ code: Code, _ message: String, at position: Int? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }

  /// Cause and position in a sentence, for clients.
  public var explanation: String {
    guard let position else { return message }
    let cause = message.hasSuffix(".") ? message.dropLast() : message[...]
    return "\(cause), at byte \(position)."
  }
}
