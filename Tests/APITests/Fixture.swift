import API
import GraphQL
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

/// A GraphQL service over a database of its own.
struct Fixture {
  let service: GraphQLService
  let database: Database

  static func with(
    settings: APISettings = APISettings(), hooks: HookRuntime = HookRuntime(),
    _ body: @escaping @Sendable (Fixture) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      let service = GraphQLService(
        schema: try APISchema(), database: database, receivers: ReceiverTable(), hooks: hooks, settings: settings,
        logger: TestLog.logger)
      try await body(Fixture(service: service, database: database))
    }
  }

  /// The whole response.
  func ask(_ query: String, user: String? = "ann", language: String? = nil) async throws -> Value {
    let request = GraphQLRequest(
      query: ContiguousArray(query.utf8), caller: Caller(user: user, group: user.map { "\($0)s" }),
      acceptLanguage: language)
    let text: String = await withCheckedContinuation { continuation in
      let now = service.answer(request) { continuation.resume(returning: String(decoding: $0.body, as: UTF8.self)) }
      if let now { continuation.resume(returning: String(decoding: now.body, as: UTF8.self)) }
    }
    return try JSONDocument(text).root.value
  }

  /// The value of the only root field; an error is the test's failure.
  @discardableResult
  func data(
    _ query: String, user: String? = "ann", language: String? = nil,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws -> Value {
    let answer = try await ask(query, user: user, language: language)
    if let errors = answer["errors"] { Issue.record("\(query): \(errors.json)", sourceLocation: sourceLocation) }
    guard case .object(let data) = answer["data"] else { return .null }
    return data.fields.first?.value ?? .null
  }

  /// The first error's code and message.
  func refusal(_ query: String) async throws -> (code: String?, message: String?) {
    let error = try await ask(query)["errors"]?.list?.first
    return (error?["extensions"]?["code"]?.string, error?["message"]?.string)
  }

  // MARK: Definitions and cases

  func task(_ slug: String, _ more: String = "") async throws {
    try await data(
      "mutation { saveSimpleTask(input: {slug: \"\(slug)\", name: \"\(slug)\" \(more)}) { clientMutationId } }")
  }

  func workflow(_ slug: String, start: [String], _ more: String = "") async throws {
    let tasks = start.map { "\"\($0)\"" }.joined(separator: ",")
    try await data(
      "mutation { saveWorkflow(input: {slug: \"\(slug)\", name: \"\(slug)\", startTasks: "
        + "[\(tasks)] \(more)}) { clientMutationId } }"
    )
  }

  func flow(_ workflow: String, _ tasks: [String], _ next: String, redoable: String? = nil) async throws {
    let list = tasks.map { "\"\($0)\"" }.joined(separator: ",")
    let more = redoable.map { ", redoable: \"\($0)\"" } ?? ""
    try await data(
      "mutation { addWorkflowFlow(input: {workflow: \"\(workflow)\", tasks: [\(list)], next: "
        + "\"\(next)\"\(more)}) { clientMutationId } }"
    )
  }

  /// Starts a case and answers its id.
  func start(_ workflow: String, _ more: String = "") async throws -> String {
    try await data("mutation { startCase(input: {workflow: \"\(workflow)\" \(more)}) { case { id } } }")["case"]?["id"]?
      .string ?? ""
  }

  /// Sends a mutation of one case or work item and answers the code of its error, if there is one.
  @discardableResult
  func change(_ mutation: String, _ id: String, _ more: String = "", user: String = "ann") async throws -> String? {
    let key = mutation == "saveWorkItem" ? "workItem" : "id"
    let answer = try await ask(
      "mutation { \(mutation)(input: {\(key): \"\(id)\" \(more)}) { clientMutationId } }", user: user)
    return answer["errors"]?.list?.first?["extensions"]?["code"]?.string
  }

  /// The latest work item of each task of a case: its id and its status.
  func items(_ caseID: String) async throws -> [String: (id: String, status: String)] {
    let found = try await data(
      "{ node(id: \"\(caseID)\") { ... on Case { workItems(order: [{attribute: "
        + "CREATED_AT}]) { edges { node { id status task { slug } } } } } } }"
    )
    var items: [String: (id: String, status: String)] = [:]
    for edge in found["workItems"]?["edges"]?.list ?? [] {
      guard let node = edge["node"], let task = node["task"]?["slug"]?.string else { continue }
      items[task] = (node["id"]?.string ?? "", node["status"]?.string ?? "")
    }
    return items
  }

  func statuses(_ caseID: String) async throws -> [String: String] {
    try await items(caseID).mapValues(\.status)
  }
}
