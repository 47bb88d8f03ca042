/// Bounds on what a document may cost before it runs. All are on by default; every transport uses the same values.
public struct Limits: Sendable {
  /// Longest document. Default 100 000, in bytes; code `DOCUMENT_TOO_LARGE`. Parsing is linear in it.
  public var maxDocumentBytes = 100_000
  /// Most tokens without comments. Default 10 000; code `TOO_MANY_TOKENS`. Bounds the size of the syntax tree.
  public var maxTokens = 10_000
  /// Most comments. Default 1 000; code `GRAPHQL_PARSE_FAILED`. Comments cost time but no token.
  public var maxComments = 1_000
  /// Deepest nesting of selection sets, lists, objects and list types. Default 200, in levels; code
  /// `NESTING_TOO_DEEP`. Every later pass recurses at most this deep: an overflowing stack cannot be caught.
  public var maxNesting = 200
  /// Most errors that validation reports before it stops. Default 100; code `GRAPHQL_VALIDATION_FAILED`. Bounds the
  /// size of the answer to a hostile document.
  public var maxValidationErrors = 100
  /// Most fields that the check for mergeable fields visits. Default 200 000; code `GRAPHQL_VALIDATION_FAILED`.
  /// A last resort: fragments can multiply fields beyond the size of the document.
  public var maxMergedFields = 200_000
  /// Most errors of variable coercion. Default 50; code `BAD_USER_INPUT`. Bounds the answer.
  public var maxCoercionErrors = 50
  /// Deepest nesting of a JSON text. Default 64, in levels; code `BAD_REQUEST`. The JSON walk recurses at most this deep.
  public var maxJSONDepth = 64

  /// Deepest nesting of fields in an operation, through its fragments, introspection fields not counted. Default 15,
  /// in levels; code `SELECTION_TOO_DEEP`. Every level may be a round trip to the database.
  public var maxSelectionDepth = 15
  /// Most fields of an operation with every fragment in its place. Default 10 000; code `SELECTION_TOO_LARGE`.
  /// Fragments that spread fragments grow exponentially.
  public var maxExpandedFields = 10_000

  public init() {}

  /// The limits for texts of the server itself, such as its schema: only nesting is bounded.
  public static var trusted: Limits {
    var limits = Limits()
    limits.maxDocumentBytes = Int(Int32.max)
    limits.maxTokens = .max
    limits.maxComments = .max
    limits.maxValidationErrors = .max
    return limits
  }
}
