import GraphQL
import Millrace
import Postgres
import Testing
import WorkflowStore

@Suite("Hooks over GraphQL")
struct HookAPITests {
  private static func with(
    _ backend: any HookBackend = DatabaseHookBackend(), _ body: @escaping @Sendable (Fixture) async throws -> Void
  ) async throws {
    let runtime = HookRuntime(backend: backend, functions: ["note": { _, _ in }])
    try await Fixture.with(hooks: runtime) { fixture in
      for slug in ["draft", "send"] { try await fixture.task(slug) }
      try await fixture.workflow("order", start: ["draft"])
      try await fixture.flow("order", ["draft"], "'send'|task")
      try await body(fixture)
    }
  }

  private static let all =
    "{ allHooks(order: [{attribute: NAME}]) { totalCount edges { node { id name trigger event moment onError "
      + "isOrdered isEnabled version function url filter createdByUser workflow { slug } source { slug } destination "
      + "{ slug } case { id } } } } }"

  private static func nodes(_ connection: Value) -> [Value] {
    (connection["edges"]?.list ?? []).compactMap { $0["node"] }
  }

  @Test("a hook is saved, listed, changed by name or id, and removed", arguments: [false, true])
  func life(inMemory: Bool) async throws {
    try await Self.with(inMemory ? MemoryHookBackend() : DatabaseHookBackend()) { fixture in
      let saved = try await fixture.data(
        """
        mutation { saveHook(input: {name: "n", trigger: TRANSITION, workflow: "order", source: "draft",
        destination: "send", function: "note", filter: "user == 'ann'", isOrdered: true, clientMutationId: "c"})
        { clientMutationId secret hook { id name moment onError version } } }
        """)
      #expect(saved["clientMutationId"]?.string == "c")
      #expect(saved["secret"]?.isNull == true)
      let hook = saved["hook"]
      let id = hook?["id"]?.string ?? ""
      #expect(hook?["moment"]?.string == "AFTER" && hook?["onError"]?.string == "RETRY" && hook?["version"]?.int == 1)
      try await fixture.data(
        "mutation { saveHook(input: {name: \"n\", onError: IGNORE}) { hook { version } } }", user: "bob")
      try await fixture.data(
        "mutation { saveHook(input: {id: \"\(id)\", name: \"m\", isEnabled: false}) { hook { version } } }")
      let found = Self.nodes(try await fixture.data(Self.all))
      #expect(found.count == 1)
      let node = try #require(found.first)
      #expect(node["id"]?.string == id)
      #expect(node["name"]?.string == "m" && node["trigger"]?.string == "TRANSITION" && node["event"]?.isNull == true)
      #expect(node["onError"]?.string == "IGNORE" && node["isOrdered"]?.boolean == true)
      #expect(node["isEnabled"]?.boolean == false && node["version"]?.int == 3)
      #expect(node["workflow"]?["slug"]?.string == "order" && node["source"]?["slug"]?.string == "draft")
      #expect(node["destination"]?["slug"]?.string == "send" && node["case"]?.isNull == true)
      #expect(node["filter"]?.string == "user == 'ann'" && node["createdByUser"]?.string == "ann")
      let removed = try await fixture.data(
        "mutation { removeHook(input: {hook: \"\(id)\"}) { hook { id name removedAt isEnabled } } }")
      #expect(removed["hook"]?["name"]?.string == "m" && removed["hook"]?["removedAt"]?.string != nil)
      let left = try await fixture.data(Self.all)
      #expect(left["totalCount"]?.int == 0)
      let gone = try await fixture.refusal("mutation { removeHook(input: {hook: \"\(id)\"}) { clientMutationId } }")
      #expect(gone.code == "NOT_FOUND" && gone.message == "No Hook matches the given query.")
    }
  }

  @Test("a webhook without a secret gets one, which is shown once; secrets are not readable")
  func secrets() async throws {
    try await Self.with { fixture in
      func save(_ more: String) async throws -> Value {
        try await fixture.data(
          "mutation { saveHook(input: {name: \"w\", event: \"post_create_case\" \(more)}) { secret hook { url version "
            + "function } } }"
        )
      }
      let first = try await save(", webhook: {url: \"https://example.org/a\"}")
      #expect(first["secret"]?.string?.hasPrefix("whsec_") == true)
      #expect(first["hook"]?["url"]?.string == "https://example.org/a")
      let second = try await save(", webhook: {url: \"https://example.org/b\"}")
      #expect(second["secret"]?.isNull == true && second["hook"]?["version"]?.int == 2)
      let kept = try await fixture.database.query("select secrets from hooks").textArray(0, 0)
      #expect(kept == [first["secret"]?.string])
    }
  }

  @Test("deliveries are listed with what became of them, by hook, status and case")
  func deliveries() async throws {
    try await Self.with { fixture in
      try await fixture.data(
        "mutation { saveHook(input: {name: \"n\", event: \"post_create_case\", function: \"note\"}) { hook { id } } }")
      let id = try await fixture.start("order")
      _ = try await fixture.start("order")
      let fields =
        "totalCount edges { node { id event sequence status attempts lastError responseStatus dueAt payload hook { name } case { id } workItem { id } } }"
      let all = try await fixture.data("{ hookDeliveries(filter: [{status: [PENDING]}]) { \(fields) } }")
      #expect(all["totalCount"]?.int == 2)
      let one = try await fixture.data("{ hookDeliveries(filter: [{case: \"\(id)\"}]) { \(fields) } }")
      let node = try #require(Self.nodes(one).first)
      #expect(node["event"]?.string == "post_create_case" && node["status"]?.string == "PENDING")
      #expect(node["hook"]?["name"]?.string == "n" && node["case"]?["id"]?.string == id)
      #expect(node["payload"]?["case"]?["workflow"]?.string == "order")
      #expect(node["attempts"]?.int == 0 && node["dueAt"]?.string != nil)
      let delivery = node["id"]?.string ?? ""
      let again = try await fixture.data(
        "mutation { redeliverHook(input: {delivery: \"\(delivery)\"}) { hookDelivery { id status } } }")
      #expect(again["hookDelivery"]?["id"]?.string == delivery)
      let hook = try await fixture.data(
        "{ allHooks { edges { node { id deliveries(first: 1) { totalCount edges { node { id } } } } } } }")
      #expect(Self.nodes(hook).first?["deliveries"]?["totalCount"]?.int == 2)
      let hookID = Self.nodes(hook).first?["id"]?.string ?? ""
      let test = try await fixture.data(
        "mutation { testHook(input: {hook: \"\(hookID)\", case: \"\(id)\"}) { hookDelivery { event sequence status } "
          + "} }"
      )
      #expect(test["hookDelivery"]?["event"]?.string == "test" && test["hookDelivery"]?["sequence"]?.isNull == true)
      let byNode = try await fixture.data("{ node(id: \"\(delivery)\") { id ... on HookDelivery { status } } }")
      #expect(byNode["status"]?.string == "PENDING")
    }
  }

  @Test("what a client does wrong is said")
  func refusals() async throws {
    try await Self.with { fixture in
      let refusals = [
        ("name: \"n\", function: \"note\"", "A hook needs a trigger."),
        ("name: \"n\", trigger: EVENT, function: \"note\"", "A hook of an event needs the event."),
        ("name: \"n\", event: \"lunch\", function: \"note\"", "There is no event lunch."),
        ("name: \"n\", trigger: COMPLETION", "A hook needs an action."),
        (
          "name: \"n\", trigger: COMPLETION, function: \"note\", webhook: {url: \"https://a\"}",
          "A hook has a function or a webhook, not both."
        ),
        ("function: \"note\", trigger: COMPLETION", "The name of a hook has 1 to 255 characters."),
      ]
      for (input, expected) in refusals {
        let refusal = try await fixture.refusal("mutation { saveHook(input: {\(input)}) { hook { id } } }")
        #expect(refusal.message == expected)
        #expect(refusal.code == "INVALID_INPUT")
      }
    }
  }
}
