/// Checks the form of a text answer.
public struct FormatValidator: Sendable {
  public let slug: String
  /// From language to text; "" is for all languages.
  public let name: [String: String]
  /// What a client reads when the value is refused; `%(value)s` stands for the value.
  public let errorMessage: [String: String]
  /// Shown to clients, which check by it, too; nil without one.
  public let regex: String?
  /// In the spelling of the schema's question types.
  public let allowedQuestionTypes: [String]
  /// Whether a value is in order. Not asked for empty values.
  public let isValid: @Sendable (String) -> Bool

  public init(
    slug: String, name: [String: String], errorMessage: [String: String], regex: String? = nil,
    allowedQuestionTypes: [String] = ["text", "textarea"], isValid: @escaping @Sendable (String) -> Bool
  ) {
    self.slug = slug
    self.name = name
    self.errorMessage = errorMessage
    self.regex = regex
    self.allowedQuestionTypes = allowedQuestionTypes
    self.isValid = isValid
  }
}
