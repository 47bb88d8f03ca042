import API
import Millrace
import TestSupport
import Testing

@Suite("Extensions of the API")
struct ExtensionTests {
  private static let ann = User(name: "ann", groups: ["sales", "staff"])
  private static let bob = User(name: "bob", groups: ["stock"])

  // MARK: Visibilities

  private enum OwnCases: MillraceModule {
    static let name = "own-cases"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.visibility(.case) { user in
        .any(
          .column(.createdByUser, equals: user.name), .meta("public", equals: true),
          user.groups.contains("admins") ? .all : .none)
      }
      extensions.visibility(.workItem) { _ in .isVisible(.case) }
    }
  }

  @Test("VF-93 VF-94 a rule hides rows, with their charts, in lists, counts, lookups and by id, and follows relations")
  func visibility() async throws {
    try await ServiceFixture.with([OwnCases.self]) { api in
      try await api.define()
      let own = try await api.start(as: Self.ann)
      let other = try await api.start(as: Self.bob)
      let shared = try await api.start(", meta: \"{\\\"public\\\": true}\"", as: Self.bob)
      let list = try await api.ask(
        "{ allCases { totalCount edges { node { id } } } allWorkItems { totalCount edges { node { id case { id } } } "
          + "} }",
        as: Self.ann)
      let cases = list["allCases"]?["edges"]?.items.compactMap { $0["node"]?["id"]?.text } ?? []
      let items = list["allWorkItems"]?["edges"]?.items.compactMap { $0["node"]?["id"]?.text } ?? []
      #expect(Set(cases) == [own.case, shared.case])
      #expect(Set(items) == [own.item, shared.item])
      #expect(list["allCases"]?["totalCount"] == 2)
      #expect(list["allWorkItems"]?["totalCount"] == 2)
      let nodes = try await api.ask(
        "{ a: node(id: \"\(other.case)\") { id } b: node(id: \"\(other.item)\") { id } c: node(id: "
          + "\"\(own.item)\") { id } d: node(id: \"\(other.case)\") { ... on Case { chart(format: BPMN) } } }",
        as: Self.ann)
      #expect(nodes["a"]?.isNull == true)
      #expect(nodes["b"]?.isNull == true)
      #expect(nodes["c"]?["id"]?.text == own.item)
      #expect(nodes["d"]?.isNull == true)
      let all = try await api.ask("{ allCases { totalCount } }")
      #expect(all["allCases"]?["totalCount"] == 3)
    }
  }

  @Test("what may not be seen cannot be changed: the error is that of an unknown id")
  func hiddenTarget() async throws {
    try await ServiceFixture.with([OwnCases.self]) { api in
      try await api.define()
      let other = try await api.start(as: Self.bob)
      let hidden = await api.refusal(
        "mutation { completeWorkItem(input: {id: \"\(other.item)\"}) { clientMutationId } }", as: Self.ann)
      let unknown = await api.refusal(
        "mutation { completeWorkItem(input: {id: \"00000000-0000-7000-8000-000000000000\"}) { clientMutationId } }",
        as: Self.ann)
      #expect(hidden == "NOT_FOUND: No WorkItem matches the given query.")
      #expect(unknown == hidden)
      let cancel = await api.refusal(
        "mutation { cancelCase(input: {id: \"\(other.case)\"}) { clientMutationId } }", as: Self.ann)
      #expect(cancel == "NOT_FOUND: No Case matches the given query.")
      let child = await api.refusal(
        "mutation { startCase(input: {workflow: \"order\", parentWorkItem: \"\(other.item)\"}) { clientMutationId } }",
        as: Self.ann)
      #expect(child == "NOT_FOUND: No WorkItem matches the given query.")
      let running = try await api.count("select count(*) from cases where status = 'running'")
      #expect(running == 1)
      try await api.ask(
        "mutation { completeWorkItem(input: {id: \"\(other.item)\"}) { clientMutationId } }", as: Self.bob)
    }
  }

  private enum Rules: MillraceModule {
    static let name = "rules"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.visibility(.workItem, in: "Addressed") { .column(.addressedGroups, overlaps: $0.groups) }
      extensions.visibility(.workItem, in: "Assigned") { .column(.assignedUsers, contains: $0.name) }
      extensions.visibility("Either", anyOf: ["Addressed", "Assigned"])
      extensions.visibility(.task, in: "NoTasks") { _ in .none }
      extensions.suppressVisibility(of: ["WorkItem.task"], in: "NoTasks")
    }
  }

  @Test("several classes have to agree; a joined class shows what one of its classes shows; names choose the classes")
  func classes() async throws {
    var everything = ExtensionSelection()
    everything.visibilities = []
    try await ServiceFixture.with([Rules.self], selection: everything) { api in
      try await api.define()
      _ = try await api.start()
      try await api.write("update work_items set addressed_groups = '{sales}', assigned_users = '{bob}'")
      func count(_ names: [String]?, _ user: User) async throws -> JSON? {
        var selection = ExtensionSelection()
        selection.visibilities = names
        let service = try ServiceFixture.service(api.database, [Rules.self], selection)
        let other = ServiceFixture(database: api.database, service: service)
        return try await other.ask("{ allWorkItems { totalCount } }", as: user)["allWorkItems"]?["totalCount"]
      }
      for (names, annSees, bobSees) in [
        (["Addressed"], 1, 0), (["Assigned"], 0, 1), (["Addressed", "Assigned"], 0, 0), (["Either"], 1, 1), ([], 1, 1),
        (["caluma.caluma_core.visibilities.Any"], 1, 1), (["Authenticated"], 1, 1), (["AddressedGroups"], 1, 0),
      ] as [([String], Int64, Int64)] {
        let (ann, bob) = (try await count(names, Self.ann), try await count(names, Self.bob))
        #expect(ann == .int(annSees), "\(names)")
        #expect(bob == .int(bobSees), "\(names)")
      }
      let nobody = try await count(["Authenticated"], User())
      #expect(nobody == 0)
      var selection = ExtensionSelection()
      selection.visibilities = ["NoTasks"]
      let hidden = ServiceFixture(
        database: api.database, service: try ServiceFixture.service(api.database, [Rules.self], selection))
      let shown = try await hidden.ask("{ allTasks { totalCount } allWorkItems { edges { node { task { slug } } } } }")
      #expect(shown["allTasks"]?["totalCount"] == 0)
      #expect(shown["allWorkItems"]?["edges"]?.items.first?["node"]?["task"]?["slug"]?.text == "draft")
    }
  }

  // MARK: Permissions

  private enum Permissions: MillraceModule {
    static let name = "permissions"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.permission(.any) { $0.user.isAuthenticated }
      extensions.permission(.saveTask) { $0.user.groups.contains("admins") }
      extensions.permission(.startCase) { request in
        let rows = try await request.database.query("select count(*) from cases")
        return rows.int64(0, 0) < 2 && request.input.text("workflow") == "order"
      }
      extensions.objectPermission(.completeWorkItem) { request, object in
        object.createdByUser == request.user.name && request.context["sure"] == true
      }
      extensions.objectPermission(.saveSimpleTask) { _, object in
        guard case .task(let task) = object else { return false }
        return task.meta["locked"] != true
      }
    }
  }

  private static let denied = "PERMISSION_DENIED: You do not have permission to perform this action."

  @Test("the narrowest permission of a class decides, with the database and the input at hand")
  func permissions() async throws {
    try await ServiceFixture.with([Permissions.self]) { api in
      try await api.define()
      let task = "mutation { saveSimpleTask(input: {slug: \"new\", name: \"New\"}) { clientMutationId } }"
      let asAnn = await api.refusal(task, as: Self.ann)
      #expect(asAnn == Self.denied)
      let anonymous = await api.refusal(
        "mutation { saveWorkflow(input: {slug: \"w\", name: \"W\", startTasks: [\"draft\"]}) { clientMutationId } }",
        as: User())
      #expect(anonymous == Self.denied)
      let stored = try await api.count("select count(*) from tasks where slug = 'new'")
      #expect(stored == 0)
      _ = try await api.start(as: Self.ann)
      _ = try await api.start(as: Self.ann)
      let third = await api.refusal(
        "mutation { startCase(input: {workflow: \"order\"}) { clientMutationId } }", as: Self.ann)
      #expect(third == Self.denied)
    }
  }

  @Test("permissions for objects see the stored object, and are not asked when there is none")
  func objectPermissions() async throws {
    try await ServiceFixture.with([Permissions.self]) { api in
      try await api.define()
      let started = try await api.start(as: Self.ann)
      func complete(_ context: String, _ user: User) async -> String {
        await api.refusal(
          "mutation { completeWorkItem(input: {id: \"\(started.item)\", context: "
            + "\"\(context)\"}) { clientMutationId } }",
          as: user)
      }
      let (other, unsure, own) = (
        await complete("{\\\"sure\\\": true}", Self.bob), await complete("{}", Self.ann),
        await complete("{\\\"sure\\\": true}", Self.ann)
      )
      #expect(other == Self.denied)
      #expect(unsure == Self.denied)
      #expect(own == "no error")
      func save(_ meta: String) async -> String {
        await api.refusal(
          "mutation { saveSimpleTask(input: {slug: \"fresh\", name: \"F\", meta: \"\(meta)\"}) { clientMutationId } }")
      }
      let (created, changed) = (await save("{\\\"locked\\\": true}"), await save("{}"))
      #expect(created == "no error")
      #expect(changed == Self.denied)
    }
  }

  // MARK: Validations

  private enum Validations: MillraceModule {
    static let name = "validations"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.validation(.any) { _, data in data["context"] = nil }
      extensions.validation(.startCase, .saveCase) { request, data in
        guard case .object(var members)? = data.meta ?? JSON(json: "{}") else { return }
        members.append(JSON.Member(key: "by", value: .string(request.user.name ?? "nobody")))
        data.meta = .object(members)
      }
      extensions.validation(.saveWorkItem) { _, data in
        if data.text("name") == "wrong" { throw MillraceError(.invalidInput, "That name is not for work items.") }
        if data.text("name") == "broken" { data["deadline"] = "tomorrow" }
        if data.text("name") == "other" { data["workItem"] = "00000000-0000-7000-8000-000000000000" }
      }
      extensions.validation(.saveSimpleTask) { _, data in
        data["name"] = data.text("name").map { .string($0.uppercased()) }
      }
    }
  }

  @Test("a validation changes what is stored, or refuses it; what it leaves has to be an input again")
  func validations() async throws {
    try await ServiceFixture.with([Validations.self]) { api in
      try await api.define()
      let started = try await api.start(", meta: \"{\\\"a\\\": 1}\"", as: Self.ann)
      let meta = try await api.database.query("select meta::text from cases").text(0, 0)
      #expect(meta == "{\"a\": 1, \"by\": \"ann\"}")
      let name = try await api.database.query("select name ->> 'en' from tasks where slug = 'draft'").text(0, 0)
      #expect(name == "DRAFT")
      func save(_ name: String) async -> String {
        await api.refusal(
          "mutation { saveWorkItem(input: {workItem: \"\(started.item)\", name: \"\(name)\"}) { clientMutationId } }")
      }
      let (wrong, broken, other, right) = (
        await save("wrong"), await save("broken"), await save("other"), await save("right")
      )
      #expect(wrong == "INVALID_INPUT: That name is not for work items.")
      #expect(broken == "INVALID_INPUT: A validation left data that is no valid input of saveWorkItem.")
      #expect(other == "INVALID_INPUT: A validation must not change which object a mutation is about.")
      #expect(right == "no error")
    }
  }

  @Test("what the engine refuses is refused before validations are asked")
  func precondition() async throws {
    enum Never: MillraceModule {
      static let name = "never"
      static func extend(_ extensions: inout ExtensionRegistry) {
        extensions.validation(.resumeWorkItem) { _, _ in throw MillraceError(.invalidInput, "asked") }
      }
    }
    try await ServiceFixture.with([Never.self]) { api in
      try await api.define()
      let started = try await api.start()
      let resume = "mutation { resumeWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }"
      let ready = await api.refusal(resume)
      #expect(ready.hasPrefix("INVALID_STATE"))
      try await api.ask("mutation { suspendWorkItem(input: {id: \"\(started.item)\"}) { clientMutationId } }")
      let suspended = await api.refusal(resume)
      #expect(suspended == "INVALID_INPUT: asked")
    }
  }

  // MARK: Dynamic names

  private enum Dynamic: MillraceModule {
    static let name = "dynamic"
    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.dynamicGroup("starters") { request in
        let rows = try await request.database.query(
          "select distinct created_by_group from cases where created_by_group is not null")
        return (0..<rows.count).map { rows.text($0, 0) }
      }
      extensions.dynamicGroup("by-context") { request in request.context["who"].flatMap(\.text).map { [$0] } ?? [] }
      extensions.dynamicTask("next-step") { request in
        request.previousWorkItem?.task == "draft" ? ["send"] : []
      }
    }
  }

  @Test("dynamic groups and tasks are functions that may ask the database; other names stand for themselves")
  func dynamicNames() async throws {
    try await ServiceFixture.with([Dynamic.self]) { api in
      try await api.ask(
        "mutation { saveSimpleTask(input: {slug: \"draft\", name: \"D\", addressGroups: "
          + "\"['starters', 'plain']|groups\"}) { clientMutationId } }"
      )
      try await api.ask(
        "mutation { saveSimpleTask(input: {slug: \"send\", name: \"S\", addressGroups: "
          + "\"['by-context']|groups\"}) { clientMutationId } }"
      )
      try await api.ask(
        "mutation { saveWorkflow(input: {slug: \"order\", name: \"O\", startTasks: [\"draft\"]}) { clientMutationId } }"
      )
      try await api.ask(
        "mutation { addWorkflowFlow(input: {workflow: \"order\", tasks: [\"draft\"], next: "
          + "\"'next-step'|task\"}) { clientMutationId } }"
      )
      let unknown = await api.refusal(
        "mutation { addWorkflowFlow(input: {workflow: \"order\", tasks: [\"draft\"], next: "
          + "\"'next-stop'|task\"}) { clientMutationId } }"
      )
      #expect(unknown.hasSuffix("The task `next-stop` does not exist or is not registered as dynamic task"))
      let started = try await api.start(as: Self.ann)
      let groups = try await api.database.query("select addressed_groups from work_items").textArray(0, 0)
      #expect(groups == ["plain", "sales"])
      try await api.ask(
        "mutation { completeWorkItem(input: {id: \"\(started.item)\", context: \"{\\\"who\\\": "
          + "\\\"stock\\\"}\"}) { clientMutationId } }"
      )
      let sent = try await api.database.query("select task, addressed_groups from work_items where status = 'ready'")
      #expect(sent.count == 1)
      #expect(sent.text(0, 0) == "send")
      #expect(sent.textArray(0, 1) == ["stock"])
    }
  }

  // MARK: The start

  /// Why a server with these modules does not start.
  private static func failure(
    _ modules: [any MillraceModule.Type], _ change: (inout ExtensionSelection) -> Void = { _ in }
  ) -> String {
    var selection = ExtensionSelection()
    change(&selection)
    let names = modules.map { $0.name }
    let table = Result { try ModuleList(linked: modules).extensions(of: names, selection: selection) }
    switch table {
    case .success: return "none"
    case .failure(let error): return "\(error)"
    }
  }

  @Test("a name that nobody registers, a rule that stands twice and a type that depends on itself stop the start")
  func failures() {
    enum Twice: MillraceModule {
      static let name = "twice"
      static func extend(_ extensions: inout ExtensionRegistry) {
        extensions.visibility(.case) { _ in .all }
        extensions.visibility(.case) { _ in .none }
      }
    }
    enum Circle: MillraceModule {
      static let name = "circle"
      static func extend(_ extensions: inout ExtensionRegistry) {
        extensions.visibility(.case) { _ in .isVisible(.workItems) }
        extensions.visibility(.workItem) { _ in .isVisible(.case) }
      }
    }
    #expect(Self.failure([OwnCases.self]) == "none")
    #expect(
      Self.failure([OwnCases.self]) { $0.visibilities = ["Any", "Nothing"] }
        == "VISIBILITY_CLASSES: nobody registers Nothing. This server has: AddressedGroups, Any, Authenticated, CreatedByGroup, own-cases."
    )
    #expect(
      Self.failure([]) { $0.dynamicTasks = ["x"] }
        == "DYNAMIC_TASKS_CLASSES: nobody registers x. This server has: none.")
    #expect(Self.failure([Twice.self]) == "The visibility twice has two rules for Case.")
    #expect(Self.failure([Circle.self]).hasSuffix("depends on itself."))
  }
}
