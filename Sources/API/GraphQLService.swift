import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import WorkflowEngine

/// Answers GraphQL requests on one loop. All limits are kept here, so that they are the same on every transport.
public final class GraphQLService: @unchecked Sendable {  // confined to its loop's thread
  private let binding: SchemaBinding
  let cache: PlanCache
  private let documents: PersistedDocuments
  let settings: APISettings
  let database: Database
  package let service: CaseService
  let signals: EventSignals
  let operations: UserOperations
  let logger: Logger

  /// - Parameters:
  ///   - documents: what clients may name instead of sending it; shared by all loops.
  ///   - signals: who waits for events; shared by all loops.
  ///   - operations: what users have under way; shared by all loops.
  public init(
    schema: APISchema, database: Database, receivers: ReceiverTable, extensions: ExtensionTable = ExtensionTable(),
    hooks: HookRuntime = HookRuntime(), work: WorkRuntime = WorkRuntime(), settings: APISettings,
    documents: PersistedDocuments = PersistedDocuments(), signals: EventSignals = EventSignals(),
    operations: UserOperations? = nil, logger: Logger
  ) {
    self.signals = signals
    self.operations = operations ?? UserOperations(maximum: settings.limits.maxUserOperations)
    binding = schema.binding
    cache = PlanCache(capacity: settings.planCacheBytes, refusedCapacity: settings.refusalCacheBytes)
    self.documents = documents
    self.settings = settings
    self.database = database
    self.logger = logger
    service = CaseService(
      database: database, receivers: receivers, extensions: extensions, hooks: hooks, work: work,
      receiverTimeout: settings.receiverTimeout, logger: logger)
  }

  /// An operation that is ready to run: valid, within all limits, with its variables.
  struct Prepared {
    let plan: Plan
    let variables: VariableValues
    /// Objects it may ask for, see `Limits.maxCost`.
    let cost: Int
  }

  /// find → parse → validate → plan → coerce variables → fetch → write.
  ///
  /// - Returns: the response, or nil when `later` will be called with it, on this loop.
  public func answer(
    _ request: GraphQLRequest, later: @escaping @Sendable (GraphQLResponse) -> Void
  ) -> GraphQLResponse? {
    do throws(GraphQLRefusal) {
      return run(try prepare(request), request, later: later)
    } catch {
      return error.response
    }
  }

  func run(
    _ prepared: Prepared, _ request: GraphQLRequest, later: @escaping @Sendable (GraphQLResponse) -> Void
  ) -> GraphQLResponse? {
    if let known = prepared.plan.constantResponse { return GraphQLResponse(outcome: .executed, body: known) }
    if prepared.plan.isSynchronous { return runSynchronously(prepared) }
    guard database.isAvailable else { return Self.unavailable.response }
    let place: UserOperations.Place?
    switch operations.begin(request.caller) {
    case .failure(let refusal): return refusal.response
    case .success(let granted): place = granted
    }
    let context = context(request)
    let answer = OnceAnswer(later)
    // Statements end at the deadline by themselves; whatever else a receiver does must not keep the client waiting.
    let isMutation = prepared.plan.operation == .mutation
    // Nobody may say that a mutation was stopped while its COMMIT is under way.
    let patience = isMutation ? database.configuration.commitPatience : 0
    let watchdog = database.loop.timer(after: settings.requestTimeout + Self.watchdogGrace + patience) {
      answer.give((isMutation ? Self.unknownOutcome : Self.timedOut).response)
    }
    database.loop.start {
      // What the watchdog gives up on is under way nevertheless.
      let response = await Self.executeOnce(prepared, context)
      place?.leave()
      watchdog.cancel()
      answer.give(response)
    }
    return nil
  }

  private func runSynchronously(_ prepared: Prepared) -> GraphQLResponse {
    var execution = Execution(
      plan: prepared.plan, variables: prepared.variables,
      context: ExecutionContext(maxErrors: settings.limits.maxErrors))
    let output = OutputBuffer(capacity: 512)
    execution.runSynchronously(into: output)
    return GraphQLResponse(
      outcome: execution.errors.isEmpty ? .executed : .partial, body: ContiguousArray(output.bytes))
  }

  static func execute(
    _ prepared: Prepared, _ context: APIContext
  ) async -> (response: GraphQLResponse, errors: [GraphQLError]) {
    var execution = Execution(plan: prepared.plan, variables: prepared.variables, context: context)
    let output = OutputBuffer(capacity: 4_096)
    await execution.run(into: output)
    let isDown = !execution.errors.isEmpty && execution.errors.allSatisfy { $0.code == "UNAVAILABLE" }
    let outcome: GraphQLResponse.Outcome = execution.errors.isEmpty ? .executed : isDown ? .unavailable : .partial
    return (GraphQLResponse(outcome: outcome, body: ContiguousArray(output.bytes)), execution.errors)
  }

  func context(_ request: GraphQLRequest) -> APIContext {
    let language = Languages.choose(request.acceptLanguage, among: settings.languages)
    let context = APIContext(
      database: database, service: service, user: request.user, language: language, settings: settings,
      deadline: database.loop.now + settings.requestTimeout, logger: logger,
      idempotency: request.idempotency(language: language))
    context.signals = signals
    context.uploads = request.uploads
    if request.isStreamed { context.renewed = { [self] in self.context(request) } }
    context.resumeAfter = request.lastEventID.flatMap { Int64($0) }
    return context
  }

  /// Milliseconds for statements to be cancelled before the watchdog answers.
  private static let watchdogGrace: UInt64 = 500

  static let unavailable = GraphQLRefusal(
    .unavailable, [GraphQLError("The database cannot be reached at the moment.", code: "UNAVAILABLE")])

  private static let timedOut = GraphQLRefusal(
    .partial, [GraphQLError("The request took too long and was stopped.", code: "TIMEOUT")])

  private static let unknownOutcome = GraphQLRefusal(
    .partial,
    [
      GraphQLError(
        "The request took too long; whether its changes are stored is not known. "
          + "The same request with an idempotency key finds out.",
        code: "OUTCOME_UNKNOWN")
    ])

  // MARK: Batches

  /// Answers several requests that came as one, in their order; the answers are a JSON list. The limit of the cost is
  /// for all of them together.
  ///
  /// - Parameter requests: each read, or what is wrong with its parameters.
  public func answer(
    batch requests: [Result<GraphQLRequest, GraphQLError>], later: @escaping @Sendable (GraphQLResponse) -> Void
  ) -> GraphQLResponse? {
    guard settings.allowsBatches else {
      return GraphQLRefusal(GraphQLRequest.bad("The received data is not a valid JSON query.")).response
    }
    guard !requests.isEmpty else { return GraphQLRefusal(GraphQLRequest.bad("The batch is empty.")).response }
    guard requests.count <= settings.limits.maxBatch else {
      return GraphQLRefusal(
        GraphQLError(
          "A batch has \(settings.limits.maxBatch) requests at most.", code: GraphQLError.Code.batchTooLarge)
      ).response
    }
    var cost = 0
    let prepared = requests.map { request in
      Result { () throws(GraphQLRefusal) in
        let request = try request.mapError { GraphQLRefusal($0) }.get()
        let prepared = try prepare(request)
        cost = min(cost + prepared.cost, .max / 2)
        return (prepared, request)
      }
    }
    guard cost <= settings.limits.maxCost else {
      return GraphQLRefusal(
        GraphQLError(
          "The requests of the batch may ask for \(cost) objects; at most \(settings.limits.maxCost) are allowed.",
          code: GraphQLError.Code.costLimit)
      ).response
    }
    next(prepared[...], [], later)
    return nil
  }

  private func next(
    _ rest: ArraySlice<Result<(Prepared, GraphQLRequest), GraphQLRefusal>>, _ done: [GraphQLResponse],
    _ later: @escaping @Sendable (GraphQLResponse) -> Void
  ) {
    var done = done
    for (index, item) in zip(rest.indices, rest) {
      switch item {
      case .failure(let refusal):
        done.append(refusal.response)
      case .success(let (prepared, request)):
        let remaining = UncheckedBox((rest[(index + 1)...], done))
        let answer = run(prepared, request) { [self] response in
          next(remaining.value.0, remaining.value.1 + [response], later)
        }
        guard let answer else { return }
        done.append(answer)
      }
    }
    var body: ContiguousArray<UInt8> = [UInt8(ascii: "[")]
    for (number, response) in done.enumerated() {
      if number > 0 { body.append(UInt8(ascii: ",")) }
      body += response.body
    }
    body.append(UInt8(ascii: "]"))
    later(GraphQLResponse(outcome: .executed, body: body))
  }

  private struct UncheckedBox<Value>: @unchecked Sendable {  // handed on along one loop's thread
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  // MARK: Preparing

  /// Everything before the execution, with all limits.
  func prepare(_ request: GraphQLRequest) throws(GraphQLRefusal) -> Prepared {
    let found: PersistedDocuments.Found
    do throws(GraphQLError) {
      found = try documents.find(request)
      try request.variables.check(settings.limits)
    } catch {
      throw GraphQLRefusal(error)
    }
    let compiled: PlanCache.Compiled
    do throws(RequestErrors) {
      compiled = try self.compiled(found.document, request)
    } catch {
      let isGrammar = error.errors.first?.code == GraphQLError.Code.parseFailed
      throw GraphQLRefusal(isGrammar ? .unparsable : .rejected, error.errors)
    }
    if let hash = found.keep { documents.keep(found.document, under: hash) }
    if let refusal = refusal(of: compiled.plan, request) { throw refusal }
    return try coerce(compiled, request)
  }

  private func refusal(of plan: Plan, _ request: GraphQLRequest) -> GraphQLRefusal? {
    guard plan.operation != .query else { return nil }
    if plan.operation == .subscription {
      return request.isStreamed
        ? nil
        : GraphQLRefusal(
          .rejected,
          [
            GraphQLError(
              "Subscriptions are answered over WebSocket with the subprotocol graphql-transport-ws, or as "
                + "text/event-stream.",
              code: "STREAM_REQUIRED")
          ])
    }
    if request.isReadOnly {
      return GraphQLRefusal(
        .readOnly,
        [
          GraphQLError(
            "Can only perform a \(plan.operation.keyword) operation from a POST request.", code: "METHOD_NOT_ALLOWED")
        ])
    }
    return request.mutationRefusal.map { GraphQLRefusal($0) }
  }

  private func coerce(
    _ compiled: PlanCache.Compiled, _ request: GraphQLRequest
  ) throws(GraphQLRefusal) -> Prepared {
    let variables: VariableValues
    do throws(RequestErrors) {
      variables = try compiled.plan.coerceVariables(
        request.variables, limits: settings.limits, suggestions: settings.suggestions)
    } catch {
      throw GraphQLRefusal(.rejected, error.errors)
    }
    let cost = compiled.cost.value(variables, limits: settings.limits)
    do throws(GraphQLError) {
      if !compiled.cost.isConstant { try compiled.cost.check(cost, limits: settings.limits) }
    } catch {
      throw GraphQLRefusal(error)
    }
    return Prepared(plan: compiled.plan, variables: variables, cost: cost)
  }

  // MARK: Plans

  private func compiled(
    _ source: ContiguousArray<UInt8>, _ request: GraphQLRequest
  ) throws(RequestErrors) -> PlanCache.Compiled {
    let showsSchema =
      switch settings.introspection {
      case .everyone: true
      case .authenticated: request.user.isAuthenticated
      case .off: false
      }
    let key = PlanCache.Key(document: source, operationName: request.operationName, showsSchema: showsSchema)
    if let known = cache[key] { return try known.get() }
    let result = Result { () throws(RequestErrors) in
      try Self.compile(source, request.operationName, binding, settings, showsSchema: showsSchema)
    }
    cache.insert(result, for: key)
    return try result.get()
  }

  static func compile(
    _ source: ContiguousArray<UInt8>, _ operationName: String?, _ binding: SchemaBinding, _ settings: APISettings,
    showsSchema: Bool
  ) throws(RequestErrors) -> PlanCache.Compiled {
    let budget = PlanningBudget(milliseconds: settings.limits.planningBudget)
    let document = try validated(source, binding.schema, settings, showsSchema: showsSchema, budget: budget)
    do throws(GraphQLError) {
      try budget.check()
      let operation = try document.operation(named: operationName)
      let cost = OperationCost(of: operation, in: document, schema: binding.schema, limits: settings.limits)
      if cost.isConstant {
        try cost.check(cost.value(VariableValues(), limits: settings.limits), limits: settings.limits)
      }
      try budget.check()
      let plan = try PlanCompiler.compile(document, operation: operation, binding: binding)
      try budget.check()
      return PlanCache.Compiled(plan: plan, cost: cost)
    } catch {
      throw RequestErrors(errors: [error])
    }
  }

  /// A document that keeps to the grammar, the schema and the limits that do not depend on an operation.
  private static func validated(
    _ source: ContiguousArray<UInt8>, _ schema: Schema, _ settings: APISettings, showsSchema: Bool,
    budget: PlanningBudget
  ) throws(RequestErrors) -> Document {
    let errors: [GraphQLError]
    do throws(GraphQLError) {
      let document = try Parser.parse(source, limits: settings.limits)
      try budget.check()
      try checkCounts(of: document, limits: settings.limits)
      errors = validate(
        schema, document, rules: showsSchema ? .specified : .specified.adding(.noSchemaIntrospection),
        limits: settings.limits, suggestions: settings.suggestions, budget: budget)
      if errors.isEmpty {
        try checkSize(of: document, limits: settings.limits)
        return document
      }
    } catch {
      throw RequestErrors(errors: [error])
    }
    throw RequestErrors(errors: errors)
  }

  /// What is wrong with a document that clients are to name, for those who bring it to the server.
  public static func problems(
    of source: ContiguousArray<UInt8>, schema: APISchema, settings: APISettings
  ) -> [GraphQLError] {
    do throws(RequestErrors) {
      let budget = PlanningBudget(milliseconds: settings.limits.planningBudget)
      let document = try validated(source, schema.binding.schema, settings, showsSchema: true, budget: budget)
      return document.hasOperation ? [] : [GraphQLError("The document has no operation.")]
    } catch {
      return error.errors
    }
  }

  // MARK: Errors

  /// `{"errors":[…]}`, without data: nothing was executed.
  public static func failed(_ errors: [GraphQLError], _ outcome: GraphQLResponse.Outcome) -> GraphQLResponse {
    GraphQLRefusal(outcome, errors).response
  }
}

/// Gives an answer once, to whom it is for.
private final class OnceAnswer: @unchecked Sendable {  // confined to its loop's thread
  private var later: ((GraphQLResponse) -> Void)?

  init(_ later: @escaping (GraphQLResponse) -> Void) {
    self.later = later
  }

  func give(_ response: GraphQLResponse) {
    let later = later
    self.later = nil
    later?(response)
  }
}

extension GraphQLService {
  public var isDatabaseAvailable: Bool { database.isAvailable }

  /// How many deliveries of hooks wait; nil when that cannot be said.
  public func pendingDeliveries() async -> Int64? {
    await service.pendingDeliveries()
  }
}
