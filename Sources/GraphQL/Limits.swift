/// What a document may cost before anything of it runs.
public struct Limits: Sendable {
  /// Bytes of a document. Default 100 KB; error `DOCUMENT_TOO_LARGE`. Bounds all work on a document.
  public var documentBytes = 100_000
  /// Tokens of a document, comments not counted. Default 10 000; error `TOO_MANY_TOKENS`. Small tokens make
  /// much work out of few bytes.
  public var tokens = 10_000
  /// Nesting of selection sets, values and types while parsing. Default 200; error `NESTING_TOO_DEEP`. The
  /// parser recurses, and a stack overflow cannot be caught.
  public var nesting = 200
  /// Depth of fields in an operation, through its fragments, introspection fields not counted. Default 15;
  /// error `SELECTION_TOO_DEEP`. Every level is a round trip to the database.
  public var selectionDepth = 15
  /// Fields of an operation with every fragment spread put in its place. Default 10 000; error
  /// `SELECTION_TOO_LARGE`. Fragments that spread fragments grow exponentially.
  public var expandedFields = 10_000
  /// Nesting of JSON in variables. Default 64; error `BAD_REQUEST`.
  public var variableDepth = 64
  /// Errors of one document that are reported before validation stops. Default 100.
  public var reportedErrors = 100

  public init() {}

  /// For texts of our own, such as the schema.
  public static var trusted: Limits {
    var limits = Limits()
    limits.documentBytes = 10_000_000
    limits.tokens = 1_000_000
    return limits
  }
}
