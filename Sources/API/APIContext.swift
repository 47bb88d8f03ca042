import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine
import WorkflowStore

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
  /// Has the request's mutations carried out once.
  let idempotency: IdempotencyKey?
  private var mutations: Int32 = 0

  init(
    database: Database, service: CaseService, user: User, language: String, settings: APISettings,
    deadline: UInt64, logger: Logger, idempotency: IdempotencyKey? = nil
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
    self.idempotency = idempotency
    super.init(maxErrors: settings.limits.maxErrors)
  }

  /// Called when a mutation field begins; they run one after the other.
  func beginMutation() { mutations += 1 }

  /// What the mutation that runs is remembered by, if the request has an idempotency key.
  var mark: MutationMark? { idempotency.map { MutationMark(key: $0, field: mutations) } }

  /// The files that came with the request, by what stands for them among the variables.
  var uploads: [String: Upload] = [:]
  /// Who waits for events.
  var signals = EventSignals()
  /// Number of the last event that the client has seen, when it says so besides the subscription's arguments.
  var resumeAfter: Int64?
  /// Makes a context of the same request for later: with a deadline of its own, and what may be seen then.
  var renewed: (() -> APIContext)?
  /// Names the event that is answered, for a client that may have to go on behind it.
  var eventID: String?
  /// Called with each statement before it leaves.
  var observer: ((SQL, Parameters) -> Void)?

  /// The transaction of the mutation that runs, while its COMMIT is on its way.
  private var committing: Transaction?

  /// Has what `body` sends travel behind the transaction's COMMIT.
  func behindCommit(of transaction: Transaction, _ body: () -> Void) {
    committing = transaction
    body()
    committing = nil
  }

  /// Sends a statement that only reads.
  func send(_ sql: SQL, _ parameters: Parameters) -> PendingRows {
    observer?(sql, parameters)
    if let committing { return committing.sendBehindCommit(sql, parameters, deadline: deadline) }
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
