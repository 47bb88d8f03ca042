import GraphQL

/// What a transport sends back: JSON, and how far the request came.
public struct GraphQLResponse: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// Executed without an error.
    case executed
    /// Executed with errors; there may be data.
    case partial
    /// The parameters of the request are no parameters.
    case malformed
    /// The document is not grammatical.
    case unparsable
    /// Nothing was executed: the document or its variables are wrong, or a limit is passed.
    case rejected
    /// A mutation came in a way that only reads.
    case readOnly
    /// A mutation came in a way that pages of other origins have as well.
    case forbidden
    /// The document that the request names is not there; the client may send it.
    case unknownDocument
    /// The idempotency key came with another request before.
    case keyReused
    /// The user has too many operations under way.
    case busy
    /// The database cannot be had.
    case unavailable
  }

  public let outcome: Outcome
  public let body: ContiguousArray<UInt8>
  /// Whether this is the stored answer to a request that came before.
  public let isReplay: Bool

  public init(outcome: Outcome, body: ContiguousArray<UInt8>, isReplay: Bool = false) {
    self.outcome = outcome
    self.body = body
    self.isReplay = isReplay
  }
}

/// Why nothing of a request was executed.
public struct GraphQLRefusal: Error, Sendable, Equatable {
  public let outcome: GraphQLResponse.Outcome
  public let errors: [GraphQLError]

  public init(_ outcome: GraphQLResponse.Outcome, _ errors: [GraphQLError]) {
    self.outcome = outcome
    self.errors = errors
  }

  /// With the outcome that the error's code stands for.
  public init(_ error: GraphQLError) {
    let outcome: GraphQLResponse.Outcome =
      switch error.code {
      case "BAD_REQUEST": .malformed
      case "PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED": .unknownDocument
      case "CSRF_PREFLIGHT_REQUIRED": .forbidden
      case "IDEMPOTENCY_KEY_REUSED": .keyReused
      default: .rejected
      }
    self.init(outcome, [error])
  }

  /// `{"errors":[…]}`, without data: nothing was executed.
  public var response: GraphQLResponse {
    let output = OutputBuffer(capacity: 256)
    output.append("{\"errors\":[")
    for (number, error) in errors.enumerated() {
      if number > 0 { output.append(",") }
      output.append(error)
    }
    output.append("]}")
    return GraphQLResponse(outcome: outcome, body: ContiguousArray(output.bytes))
  }
}
