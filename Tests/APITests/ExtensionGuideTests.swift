import API
import Foundation
import Millrace
import Testing
import WorkflowEngine

/// Every example of docs/how-to/extend.md does what the page says.
@Suite("The extension guide")
struct ExtensionGuideTests {
  private static let ann = User(name: "ann", groups: ["sales"])
  private static let bob = User(name: "bob", groups: ["stock"])
  private static let denied = "PERMISSION_DENIED: You do not have permission to perform this action."

  private static func text(_ path: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The lines that say something, without their indentation.
  private static func lines(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }

  @Test("every example of the page is one that these tests run")
  func examples() throws {
    let page = try Self.text("docs/how-to/extend.md")
    let sources = try ["Tests/APITests/ExtensionGuide.swift", "Tests/ServerTests/ScriptGuide.swift"]
      .map { Self.lines(try Self.text($0)).joined(separator: "\n") }
    let examples = page.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
    #expect(examples.count >= 9)
    for example in examples {
      let wanted = Self.lines(example).joined(separator: "\n")
      #expect(sources.contains { $0.contains(wanted) }, "\(example)")
    }
  }

  @Test("visibilities: cases of one's own and public ones, items of these and those of one's groups")
  func visibility() async throws {
    try await ServiceFixture.with([OwnCases.self]) { api in
      try await api.define()
      let own = try await api.start(as: Self.ann)
      let other = try await api.start(as: Self.bob)
      let open = try await api.start(", meta: \"{\\\"public\\\": true}\"", as: Self.bob)
      let seen = try await api.ask("{ allCases { edges { node { id } } } allWorkItems { totalCount } }", as: Self.ann)
      #expect(Set(seen["allCases"]?["edges"]?.items.compactMap { $0["node"]?["id"]?.text } ?? []) == [own.case, open.case])
      #expect(seen["allWorkItems"]?["totalCount"] == 2)
      try await api.write("update work_items set addressed_groups = '{sales}'")
      let more = try await api.ask("{ allWorkItems { totalCount } node(id: \"\(other.item)\") { id } }", as: Self.ann)
      #expect(more["allWorkItems"]?["totalCount"] == 3)
      #expect(more["node"]?["id"]?.text == other.item)
    }
  }

  @Test("permissions: by user and mutation, and by the object that is changed")
  func permissions() async throws {
    try await ServiceFixture.with([Offices.self]) { api in
      let save = "mutation { saveSimpleTask(input: {slug: \"t\", name: \"T\"}) { clientMutationId } }"
      let (anonymous, clerk, architect) = (
        await api.refusal(save, as: User()), await api.refusal(save, as: Self.ann),
        await api.refusal(save, as: User(name: "eve", groups: ["architects"]))
      )
      #expect(anonymous == Self.denied && clerk == Self.denied && architect == "no error")
      try await api.ask(
        "mutation { saveWorkflow(input: {slug: \"order\", name: \"O\", startTasks: [\"t\"]}) { clientMutationId } }",
        as: User(name: "eve", groups: ["architects"]))
      let started = try await api.start(as: Self.ann)
      try await api.write("update work_items set assigned_users = '{bob}'")
      let complete = "mutation { completeWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }"
      let (asAnn, asBob) = (await api.refusal(complete, as: Self.ann), await api.refusal(complete, as: Self.bob))
      #expect(asAnn == Self.denied && asBob == "no error")
    }
  }

  @Test("validations: refuse, with a message for the client, and change what is stored")
  func validations() async throws {
    try await ServiceFixture.with([Budgets.self]) { api in
      try await api.define()
      let dear = await api.refusal(
        "mutation { startCase(input: {workflow: \"order\", meta: \"{\\\"amount\\\": 20000}\"}) { clientMutationId } }")
      #expect(dear == "INVALID_INPUT: An amount is a whole number of at most 10000.")
      let started = try await api.start(", meta: \"{\\\"amount\\\": 200}\"")
      let saved = try await api.ask(
        "mutation { saveWorkItem(input: {workItem: \"\(started.item)\", name: \"sign\"}) { workItem { name } } }")
      #expect(saved["saveWorkItem"]?["workItem"]?["name"]?.text == "SIGN")
    }
  }

  @Test("dynamic groups and tasks: decided when they are needed, from the case and the client's context")
  func dynamicNames() async throws {
    try await ServiceFixture.with([Neighbours.self]) { api in
      try await api.define()
      try await api.ask(
        "mutation { saveSimpleTask(input: {slug: \"draft\", name: \"D\", addressGroups: \"['starter']|groups\"}) { clientMutationId } }")
      try await api.ask(
        "mutation { addWorkflowFlow(input: {workflow: \"order\", tasks: [\"draft\"], next: \"['after-draft']|tasks\"}) { clientMutationId } }")
      for (context, expected) in [("{}", ["check", "review"]), ("{\\\"urgent\\\": true}", ["send"])] {
        let started = try await api.start(as: Self.ann)
        let groups = try await api.ask("{ node(id: \"\(started.item)\") { ... on WorkItem { addressedGroups } } }")
        #expect(groups["node"]?["addressedGroups"]?.texts == ["sales"])
        try await api.ask(
          "mutation { completeWorkItem(input: {id: \"\(started.item)\", context: \"\(context)\"}) { clientMutationId } }")
        let next = try await api.ask(
          "{ node(id: \"\(started.case)\") { ... on Case { workItems(filter: [{status: READY}]) { edges { node { task { slug } } } } } } }")
        let tasks = next["node"]?["workItems"]?["edges"]?.items.compactMap { $0["node"]?["task"]?["slug"]?.text } ?? []
        #expect(tasks.sorted() == expected)
      }
    }
  }

  @Test("data sources: listed, asked with the client's context, in its language, and their fallback")
  func dataSources() async throws {
    try await ServiceFixture.with([Registers.self]) { api in
      let listed = try await api.ask("{ allDataSources { totalCount edges { node { name info } } } }")
      #expect(listed["allDataSources"]?["totalCount"] == 1)
      #expect(listed["allDataSources"]?["edges"]?.items.first?["node"]?["name"]?.text == "Cantons")
      #expect(listed["allDataSources"]?["edges"]?.items.first?["node"]?["info"]?.text == "Cantons")
      func labels(_ arguments: String) async throws -> [String] {
        let found = try await api.ask("{ dataSource(\(arguments)) { edges { node { slug label } } } }")
        return found["dataSource"]?["edges"]?.items.compactMap { $0["node"]?["label"]?.text } ?? []
      }
      let all = try await labels("name: \"Cantons\"")
      #expect(all == ["Berne", "Geneva"])
      let down = try await labels("name: \"Cantons\", context: \"{\\\"down\\\": true}\"")
      #expect(down == ["Other"])
      let page = try await api.ask(
        "{ dataSource(name: \"Cantons\", first: 1) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { slug } } } }")
      #expect(page["dataSource"]?["totalCount"] == 2)
      #expect(page["dataSource"]?["pageInfo"]?["hasNextPage"] == true)
      let cursor = try #require(page["dataSource"]?["pageInfo"]?["endCursor"]?.text)
      let rest = try await labels("name: \"Cantons\", after: \"\(cursor)\"")
      #expect(rest == ["Geneva"])
      let last = try await labels("name: \"Cantons\", last: 1")
      #expect(last == ["Geneva"])
      let unknown = await api.refusal("{ dataSource(name: \"Towns\") { totalCount } }")
      #expect(unknown == "NOT_FOUND: No data_source found for name: Towns")
    }
  }

  @Test("a data source's failure without a fallback is told without what went wrong inside")
  func failingSource() async throws {
    struct Broken: DataSource {
      func items(for request: DataSourceRequest) async throws -> [DataSourceItem] {
        _ = try await request.database.query("select secret from nowhere")
        return []
      }
    }
    enum Module: MillraceModule {
      static let name = "broken"
      static func extend(_ extensions: inout ExtensionRegistry) { extensions.dataSource("Broken", Broken()) }
    }
    try await ServiceFixture.with([Module.self]) { api in
      let refusal = await api.refusal("{ dataSource(name: \"Broken\") { totalCount } }")
      #expect(refusal.hasPrefix("INTERNAL_ERROR: Internal error "))
    }
  }

  @Test("format validators: listed before the built-in ones, which nobody can replace")
  func formatValidators() async throws {
    enum Own: MillraceModule {
      static let name = "own"
      static func extend(_ extensions: inout ExtensionRegistry) {
        extensions.formatValidator(
          FormatValidator(slug: "iban", name: [:], errorMessage: [:], allowedQuestionTypes: ["text"]) { !$0.isEmpty })
      }
    }
    try await ServiceFixture.with([PostalCodes.self, Own.self]) { api in
      let listed = try await api.ask(
        "{ allFormatValidators { totalCount edges { node { slug name regex allowedQuestionTypes } } } }")
      let nodes = listed["allFormatValidators"]?["edges"]?.items.compactMap { $0["node"] } ?? []
      #expect(nodes.map { $0["slug"]?.text } == ["postal-code", "iban", "email", "phone-number"])
      #expect(nodes.map { $0["name"]?.text } == ["Postal code", "iban", "E-mail", "Phone number"])
      #expect(nodes.first?["regex"]?.text == "^[1-9][0-9]{3}$")
      #expect(nodes.map { $0["allowedQuestionTypes"]?.texts?.count } == [2, 1, 2, 2])
      #expect(nodes.dropFirst().first?["regex"]?.isNull == true)
    }
  }

  @Test("the user factory makes users of verified tokens, and lets nobody in by failing")
  func userFactory() async throws {
    var selection = ExtensionSelection()
    selection.userFactory = "staff"
    let table = try ModuleList(linked: [Staff.self]).extensions(of: ["staff"], selection: selection)
    let factory = try #require(table.userFactory)
    let claims = JSON(json: "{\"sub\": \"ann\"}") ?? .null
    let user = try await factory(TokenClaims(token: "t", claims: claims, standard: User(name: "ann", groups: ["sales"])))
    #expect(user.name == "ann" && user.groups == ["sales", "staff"] && user.group == "sales")
    let blocked = JSON(json: "{\"blocked\": true}") ?? .null
    await #expect(throws: MillraceError.self) {
      _ = try await factory(TokenClaims(token: "t", claims: blocked, standard: User(name: "ann")))
    }
    let standard = try ModuleList(linked: [Staff.self]).extensions(of: ["staff"]).userFactory
    #expect(standard == nil)
  }

  @Test("receivers: what they do belongs to the mutation")
  func receivers() async throws {
    try await ServiceFixture.with([Registrar.self]) { api in
      try await api.define()
      let started = try await api.start()
      try await api.ask("mutation { completeWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }")
      let found = try await api.ask("{ node(id: \"\(started.case)\") { ... on Case { meta } } }")
      #expect(found["node"]?["meta"]?["drafted"] == true)
    }
  }
}
