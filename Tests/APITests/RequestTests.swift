import EventLoop
import GraphQL
import Logging
import Millrace
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import API

@Suite("Requests")
struct RequestTests {
  private func ask(_ service: GraphQLService, _ query: String, _ variables: ValueObject = ValueObject()) async -> String
  {
    await withCheckedContinuation { continuation in
      let request = GraphQLRequest(query: ContiguousArray(query.utf8), variables: variables)
      let now = service.answer(request) { continuation.resume(returning: String(decoding: $0.body, as: UTF8.self)) }
      if let now { continuation.resume(returning: String(decoding: now.body, as: UTF8.self)) }
    }
  }

  private func withService(
    receivers: ReceiverTable = ReceiverTable(), logger: Logger = TestLog.logger,
    configure: @escaping @Sendable (inout APISettings) -> Void = { _ in },
    _ body: @escaping @Sendable (GraphQLService, Database) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      var settings = APISettings()
      configure(&settings)
      let service = GraphQLService(
        schema: try APISchema(), database: database, receivers: receivers, settings: settings, logger: logger)
      try await body(service, database)
    }
  }

  @Test("a query that waits for a lock ends with TIMEOUT when its time is up, and the next one works")
  func timeout() async throws {
    try await withService(configure: { $0.limits.requestTimeout = 400 }) { service, database in
      let lock: SQL = "lock table tasks in access exclusive mode"
      let answers = try await database.transaction { transaction in
        _ = try await transaction.query(lock)
        let began = database.loop.now
        let query = await self.ask(service, "{ allTasks { totalCount } }")
        let mutation = await self.ask(
          service, "mutation { saveSimpleTask(input: {slug: \"a\", name: \"A\"}) { clientMutationId } }")
        return (query, mutation, database.loop.now - began)
      }
      #expect(answers.0.contains("\"code\":\"TIMEOUT\""), "\(answers.0)")
      #expect(answers.1.contains("\"code\":\"TIMEOUT\""), "\(answers.1)")
      #expect(answers.2 < 10_000)
      let after = await self.ask(service, "{ allTasks { totalCount } }")
      #expect(after == #"{"data":{"allTasks":{"totalCount":0}}}"#)
    }
  }

  @Test("a document that takes too long to plan is refused on every way in, and a known one is not planned again")
  func planningBudget() async throws {
    try await withService(configure: {
      $0.limits.planningBudget = 0
      $0.allowsBatches = true
    }) { service, _ in
      let request = GraphQLRequest(query: ContiguousArray("{ __typename }".utf8))
      let refused = "\"code\":\"PLANNING_BUDGET\""
      let single = await self.ask(service, "{ __typename }")
      #expect(single.contains(refused), "\(single)")
      let batch = await withCheckedContinuation { continuation in
        _ = service.answer(batch: [.success(request)]) {
          continuation.resume(returning: String(decoding: $0.body, as: UTF8.self))
        }
      }
      #expect(batch.contains(refused), "\(batch)")
      let streamed = await service.open(request).next()
      let last = String(decoding: streamed.map(\.response.body) ?? [], as: UTF8.self)
      #expect(last.contains(refused), "\(last)")
      #expect(service.cache.counts == (plans: 0, refusals: 1))
    }
  }

  @Test("a user has so many operations at once, subscriptions among them; nobody in particular has no count")
  func userOperations() async throws {
    try await withService(configure: { $0.limits.maxUserOperations = 2 }) { service, _ in
      func request(_ query: String, _ user: String?) -> GraphQLRequest {
        GraphQLRequest(query: ContiguousArray(query.utf8), caller: Caller(user: user))
      }
      func code(_ request: GraphQLRequest) async -> String? {
        let body = await withCheckedContinuation { continuation in
          let now = service.answer(request) { continuation.resume(returning: $0.body) }
          if let now { continuation.resume(returning: now.body) }
        }
        let text = String(decoding: body, as: UTF8.self)
        return text.contains("TOO_MANY_USER_OPERATIONS") ? "refused" : text.contains("errors") ? text : nil
      }
      let list = "{ allTasks { totalCount } }"
      #expect(await code(request(list, "ann")) == nil)
      #expect(service.operations.count(of: "ann") == 0)
      var places: [UserOperations.Place?] = []
      for _ in 0..<2 { places.append(try service.operations.begin(Caller(user: "ann")).get()) }
      #expect(await code(request(list, "ann")) == "refused")
      #expect(await code(request("{ __typename }", "ann")) == nil)
      #expect(await code(request(list, "bob")) == nil)
      #expect(await code(request(list, nil)) == nil)
      let streamed = await service.open(request("subscription { caseEvents(case: \"a\") { seq } }", "ann")).next()
      #expect(streamed?.response.outcome == .busy)
      places[0]?.leave()
      places[0]?.leave()
      #expect(service.operations.count(of: "ann") == 1)
      #expect(await code(request(list, "ann")) == nil)
      places = []
      #expect(service.operations.count(of: "ann") == 0)
    }
  }

  @Test("what went wrong inside is logged under an id, which is all that the client gets")
  func masked() async throws {
    let lines = LogLines()
    try await withService(logger: Logger(label: "test") { _ in lines }) { service, database in
      try await database.transaction { _ = try await $0.query("alter table tasks rename column name to hidden_name") }
      let answer = await self.ask(service, "{ allTasks { edges { node { name } } } }")
      #expect(answer.contains("\"code\":\"INTERNAL_ERROR\""))
      #expect(!answer.contains("does not exist"))
      let id = answer.split(separator: "Internal error ").last?.prefix { $0.isHexDigit } ?? ""
      #expect(id.count >= 8)
      #expect(lines.all.contains { $0.contains(id) && $0.contains("does not exist") }, "\(lines.all)")
    }
  }

  @Test("refused documents have room of their own: a flood of them drives out no plan")
  func refusedDocuments() async throws {
    try await withService(configure: { $0.refusalCacheBytes = 64_000 }) { service, _ in
      _ = await self.ask(service, "{ allTasks { totalCount } }")
      for number in 0..<1_000 { _ = await self.ask(service, "{ nothing\(number) }") }
      #expect(service.cache.counts.plans == 1)
      #expect(service.cache.counts.refusals > 0)
      #expect(service.cache.counts.refusals <= 64_000 / 512)
    }
  }

  @Test("an execution lists so many errors, and then says that there are more")
  func errors() async throws {
    try await withService(configure: { $0.limits.maxErrors = 3 }) { service, _ in
      let fields = (0..<6).map { "a\($0): allTasks(first: -1) { totalCount }" }.joined(separator: " ")
      let answer = await self.ask(service, "{ \(fields) }")
      #expect(answer.split(separator: "INVALID_INPUT").count == 4)
      #expect(answer.contains("\"code\":\"TOO_MANY_ERRORS\""))
    }
  }

  @Test("parameters are read alike for every transport, and what is wrong with them is said")
  func parameters() throws {
    func read(_ json: String) -> Result<GraphQLRequest, GraphQLError> {
      do throws(GraphQLError) {
        guard let value = try? JSONDocument(json).root.value else { return .failure(GraphQLError("no JSON")) }
        return .success(try GraphQLRequest(parameters: value, limits: Limits()))
      } catch {
        return .failure(error)
      }
    }
    let whole = try read(#"{"query":"{ a }","operationName":"A","variables":{"a":1},"extensions":{"x":1},"other":7}"#)
      .get()
    #expect(whole.query == ContiguousArray("{ a }".utf8))
    #expect(whole.operationName == "A")
    #expect(whole.variables["a"] == .int(1))
    #expect(try read(#"{"query":"{ a }","variables":"{\"a\": 2}"}"#).get().variables["a"] == .int(2))
    #expect(try read(#"{"query":"{ a }","variables":"null"}"#).get().variables.fields.isEmpty)
    let empty = #"{"query":"{ a }","operationName":"","variables":"","extensions":"","documentId":""}"#
    #expect(try read(empty).get().variables.fields.isEmpty)
    #expect(try read(#"{"documentId":"a"}"#).get().isPersisted)
    #expect(try read(#"{"doc_id":"a"}"#).get().documentID == "a")
    for (json, message) in [
      ("7", "The received data is not a valid JSON query."),
      ("{}", "Must provide query string."),
      (#"{"query":""}"#, "Must provide query string."),
      (#"{"query":7}"#, "Must provide query string."),
      (#"{"query":"{ a }","operationName":7}"#, "The operation name has to be a text."),
      (#"{"query":"{ a }","variables":"{"}"#, "Variables are invalid JSON: expected a member name at byte 1."),
      (#"{"query":"{ a }","variables":"7"}"#, "Variables have to be an object."),
      (#"{"query":"{ a }","variables":7}"#, "Variables have to be an object."),
      (#"{"query":"{ a }","extensions":[]}"#, "Extensions have to be an object."),
      (
        #"{"extensions":{"persistedQuery":{"version":1}}}"#,
        "The hash of a persisted query has to be 64 hexadecimal digits."
      ),
      (#"{"extensions":{"persistedQuery":{}}}"#, "Only version 1 of persisted queries is supported."),
    ] {
      guard case .failure(let error) = read(json) else {
        Issue.record("\(json) was read")
        continue
      }
      #expect(error.message == message)
      #expect(error.code == "BAD_REQUEST")
    }
  }
}

/// Keeps what is logged.
private final class LogLines: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  var metadata: Logger.Metadata {
    get { [:] }
    set { _ = newValue }
  }
  var logLevel: Logger.Level {
    get { .debug }
    set { _ = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set { _ = newValue }
  }

  func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
  }
}
