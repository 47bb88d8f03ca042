/// Bounds on what a request may cost. All are on by default; every transport uses the same values.
///
/// What depends on the document alone is looked at once per document, what depends on variables once per request.
public struct Limits: Sendable {
  // MARK: Reading a document

  /// Longest document. Default 100 000, in bytes; code `DOCUMENT_TOO_LARGE`. Parsing is linear in it.
  public var maxDocumentBytes = 100_000
  /// Most tokens without comments. Default 10 000; code `TOO_MANY_TOKENS`. Bounds the size of the syntax tree.
  public var maxTokens = 10_000
  /// Most comments. Default 1 000; code `TOO_MANY_COMMENTS`. Comments cost time but no token.
  public var maxComments = 1_000
  /// Deepest nesting of selection sets, lists, objects and list types. Default 200, in levels; code
  /// `NESTING_TOO_DEEP`. Every later pass recurses at most this deep: an overflowing stack cannot be caught.
  public var maxNesting = 200

  // MARK: What a document may hold

  /// Most fields with an alias, as written. Default 50; code `MAX_ALIASES_LIMIT`. Aliases repeat an expensive field.
  public var maxAliases = 50
  /// Most directives, as written. Default 100; code `MAX_DIRECTIVES_LIMIT`. Each is work for several rules.
  public var maxDirectives = 100
  /// Most directives at one place. Default 8; code `MAX_DIRECTIVES_LIMIT`.
  public var maxDirectivesPerLocation = 8
  /// Most errors that validation reports before it stops. Default 100; code `TOO_MANY_ERRORS`. Bounds the
  /// size of the answer to a hostile document.
  public var maxValidationErrors = 100
  /// Most fields that the check for mergeable fields visits. Default 200 000; code `VALIDATION_ABORTED`.
  /// A last resort: fragments can multiply fields beyond the size of the document.
  public var maxMergedFields = 200_000
  /// How many lists within each other are too many in an introspection query. Default 3; code
  /// `INTROSPECTION_TOO_DEEP`. Its answer grows exponentially with them.
  public var maxIntrospectionLists = 3

  // MARK: What an operation may ask for

  /// Deepest nesting of fields in an operation, through its fragments, introspection fields not counted. Default 15,
  /// in levels; code `MAX_DEPTH_LIMIT`. Every level may be a round trip to the database.
  public var maxSelectionDepth = 15
  /// Most fields of the root type, through fragments. Default 20; code `MAX_ROOT_FIELDS_LIMIT`. Each is a statement,
  /// or a transaction.
  public var maxRootFields = 20
  /// Most fields of an operation with every fragment in its place. Default 5 000; code `MAX_FIELDS_LIMIT`.
  /// Fragments that spread fragments grow exponentially.
  public var maxExpandedFields = 5_000
  /// Most objects that an operation may ask for, with the sizes of its pages multiplied. Default 10 000; code
  /// `COST_LIMIT`. The requests of a batch share it.
  public var maxCost = 10_000
  /// What a list counts that names no page size. Default 50, in objects.
  public var assumedListSize = 50
  /// The same for a list within another one. Default 10, in objects. Less, because clients nest lists that are short by
  /// nature, the tasks of the flows of a workflow, and name no page size for them.
  public var assumedNestedSize = 10
  /// Rows of a connection that is asked for without `first` or `last`. Default 200.
  public var defaultPageSize = 200
  /// Rows of a connection at most. Default 1 000. What is asked for beyond is not an error: the page is cut, and
  /// `hasNextPage` tells.
  public var maximumPageSize = 1_000

  // MARK: What comes with a request

  /// Deepest nesting of a JSON text. Default 64, in levels; code `VARIABLES_TOO_DEEP`. The walks of values recurse at
  /// most this deep.
  public var maxJSONDepth = 64
  /// Deepest nesting of what carries them, in levels. Twice as much: variables that are a little too deep are told by
  /// their own message, whatever brings them.
  public var maxRequestDepth: Int { maxJSONDepth * 2 }
  /// Room that the variables of a request may take. Default 1 048 576, in bytes: 16 for every value, and the bytes of
  /// names and texts; code `VARIABLES_TOO_LARGE`.
  public var maxVariableBytes = 1_048_576
  /// Most errors of variable coercion. Default 50; code `TOO_MANY_ERRORS`. Bounds the answer.
  public var maxCoercionErrors = 50
  /// Most requests of a batch. Default 10; code `BATCH_TOO_LARGE`.
  public var maxBatch = 10

  // MARK: Planning and execution

  /// Processor time that parsing, validating and planning one document may take. Default 50, in milliseconds; code
  /// `PLANNING_BUDGET`. A last resort behind the limits that count: a document that is known costs none of it.
  public var planningBudget = 50
  /// Most operations of one user at once, subscriptions among them, over all connections of the process. Default 1 000;
  /// code `TOO_MANY_USER_OPERATIONS`. What one connection may carry is bounded by its transport.
  public var maxUserOperations = 1_000

  /// Most errors in the answer of an execution. Default 100; one more with the code `TOO_MANY_ERRORS` says that there
  /// were others.
  public var maxErrors = 100
  /// Time that a request may take. Default 30 000, in milliseconds; code `TIMEOUT`. No statement of the request runs
  /// longer in the database.
  public var requestTimeout: UInt64 = 30_000

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
