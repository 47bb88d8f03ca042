import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine

/// A GraphQL request as a transport hands it over.
public struct GraphQLRequest: Sendable {
  public var query: ContiguousArray<UInt8>
  public var operationName: String?
  public var variables: ValueObject
  public var caller: Caller
  /// The value of `Accept-Language`.
  public var acceptLanguage: String?
  /// Whether mutations are refused, as over GET.
  public var isReadOnly = false

  public init(
    query: ContiguousArray<UInt8>, operationName: String? = nil, variables: ValueObject = ValueObject(),
    caller: Caller = Caller(), acceptLanguage: String? = nil
  ) {
    self.query = query
    self.operationName = operationName
    self.variables = variables
    self.caller = caller
    self.acceptLanguage = acceptLanguage
  }
}

/// What a transport sends back: JSON, and how far the request came.
public struct GraphQLResponse: Sendable {
  public enum Outcome: Sendable {
    case executed
    /// Nothing was executed: the document or its variables are wrong.
    case rejected
    /// A mutation came over a transport that only reads.
    case readOnly
    /// The database cannot be had.
    case unavailable
  }

  public let outcome: Outcome
  public let body: ContiguousArray<UInt8>
}

/// Answers GraphQL requests on one loop.
public final class GraphQLService: @unchecked Sendable {  // confined to its loop's thread
  private let binding: SchemaBinding
  private let cache: PlanCache
  private let settings: APISettings
  let database: Database
  let service: CaseService
  let logger: Logger

  public init(
    schema: APISchema, database: Database, receivers: ReceiverTable, settings: APISettings, logger: Logger
  ) {
    binding = schema.binding
    cache = PlanCache(capacity: settings.planCacheBytes)
    self.settings = settings
    self.database = database
    self.logger = logger
    service = CaseService(database: database, receivers: receivers, logger: logger)
  }

  /// parse → validate → plan → coerce variables → fetch → write.
  ///
  /// - Returns: the response, or nil when `later` will be called with it, on this loop.
  public func answer(
    _ request: GraphQLRequest, later: @escaping @Sendable (GraphQLResponse) -> Void
  ) -> GraphQLResponse? {
    let plan: Plan
    switch self.plan(request) {
    case .failure(let rejection): return Self.rejected(rejection.errors)
    case .success(let found): plan = found
    }
    if request.isReadOnly, plan.operation != .query {
      return Self.failed(
        [GraphQLError("Can only perform a \(plan.operation.keyword) operation from a POST request.", code: "METHOD_NOT_ALLOWED")],
        .readOnly)
    }
    let variables: PlanVariables
    switch plan.coerceVariables(request.variables, limits: settings.limits) {
    case .failure(let rejection): return Self.rejected(rejection.errors)
    case .success(let coerced): variables = coerced
    }
    if plan.isSynchronous {
      var execution = Execution(plan: plan, variables: variables, context: ExecutionContext())
      let output = OutputBuffer(capacity: 512)
      execution.runSynchronously(into: output)
      return GraphQLResponse(outcome: .executed, body: ContiguousArray(output.bytes))
    }
    guard database.isAvailable else {
      return Self.failed(
        [GraphQLError("The database cannot be reached at the moment.", code: "UNAVAILABLE")], .unavailable)
    }
    let context = APIContext(
      database: database, service: service, caller: request.caller,
      language: Languages.choose(request.acceptLanguage, among: settings.languages), settings: settings,
      deadline: database.loop.now + settings.requestTimeout, logger: logger)
    database.loop.start { later(await Self.execute(plan, variables, context)) }
    return nil
  }

  private static func execute(
    _ plan: Plan, _ variables: PlanVariables, _ context: APIContext
  ) async -> GraphQLResponse {
    var execution = Execution(plan: plan, variables: variables, context: context)
    let output = OutputBuffer(capacity: 4_096)
    await execution.run(into: output)
    let isDown = !execution.errors.isEmpty && execution.errors.allSatisfy { $0.code == "UNAVAILABLE" }
    return GraphQLResponse(outcome: isDown ? .unavailable : .executed, body: ContiguousArray(output.bytes))
  }

  // MARK: Plans

  private func plan(_ request: GraphQLRequest) -> Result<Plan, RequestErrors> {
    let key = PlanCache.Key(document: request.query, operationName: request.operationName)
    if let known = cache[key] { return known }
    let result = compile(request)
    cache.insert(result, for: key)
    return result
  }

  private func compile(_ request: GraphQLRequest) -> Result<Plan, RequestErrors> {
    do throws(GraphQLError) {
      let document = try Parser.parse(request.query, limits: settings.limits)
      let errors = validate(binding.schema, document, limits: settings.limits)
      guard errors.isEmpty else { return .failure(RequestErrors(errors: errors)) }
      try checkSize(of: document, limits: settings.limits)
      let operation = try document.operation(named: request.operationName)
      return .success(try PlanCompiler.compile(document, operation: operation, binding: binding))
    } catch {
      return .failure(RequestErrors(errors: [error]))
    }
  }

  // MARK: Errors

  static func rejected(_ errors: [GraphQLError]) -> GraphQLResponse {
    failed(errors, .rejected)
  }

  /// `{"errors":[…]}`, without data: nothing was executed.
  public static func failed(_ errors: [GraphQLError], _ outcome: GraphQLResponse.Outcome) -> GraphQLResponse {
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

/// The schema with its resolvers; one for all loops.
public struct APISchema: Sendable {
  let binding: SchemaBinding

  /// - Throws: what is wrong with `schema.graphql`, or which fields have no resolver.
  public init() throws {
    binding = try SchemaResolvers.bind()
  }

  /// The text of `schema.graphql`.
  public static var source: String { SchemaResolvers.source }
}

extension GraphQLService {
  public var isDatabaseAvailable: Bool { database.isAvailable }
}
