/// An error of parsing, validating, coercing or executing, as section 7.1.2 of the specification shapes it.
public struct GraphQLError: Error, Sendable, Equatable {
  /// One step of a response path.
  public enum PathSegment: Sendable, Equatable {
    /// A response name.
    case key(String)
    /// An index in a list, from zero.
    case index(Int)
  }

  /// Text for the developer, worded as the reference implementation words it.
  public var message: String
  /// Where in the document, if known.
  public var locations: [SourceLocation]
  /// Where in the response, for errors of execution.
  public var path: [PathSegment]
  /// Stable code for clients, written to `extensions.code`.
  public var code: String?

  public init(
    _ message: String, locations: [SourceLocation] = [], path: [PathSegment] = [], code: String? = nil
  ) {
    self.message = message
    self.locations = locations
    self.path = path
    self.code = code
  }
}

extension GraphQLError {
  /// The codes that clients switch on.
  public enum Code {
    /// The document is not grammatical, or passes a limit of the parser.
    public static let parseFailed = "GRAPHQL_PARSE_FAILED"
    /// The document is longer than `Limits.maxDocumentBytes`.
    public static let documentTooLarge = "DOCUMENT_TOO_LARGE"
    /// The document has more tokens than `Limits.maxTokens`.
    public static let tooManyTokens = "TOO_MANY_TOKENS"
    /// The document nests deeper than `Limits.maxNesting`.
    public static let nestingTooDeep = "NESTING_TOO_DEEP"
    /// The document breaks a rule of validation.
    public static let validationFailed = "GRAPHQL_VALIDATION_FAILED"
    /// A variable or argument cannot be coerced.
    public static let badUserInput = "BAD_USER_INPUT"
    /// No operation of that name, or several and no name.
    public static let operationResolutionFailure = "OPERATION_RESOLUTION_FAILURE"
    /// Anything else that went wrong inside.
    public static let internalServerError = "INTERNAL_SERVER_ERROR"
  }
}
