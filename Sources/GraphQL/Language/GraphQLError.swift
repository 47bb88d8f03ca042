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

  /// Longest part of a message that repeats what a document says, in bytes.
  private static let maxQuoted = 1_000

  /// What a document says, for a message: cut short where many errors about it would make a great answer.
  static func quoted(_ text: String) -> String {
    text.utf8.count > maxQuoted ? String(text.prefix(maxQuoted)) + "..." : text
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
    /// The document has more comments than `Limits.maxComments`.
    public static let tooManyComments = "TOO_MANY_COMMENTS"
    /// The document has more aliases than `Limits.maxAliases`.
    public static let maxAliases = "MAX_ALIASES_LIMIT"
    /// The document has more directives than `Limits.maxDirectives`, or `maxDirectivesPerLocation` at one place.
    public static let maxDirectives = "MAX_DIRECTIVES_LIMIT"
    /// The operation nests its fields deeper than `Limits.maxSelectionDepth`.
    public static let maxDepth = "MAX_DEPTH_LIMIT"
    /// The operation has more root fields than `Limits.maxRootFields`.
    public static let maxRootFields = "MAX_ROOT_FIELDS_LIMIT"
    /// The operation has more fields than `Limits.maxExpandedFields`.
    public static let maxFields = "MAX_FIELDS_LIMIT"
    /// The operation asks for more objects than `Limits.maxCost`.
    public static let costLimit = "COST_LIMIT"
    /// The document nests lists of introspection deeper than `Limits.maxIntrospectionLists`.
    public static let introspectionTooDeep = "INTROSPECTION_TOO_DEEP"
    /// The document asks for the schema, which is not shown.
    public static let introspectionDisabled = "INTROSPECTION_DISABLED"
    /// The variables nest deeper than `Limits.maxJSONDepth`.
    public static let variablesTooDeep = "VARIABLES_TOO_DEEP"
    /// The variables take more room than `Limits.maxVariableBytes`.
    public static let variablesTooLarge = "VARIABLES_TOO_LARGE"
    /// The batch has more requests than `Limits.maxBatch`.
    public static let batchTooLarge = "BATCH_TOO_LARGE"
    /// There are more errors than the answer lists.
    public static let tooManyErrors = "TOO_MANY_ERRORS"
    /// The check for mergeable fields passed `Limits.maxMergedFields`.
    public static let validationAborted = "VALIDATION_ABORTED"
    /// Planning the document took longer than `Limits.planningBudget`.
    public static let planningBudget = "PLANNING_BUDGET"
    /// The user has `Limits.maxUserOperations` operations under way.
    public static let tooManyUserOperations = "TOO_MANY_USER_OPERATIONS"
    /// A variable or argument cannot be coerced.
    public static let badUserInput = "BAD_USER_INPUT"
    /// No operation of that name, or several and no name.
    public static let operationResolutionFailure = "OPERATION_RESOLUTION_FAILURE"
    /// Anything else that went wrong inside.
    public static let internalServerError = "INTERNAL_SERVER_ERROR"
  }
}
