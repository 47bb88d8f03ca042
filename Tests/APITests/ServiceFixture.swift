import API
import Foundation
import GraphQL
import Logging
import Millrace
import Postgres
import TestSupport
import Testing
import WorkflowEngine

/// The API over a database of its own, asked in GraphQL.
struct ServiceFixture: Sendable {
  let database: Database
  let service: GraphQLService

  /// - Parameter modules: all of them are in use.
  static func with(
    _ modules: [any MillraceModule.Type] = [], selection: ExtensionSelection = ExtensionSelection(),
    _ body: @escaping @Sendable (ServiceFixture) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      _ = try await Migrator(database: database, known: EmbeddedMigrations.all).run()
      try await body(ServiceFixture(database: database, service: service(database, modules, selection)))
    }
  }

  static func service(
    _ database: Database, _ modules: [any MillraceModule.Type],
    _ selection: ExtensionSelection = ExtensionSelection()
  ) throws -> GraphQLService {
    let list = ModuleList(linked: modules)
    let names = modules.map { $0.name }
    var settings = APISettings()
    settings.limits.maxSelectionDepth = 50
    return GraphQLService(
      schema: try APISchema(), database: database, receivers: ReceiverTable(try list.receivers(of: names)),
      extensions: try list.extensions(of: names, selection: selection), settings: settings, logger: TestLog.logger)
  }

  /// The response's text.
  func text(_ query: String, as user: User = User(name: "admin", groups: ["admins"])) async -> String {
    await withCheckedContinuation { continuation in
      let request = GraphQLRequest(query: ContiguousArray(query.utf8))
      request.user = user
      let now = service.answer(request) { continuation.resume(returning: String(decoding: $0.body, as: UTF8.self)) }
      if let now { continuation.resume(returning: String(decoding: now.body, as: UTF8.self)) }
    }
  }

  /// The first responses of a subscription, or its one refusal.
  func responses(_ query: String, first count: Int, as user: User) async -> [String] {
    let request = GraphQLRequest(query: ContiguousArray(query.utf8))
    request.user = user
    let responses = service.open(request)
    defer { responses.cancel() }
    var bodies: [String] = []
    while bodies.count < count, let next = await responses.next() {
      bodies.append(String(decoding: next.response.body, as: UTF8.self))
      if next.eventID == nil { break }
    }
    return bodies
  }

  /// The response; fails the test when it has errors.
  @discardableResult
  func ask(_ query: String, as user: User = User(name: "admin", groups: ["admins"])) async throws -> JSON {
    let text = await text(query, as: user)
    let answer = try #require(JSON(json: text))
    #expect(answer["errors"]?.isNull == true, "\(query)\n\(text)")
    return answer["data"] ?? .null
  }

  /// The code and message of the first error.
  func refusal(_ query: String, as user: User = User(name: "admin", groups: ["admins"])) async -> String {
    let answer = JSON(json: await text(query, as: user)) ?? .null
    guard case .array(let errors) = answer["errors"], let first = errors.first else { return "no error" }
    return "\(first["extensions"]?["code"]?.text ?? "-"): \(first["message"]?.text ?? "-")"
  }

  /// A workflow `order`: draft, then review and check together, then send.
  func define() async throws {
    for slug in ["draft", "review", "check", "send"] {
      try await ask("mutation { saveSimpleTask(input: {slug: \"\(slug)\", name: \"\(slug)\"}) { clientMutationId } }")
    }
    try await ask(
      "mutation { saveWorkflow(input: {slug: \"order\", name: \"Order\", startTasks: "
        + "[\"draft\"]}) { clientMutationId } }"
    )
    for (tasks, next) in [("[\"draft\"]", "['review', 'check']|tasks"), ("[\"review\", \"check\"]", "'send'|task")] {
      try await ask(
        "mutation { addWorkflowFlow(input: {workflow: \"order\", tasks: \(tasks), next: "
          + "\"\(next)\"}) { clientMutationId } }"
      )
    }
  }

  /// Starts a case of the workflow; answers its id and that of its first item.
  func start(_ input: String = "", as user: User = User(name: "admin", groups: ["admins"])) async throws -> (
    case: String, item: String
  ) {
    let data = try await ask(
      "mutation { startCase(input: {workflow: \"order\"\(input)}) { case { id workItems { edges { node { id } } } } } "
        + "}",
      as: user)
    let found = data["startCase"]?["case"]
    return (
      try #require(found?["id"]?.text),
      try #require(found?["workItems"]?["edges"]?.items.first?["node"]?["id"]?.text)
    )
  }

  func write(_ sql: SQL) async throws {
    _ = try await database.transaction { try await $0.query(sql) }
  }

  func count(_ sql: SQL) async throws -> Int64 {
    try await database.query(sql).int64(0, 0)
  }
}

extension JSON {
  /// The elements of a list; none for everything else.
  var items: [JSON] { if case .array(let items) = self { items } else { [] } }
  /// The whole number; nil for everything else.
  var number: Int? { if case .int(let number) = self { Int(number) } else { nil } }
}
