import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine

/// What the resolvers know of a request.
final class APIContext: ExecutionContext, @unchecked Sendable {  // made and used on one loop's thread
  let database: Database
  let service: CaseService
  let user: User
  /// What of the user rows and events keep.
  let caller: Caller
  /// What the user may see.
  let visibility: VisibilityScope
  /// The language of localised texts, and the one that stands in for a missing text.
  let language: String
  let defaultLanguage: String
  let settings: APISettings
  /// On the loop's clock, in milliseconds.
  let deadline: UInt64
  let logger: Logger

  init(
    database: Database, service: CaseService, user: User, language: String, settings: APISettings,
    deadline: UInt64, logger: Logger
  ) {
    self.database = database
    self.service = service
    self.user = user
    caller = user.caller
    visibility = VisibilityScope(service.extensions, user: user, logger: logger)
    self.language = language
    self.defaultLanguage = settings.languages.first ?? "en"
    self.settings = settings
    self.deadline = deadline
    self.logger = logger
  }

  /// Called with each statement before it leaves.
  var observer: ((SQL, Parameters) -> Void)?

  /// Sends a statement that only reads.
  func send(_ sql: SQL, _ parameters: Parameters) -> PendingRows {
    observer?(sql, parameters)
    return database.send(sql, parameters, deadline: deadline)
  }

  override func masked(_ error: any Error) -> GraphQLError {
    if let error = error as? GraphQLError { return error }
    if let error = error as? MillraceError { return GraphQLError(error.message, code: error.code.rawValue) }
    if let error = error as? PostgresError {
      let shown = MillraceError(error)
      if shown.code != .internalError { return GraphQLError(shown.message, code: shown.code.rawValue) }
    }
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    logger.error("A request failed.", metadata: ["error": "\(error)", "id": "\(id)"])
    return GraphQLError("Internal error \(id).", code: "INTERNAL_ERROR")
  }
}

/// What of the API can be set.
public struct APISettings: Sendable {
  /// Languages of localised texts; the first is the default one.
  public var languages = ["en"]
  /// Rows of a connection that is asked for without `first` or `last`. Default 200.
  public var defaultPageSize = 200
  /// Rows of a connection at most. Default 1 000; more that are asked for are cut, `hasNextPage` tells.
  public var maximumPageSize = 1_000
  /// Milliseconds a request may take. Default 30 000.
  public var requestTimeout: UInt64 = 30_000
  /// Milliseconds an event receiver may take. Default 5 000.
  public var receiverTimeout: UInt64 = 5_000
  /// Bytes of compiled documents that a loop keeps. Default 32 MB.
  public var planCacheBytes = 32 << 20
  public var limits = Limits()

  public init() {}
}
