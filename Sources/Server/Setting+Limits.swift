import API
import GraphQL

extension Setting {
  /// Every limit of a request, see `Limits`.
  static let limits: [Setting] = [
    limit(\.maxDocumentBytes, "DOCUMENT_BYTES", 100...10_000_000, "Bytes of a document at most."),
    limit(\.maxTokens, "TOKENS", 10...1_000_000, "Tokens of a document at most."),
    limit(\.maxComments, "COMMENTS", 0...1_000_000, "Comments of a document at most."),
    limit(\.maxNesting, "NESTING", 10...500, "Nesting of brackets in a document at most."),
    limit(\.maxAliases, "ALIASES", 0...100_000, "Aliases in a document at most."),
    limit(\.maxDirectives, "DIRECTIVES", 0...100_000, "Directives in a document at most."),
    limit(
      \.maxDirectivesPerLocation, "DIRECTIVES_PER_LOCATION", 0...1_000, "Directives at one place of a document at most."
    ),
    limit(
      \.maxIntrospectionLists, "INTROSPECTION_LISTS", 1...10,
      "Lists within each other at which introspection is refused."),
    limit(\.maxSelectionDepth, "DEPTH", 1...1_000, "Depth of a query's fields at most."),
    limit(\.maxRootFields, "ROOT_FIELDS", 1...10_000, "Fields of the root type in an operation at most."),
    limit(
      \.maxExpandedFields, "FIELDS", 1...1_000_000, "Fields of an operation, with its fragments in place, at most."),
    limit(\.maxCost, "COST", 1...1_000_000_000, "Objects that an operation may ask for, by its page sizes, at most."),
    limit(
      \.maxMergedFields, "MERGED_FIELDS", 1_000...100_000_000,
      "Fields that the check for conflicts looks at, at most."),
    limit(\.maxValidationErrors, "VALIDATION_ERRORS", 1...10_000, "Errors that validation lists at most."),
    limit(\.maxCoercionErrors, "VARIABLE_ERRORS", 1...10_000, "Errors of variables that are listed at most."),
    limit(\.maxErrors, "ERRORS", 1...100_000, "Errors that an execution lists at most."),
    limit(\.maxJSONDepth, "VARIABLE_DEPTH", 4...500, "Nesting of variables at most."),
    limit(
      \.maxVariableBytes, "VARIABLE_BYTES", 1_024...1_073_741_824, "Bytes that the variables of a request take at most."
    ),
    limit(\.maxBatch, "BATCH", 1...1_000, "Requests of a batch at most."),
    limit(
      \.maximumPageSize, "PAGE_SIZE", 1...100_000, "Rows of a connection at most; what is asked for beyond is cut."),
    limit(
      \.defaultPageSize, variable: "MILLRACE_DEFAULT_PAGE_SIZE", flag: "--default-page-size", 1...100_000,
      "Rows of a connection without first or last; never more than --max-page-size."),
    limit(
      \.assumedListSize, variable: "MILLRACE_ASSUMED_LIST_SIZE", flag: "--assumed-list-size", 1...100_000,
      "Objects that a list without a page size counts in the cost."),
    limit(
      \.assumedNestedSize, variable: "MILLRACE_ASSUMED_NESTED_SIZE", flag: "--assumed-nested-size", 1...100_000,
      "The same for a list within another list."),
    limit(
      \.planningBudget, variable: "MILLRACE_PLANNING_BUDGET", flag: "--planning-budget", 1...60_000,
      "Milliseconds of processor time that parsing, validating and planning a document may take."),
    limit(
      \.maxUserOperations, "USER_OPERATIONS", 1...1_000_000,
      "Operations of one user at once, subscriptions among them, over all connections of the server."),
    number(
      "MILLRACE_REQUEST_TIMEOUT", "--request-timeout", 100...3_600_000, "30000",
      "Milliseconds a request may take."
    ) { $1.api.limits.requestTimeout = UInt64($0) },
  ]

  /// `MILLRACE_MAX_NAME` and `--max-name`.
  private static func limit(
    _ path: WritableKeyPath<Limits, Int> & Sendable, _ name: String, _ range: ClosedRange<Int>, _ meaning: String
  ) -> Setting {
    let flag = "--max-" + name.lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    return limit(path, variable: "MILLRACE_MAX_\(name)", flag: flag, range, meaning)
  }

  private static func limit(
    _ path: WritableKeyPath<Limits, Int> & Sendable, variable: String, flag: String, _ range: ClosedRange<Int>,
    _ meaning: String
  ) -> Setting {
    number(variable, flag, range, String(Limits()[keyPath: path]), meaning) { $1.api.limits[keyPath: path] = $0 }
  }
}
