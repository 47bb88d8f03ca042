import Millrace
import Postgres
import Testing
import WorkflowStore

/// Typed nodes as clients see them.
@Suite("Typed nodes over GraphQL")
struct NodeAPITests {
  private enum Office: MillraceModule {
    static let name = "office"

    static func extend(_ extensions: inout ExtensionRegistry) {
      extensions.nodeHandler("stamp") { request, _ in
        HandlerResult(data: "{\"stamped\": true}", caseData: "{\"seen\": \"\(request.workItem.task)\"}")
      }
      extensions.nodeHandler("break") { _, context in
        try await context.query("create table broken (id integer)")
        throw NodeError("E42", "It is broken.")
      }
      extensions.nodeHandler("crash") { _, context in
        try await context.query("select 1 / 0")
        return HandlerResult()
      }
    }
  }

  private static let ann = User(name: "ann", groups: ["office"])
  private static let bob = User(name: "bob", groups: ["office"])
  private static let eve = User(name: "eve", groups: ["street"])

  private static func node(_ fixture: ServiceFixture, _ slug: String, _ type: String, _ more: String = "") async throws
  {
    try await fixture.ask(
      "mutation { saveNodeTask(input: {slug: \"\(slug)\", name: \"\(slug)\", type: "
        + "\(type) \(more)}) { task { slug __typename } } }"
    )
  }

  private static func workflow(_ fixture: ServiceFixture, _ start: String, _ more: String = "") async throws {
    try await fixture.ask(
      "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: "
        + "[\"\(start)\"] \(more)}) { workflow { versioning } } }"
    )
  }

  private static let items = "id status task { id slug } token iteration closedReason"

  private static func start(_ fixture: ServiceFixture, _ more: String = "") async throws -> JSON {
    try await fixture.ask(
      "mutation { startCase(input: {workflow: \"flow\" \(more)}) { case { id status data workItems { edges { node { "
        + "\(items) } } } } } }",
      as: ann)["startCase"]?["case"] ?? .null
  }

  private static func nodes(_ list: JSON?) -> [JSON] {
    guard case .array(let edges)? = list?["edges"] else { return [] }
    return edges.compactMap { $0["node"] }
  }

  private static func item(_ fixture: ServiceFixture, _ task: String) async throws -> JSON {
    let all = try await fixture.ask(
      "{ allWorkItems(order: [{attribute: CREATED_AT, direction: "
        + "ASC}]) { edges { node { \(items) data errorCode predecessors { id } successors { id } } } } }"
    )
    return nodes(all["allWorkItems"]).last { $0["task"]?["slug"]?.text == task } ?? .null
  }

  private static func id(_ fixture: ServiceFixture, _ task: String) async throws -> String {
    try await item(fixture, task)["id"]?.text ?? ""
  }

  private static func run(
    _ fixture: ServiceFixture, _ mutation: String, _ id: String, _ more: String = "", as user: User = ann
  ) async throws {
    try await fixture.ask("mutation { \(mutation)(input: {id: \"\(id)\" \(more)}) { workItem { status } } }", as: user)
  }

  @Test("a flow of nodes runs to its end: split, handler, join, if, end")
  func wholeFlow() async throws {
    try await ServiceFixture.with([Office.self]) { fixture in
      try await Self.node(fixture, "split", "SPLIT", "edges: [{target: \"stamp\"}, {target: \"look\"}]")
      try await Self.node(fixture, "stamp", "HANDLER", "handler: \"stamp\", edges: [{target: \"join\"}]")
      try await Self.node(fixture, "look", "SIMPLE", "edges: [{target: \"join\"}]")
      try await Self.node(fixture, "join", "JOIN", "edges: [{target: \"choice\"}]")
      try await Self.node(
        fixture, "choice", "IF",
        "edges: [{target: \"end\", condition: \"data.seen == 'stamp'\"}, {target: \"look\", isDefault: true}]")
      try await Self.node(fixture, "end", "END")
      try await Self.workflow(fixture, "split")
      let problems = try await fixture.ask("{ validateWorkflow(workflow: \"flow\") { code task message } }")
      #expect(problems["validateWorkflow"] == .array([]))
      let drawn = try await fixture.ask("{ allWorkflows { edges { node { chart(format: JSON) } } } }")
      let chart = Self.nodes(drawn["allWorkflows"]).first?["chart"]?.text ?? ""
      for task in ["split", "stamp", "look", "join", "choice", "end"] { #expect(chart.contains("\"\(task)\"")) }
      let started = try await Self.start(fixture)
      #expect(started["data"]?["seen"]?.text == "stamp")
      #expect(
        Self.nodes(started["workItems"]).compactMap { $0["status"]?.text } == [
          "COMPLETED", "COMPLETED", "READY", "WAITING",
        ])
      let stamp = try await Self.item(fixture, "stamp")
      #expect(stamp["data"]?["stamped"] == true && stamp["token"] == [1, 1])
      try await Self.run(fixture, "completeWorkItem", try await Self.id(fixture, "look"))
      let join = try await Self.item(fixture, "join")
      guard case .array(let before)? = join["predecessors"], case .array(let after)? = join["successors"] else {
        Issue.record("There are no edges.")
        return
      }
      #expect(join["status"]?.text == "COMPLETED" && before.count == 2 && after.count == 1)
      let found = try await fixture.ask("{ allCases { edges { node { status } } } }")
      #expect(Self.nodes(found["allCases"]).compactMap { $0["status"]?.text } == ["COMPLETED"])
      #expect(
        try await fixture.ask(
          "{ node(id: \"\(stamp["task"]?["id"]?.text ?? "")\") { ... on NodeTask { type definition } } }")["node"]?[
            "type"]?.text == "HANDLER")
    }
  }

  @Test(
    "an item is prepared, activated and gone on from; what is offered is what the mutations answer, with the reason")
  func activations() async throws {
    try await ServiceFixture.with([Office.self]) { fixture in
      try await Self.node(
        fixture, "wait", "TIMER", "delay: \"86400\", edges: [{target: \"look\"}], management: {users: [\"ann\"]}")
      try await Self.node(fixture, "look", "SIMPLE", "edges: [{target: \"sign\"}]")
      try await Self.node(fixture, "sign", "SIMPLE")
      try await Self.node(fixture, "paid", "CONDITION", "conditionClosure: \"isPaid\", edges: [{target: \"sign\"}]")
      try await Self.workflow(fixture, "wait")
      let stored = try await fixture.ask(
        "{ allTasks(filter: [{slug: \"paid\"}]) { edges { node { ... on NodeTask { definition } } } } }")
      #expect(Self.nodes(stored["allTasks"]).first?["definition"]?["conditionClosure"]?.text == "isPaid")
      _ = try await Self.start(fixture)
      func offer(_ name: String, _ task: String, as user: User = Self.ann) async throws -> JSON {
        let id = try await Self.id(fixture, task)
        let found = try await fixture.ask(
          "{ node(id: \"\(id)\") { ... on WorkItem { preparedAt startedAt availableTransitions { name isAllowed code "
            + "reason } } } }",
          as: user)
        guard case .array(let all)? = found["node"]?["availableTransitions"] else { return .null }
        return all.first { $0["name"]?.text == name } ?? .null
      }
      let refused = try await offer("activate", "wait", as: Self.bob)
      #expect(refused["isAllowed"] == false && refused["code"]?.text == "PERMISSION_DENIED")
      let wait = try await Self.id(fixture, "wait")
      let denied = await fixture.refusal(
        "mutation { activateWorkItem(input: {id: \"\(wait)\"}) { workItem { id } } }", as: Self.bob)
      #expect(denied == "PERMISSION_DENIED: \(refused["reason"]?.text ?? "")")
      try await Self.run(fixture, "activateWorkItem", wait)
      let look = try await Self.id(fixture, "look")
      try await Self.run(fixture, "prepareWorkItem", look, as: Self.bob)
      let prepared = try await fixture.ask(
        "{ node(id: \"\(look)\") { ... on WorkItem { preparedAt startedAt assignedUsers status } } }")
      #expect(prepared["node"]?["preparedAt"]?.text != nil && prepared["node"]?["startedAt"] == .null)
      #expect(prepared["node"]?["assignedUsers"] == [] && prepared["node"]?["status"]?.text == "READY")
      try await Self.run(fixture, "completeWorkItem", look)
      let there = try await offer("activateNext", "look")
      #expect(there["isAllowed"] == false && there["reason"]?.text == "What follows is there already.")
      try await Self.run(fixture, "cancelWorkItem", try await Self.id(fixture, "sign"))
      #expect(try await offer("activateNext", "look")["isAllowed"] == true)
      try await Self.run(fixture, "activateNext", look)
      #expect(try await Self.item(fixture, "sign")["status"]?.text == "READY")
    }
  }

  @Test("a handler that fails takes the whole command back; an error boundary takes over instead")
  func failures() async throws {
    try await ServiceFixture.with([Office.self]) { fixture in
      try await Self.node(fixture, "human", "SIMPLE", "edges: [{target: \"bad\"}]")
      try await Self.node(fixture, "bad", "HANDLER", "handler: \"break\", edges: [{target: \"end\"}]")
      try await Self.node(fixture, "end", "END")
      try await Self.node(fixture, "repair", "SIMPLE", "edges: [{target: \"end\"}]")
      try await Self.workflow(fixture, "human")
      _ = try await Self.start(fixture)
      let human = try await Self.id(fixture, "human")
      let refusal = await fixture.refusal(
        "mutation { completeWorkItem(input: {id: \"\(human)\"}) { clientMutationId } }")
      #expect(refusal == "WORK_ITEM_FAILED: It is broken.")
      #expect(try await Self.item(fixture, "human")["status"]?.text == "READY")
      try await Self.node(
        fixture, "bad", "HANDLER",
        "handler: \"break\", edges: [{target: \"end\"}], boundaries: [{kind: ERROR, errorCode: \"E42\", target: \"repair\"}]"
      )
      try await Self.run(fixture, "completeWorkItem", human)
      let bad = try await Self.item(fixture, "bad")
      #expect(
        bad["status"]?.text == "CANCELED" && bad["closedReason"]?.text == "BOUNDARY" && bad["errorCode"]?.text == "E42")
      #expect(try await Self.item(fixture, "repair")["status"]?.text == "READY")
    }
  }

  @Test(
    "VF-82 an error of a handler's own statement is not swallowed: the command is refused, and nothing of it remains")
  func ownStatement() async throws {
    try await ServiceFixture.with([Office.self]) { fixture in
      try await Self.node(fixture, "human", "SIMPLE", "edges: [{target: \"bad\"}]")
      try await Self.node(fixture, "bad", "HANDLER", "handler: \"crash\", edges: [{target: \"end\"}]")
      try await Self.node(fixture, "end", "END")
      try await Self.workflow(fixture, "human")
      _ = try await Self.start(fixture)
      let human = try await Self.id(fixture, "human")
      let refusal = await fixture.refusal(
        "mutation { completeWorkItem(input: {id: \"\(human)\"}) { clientMutationId } }")
      #expect(refusal.hasPrefix("WORK_ITEM_FAILED"))
      #expect(try await Self.item(fixture, "human")["status"]?.text == "READY")
      #expect(try await Self.item(fixture, "bad") == .null)
    }
  }

  @Test("VF-71 VF-73 who sees an item but does not manage its task cannot cancel it, whatever else they manage")
  func management() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "own", "SIMPLE", "management: {users: [\"ann\"]}")
      try await Self.node(fixture, "foreign", "SIMPLE", "management: {users: [\"bob\"]}")
      try await Self.workflow(fixture, "foreign")
      _ = try await Self.start(fixture)
      let foreign = try await Self.id(fixture, "foreign")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: [\"own\"]}) { clientMutationId } }"
      )
      _ = try await Self.start(fixture)
      let own = try await Self.id(fixture, "own")
      let cancel = "mutation { cancelWorkItem(input: {id: \"ID\"}) { workItem { status } } }"
      for user in [Self.ann, Self.eve] {
        #expect(await fixture.refusal(cancel.replacing("ID", with: foreign), as: user).hasPrefix("PERMISSION_DENIED"))
      }
      #expect(try await Self.item(fixture, "foreign")["status"]?.text == "READY")
      try await fixture.ask(cancel.replacing("ID", with: own), as: Self.ann)
      try await fixture.ask(cancel.replacing("ID", with: foreign), as: Self.bob)
    }
  }

  private static func offers(_ fixture: ServiceFixture, _ id: String, as user: User) async throws -> [String: Bool] {
    let found = try await fixture.ask(
      "{ node(id: \"\(id)\") { ... on WorkItem { availableTransitions { name isAllowed code reason } } } }", as: user)
    guard case .array(let offers)? = found["node"]?["availableTransitions"] else { return [:] }
    return Dictionary(uniqueKeysWithValues: offers.map { ($0["name"]?.text ?? "", $0["isAllowed"]?.isTrue ?? false) })
  }

  @Test("VF-96 one of two claims wins; rules of a node hold for single and bulk mutations")
  func assignment() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(
        fixture, "work", "SIMPLE",
        "isExclusive: true, permission: {groups: [\"office\"]}, management: {users: [\"bob\"]}")
      try await Self.workflow(fixture, "work")
      _ = try await Self.start(fixture)
      let work = try await Self.id(fixture, "work")
      #expect(try await Self.offers(fixture, work, as: Self.ann)["claim"] == true)
      #expect(try await Self.offers(fixture, work, as: Self.eve)["claim"] == false)
      #expect(try await Self.offers(fixture, work, as: Self.ann)["complete"] == false)
      let claim = "mutation { claimWorkItem(input: {id: \"\(work)\"}) { workItem { assignedUsers assignedAt } } }"
      #expect(await fixture.refusal(claim, as: Self.eve).hasPrefix("PERMISSION_DENIED"))
      try await fixture.ask(claim, as: Self.ann)
      #expect(await fixture.refusal(claim, as: Self.bob) == "ALREADY_ASSIGNED: The work item is assigned to ann.")
      #expect(
        await fixture.refusal(
          "mutation { completeWorkItem(input: {id: \"\(work)\"}) { clientMutationId } }", as: Self.bob
        )
          .hasPrefix("PERMISSION_DENIED"))
      let unassign = "mutation { bulkUnassignWorkItems(input: {workItems: [\"\(work)\"]}) { count } }"
      #expect(await fixture.refusal(unassign, as: Self.eve).hasPrefix("PERMISSION_DENIED"))
      #expect(try await fixture.ask(unassign, as: Self.bob)["bulkUnassignWorkItems"]?["count"] == 1)
      let assign = "mutation { bulkAssignWorkItems(input: {workItems: [\"\(work)\"], users: [\"ann\"]}) { count } }"
      #expect(await fixture.refusal(assign, as: Self.ann).hasPrefix("PERMISSION_DENIED"))
      try await fixture.ask(assign, as: Self.bob)
      try await Self.run(fixture, "startWorkItem", work)
      try await Self.run(fixture, "completeWorkItem", work)
    }
  }

  @Test("artifacts are set with cases and items, read from both, and the log tells them")
  func artifacts() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "SIMPLE", "edges: [{target: \"b\"}]")
      try await Self.node(fixture, "b", "SIMPLE")
      try await Self.workflow(fixture, "a")
      _ = try await Self.start(fixture, ", artifacts: [{name: \"order\", type: \"Order\", key: \"17\"}]")
      let id = try await fixture.database.query("select id::text from cases").text(0, 0)
      let a = try await Self.id(fixture, "a")
      let letter = "{name: \"let\\\"ter\", type: \"Page\", url: \"https://example.com/1\"}"
      let completed = try await fixture.ask(
        "mutation { completeWorkItem(input: {id: \"\(a)\", artifacts: "
          + "[\(letter)]}) { workItem { status artifacts { name type key url } case { artifacts { name key url } } } "
          + "} }"
      )
      let item = completed["completeWorkItem"]?["workItem"]
      #expect(item?["status"]?.text == "COMPLETED")
      #expect(
        item?["artifacts"]?.json == #"[{"name":"let\"ter","type":"Page","key":null,"url":"https://example.com/1"}]"#)
      #expect(item?["case"]?["artifacts"]?.json == #"[{"name":"order","key":"17","url":null}]"#)
      let saved = try await fixture.ask(
        "mutation { saveCase(input: {id: \"\(id)\", workflow: \"flow\", artifacts: "
          + "[]}) { case { artifacts { name } } } }"
      )
      #expect(saved["saveCase"]?["case"]?["artifacts"] == .array([]))
      let refusal = await fixture.refusal(
        "mutation { saveWorkItem(input: {workItem: \"\(a)\", artifacts: [{name: \"x\", type: "
          + "\"X\"}]}) { clientMutationId } }"
      )
      #expect(refusal == "INVALID_INPUT: The artifact `x` has neither a key nor a URL.")
      let folded = try await fixture.database.transaction { try await FoldCheck.run(in: $0) }
      #expect(folded.families == 1 && folded.count == 0, "\(folded.subjects)")
    }
  }

  @Test("a bulk mutation tells what became of each item, and with allOrNone: false does what it can")
  func bulk() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "work", "SIMPLE", "management: {users: [\"bob\"]}")
      try await Self.node(fixture, "other", "SIMPLE")
      try await Self.workflow(fixture, "work")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"flow\", name: \"Flow\", startTasks: "
          + "[\"work\", \"other\"]}) { clientMutationId } }"
      )
      _ = try await Self.start(fixture)
      let work = try await Self.id(fixture, "work")
      let other = try await Self.id(fixture, "other")
      func assign(_ more: String, _ ids: [String]) -> String {
        let list = ids.map { "\"\($0)\"" }.joined(separator: ", ")
        return
          "mutation { bulkAssignWorkItems(input: {workItems: [\(list)], users: "
            + "[\"ann\"] \(more)}) { count results { isDone code reason workItem { id assignedUsers } } } }"
      }
      #expect(await fixture.refusal(assign("", [work, other]), as: Self.ann).hasPrefix("PERMISSION_DENIED"))
      let none = "00000000-0000-7000-8000-000000000000"
      let some = try await fixture.ask(assign(", allOrNone: false", [work, other, none]), as: Self.ann)[
        "bulkAssignWorkItems"]
      #expect(some?["count"] == 1)
      guard case .array(let results)? = some?["results"], results.count == 3 else {
        Issue.record("There are not three results.")
        return
      }
      #expect(results[0]["isDone"]?.isTrue == false && results[0]["code"]?.text == "PERMISSION_DENIED")
      #expect(results[0]["workItem"]?["id"]?.text == work && results[0]["workItem"]?["assignedUsers"] == .array([]))
      #expect(
        results[1]["isDone"]?.isTrue == true && results[1]["code"]?.isNull == true
          && results[1]["reason"]?.isNull == true)
      #expect(results[1]["workItem"]?["assignedUsers"] == .array([.string("ann")]))
      #expect(results[2]["code"]?.text == "NOT_FOUND" && results[2]["workItem"]?.isNull == true)
      let all = try await fixture.ask(
        "mutation { bulkUnassignWorkItems(input: {workItems: [\"\(other)\"]}) { count results { isDone workItem { id "
          + "} } } }",
        as: Self.bob)
      #expect(
        all["bulkUnassignWorkItems"]?["results"]?.json == "[{\"isDone\":true,\"workItem\":{\"id\":\"\(other)\"}}]")
    }
  }

  @Test("templates make the texts of items; one that is not closed is refused when it is saved")
  func templates() async throws {
    try await ServiceFixture.with { fixture in
      let refusal = await fixture.refusal(
        "mutation { saveNodeTask(input: {slug: \"a\", name: \"A\", type: SIMPLE, titleTemplate: "
          + "\"{{ x\"}) { clientMutationId } }"
      )
      #expect(refusal == "INVALID_INPUT: titleTemplate: A `{{` is not closed.")
      try await Self.node(
        fixture, "a", "SIMPLE",
        "titleTemplate: \"Order {{ data.n }}\", resultTemplate: \"{{ user }} has done it\", edges: [{target: \"b\"}]")
      try await Self.node(fixture, "b", "SIMPLE")
      try await Self.workflow(fixture, "a")
      _ = try await Self.start(fixture, ", data: \"{\\\"n\\\": 7}\"")
      let a = try await Self.id(fixture, "a")
      try await Self.run(fixture, "completeWorkItem", a)
      let item = try await fixture.ask("{ node(id: \"\(a)\") { ... on WorkItem { name description } } }")["node"]
      #expect(item?["name"]?.text == "Order 7" && item?["description"]?.text == "ann has done it")
    }
  }

  @Test("who asks what comes next gets their own item, then what they may take, then jobs; in a case, a workflow or all")
  func next() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(
        fixture, "split", "SPLIT",
        "edges: [{target: \"free\"}, {target: \"mine\"}, {target: \"job\"}, {target: \"sub\"}]")
      for slug in ["free", "mine", "inner"] { try await Self.node(fixture, slug, "SIMPLE") }
      try await Self.node(fixture, "job", "JOB", "handler: \"outside\", edges: [{target: \"end\"}]")
      try await Self.node(
        fixture, "sub", "MULTI_SUBPROCESS",
        "subprocess: {workflow: \"child\", items: \"[1, 2]\"}, edges: [{target: \"end\"}]")
      try await Self.node(fixture, "end", "END")
      try await fixture.ask(
        "mutation { saveWorkflow(input: {slug: \"child\", name: \"Child\", startTasks: "
          + "[\"inner\"]}) { clientMutationId } }"
      )
      try await Self.workflow(fixture, "split")
      let main = try await Self.start(fixture)["id"]?.text ?? ""
      let mine = try await Self.id(fixture, "mine")
      try await Self.run(fixture, "assignWorkItem", mine, ", users: [\"ann\"]")
      func next(_ id: String) async throws -> (task: String, id: String, case: String) {
        let found = try await fixture.ask(
          "{ nextWorkItem(case: \"\(id)\") { id task { slug } case { id } } }", as: Self.ann)["nextWorkItem"]
        return (found?["task"]?["slug"]?.text ?? "", found?["id"]?.text ?? "", found?["case"]?["id"]?.text ?? "")
      }
      func expect(_ task: String, in id: String) async throws {
        let found = try await next(id)
        #expect(found.task == task)
      }
      try await expect("mine", in: main)
      // Over all workflows, and in one: what is the caller's first, then what they may take, the oldest first.
      func anywhere(_ arguments: String, as user: User = Self.ann) async throws -> String {
        let found = try await fixture.ask("{ nextWorkItem\(arguments) { task { slug } case { workflow { slug } } } }", as: user)["nextWorkItem"]
        guard found?.isNull == false else { return "" }
        return (found?["case"]?["workflow"]?["slug"]?.text ?? "") + "/" + (found?["task"]?["slug"]?.text ?? "")
      }
      let workflow = "flow"
      let first = try await (all: anywhere(""), main: anywhere("(workflow: \"\(workflow)\")"), child: anywhere("(workflow: \"child\")"))
      #expect(first == ("\(workflow)/mine", "\(workflow)/mine", "child/inner"))
      let others = try await (bob: anywhere("", as: Self.bob), none: anywhere("(workflow: \"none\")"), nobody: anywhere("", as: User()))
      #expect(others == ("\(workflow)/free", "", ""))
      let both = await fixture.text("{ nextWorkItem(case: \"\(main)\", workflow: \"child\") { id } }", as: Self.ann)
      #expect(both.contains("INVALID_INPUT") && both.contains("not in both"))
      try await Self.run(fixture, "completeWorkItem", mine)
      try await expect("free", in: main)
      let second = try await anywhere("")
      #expect(second == "\(workflow)/free")
      // Of a child case its own comes first, then its parent's, then its sibling's.
      let cases = try await fixture.ask(
        "{ allCases(order: [{attribute: CREATED_AT, direction: ASC}]) { edges { node { id workflow { slug } } } } }")
      let child = Self.nodes(cases["allCases"]).first { $0["workflow"]?["slug"]?.text == "child" }?["id"]?.text ?? ""
      let own = try await next(child)
      #expect(own.task == "inner" && own.case == child)
      try await Self.run(fixture, "completeWorkItem", own.id)
      try await expect("free", in: child)
      try await Self.run(fixture, "completeWorkItem", try await Self.id(fixture, "free"))
      try await expect("job", in: main)
      try await expect("job", in: child)
      try await Self.run(fixture, "cancelWorkItem", try await Self.id(fixture, "job"))
      let sibling = try await next(child)
      #expect(sibling.task == "inner" && sibling.case != child)
      let below = try await next(main)
      #expect(below.id == sibling.id)
      // One more case, for as long as the others are not done.
      let added = try await fixture.ask(
        "mutation { addSubprocessItem(input: {workItem: \"\(try await Self.id(fixture, "sub"))\", element: \"{\\\"n\\\": 3}\"}) { case { status data workflow { slug } } } }"
      )
      #expect(added["addSubprocessItem"]?["case"]?["workflow"]?["slug"]?.text == "child")
      #expect(added["addSubprocessItem"]?["case"]?["data"]?["n"] == 3)
    }
  }

  @Test("VF-95 an item that is asked for as one of another workflow is not found")
  func foreignItem() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "SIMPLE")
      try await fixture.ask("mutation { saveWorkflow(input: {slug: \"other\", name: \"Other\", startTasks: [\"a\"]}) { clientMutationId } }")
      try await Self.workflow(fixture, "a")
      _ = try await Self.start(fixture)
      let item = try await Self.id(fixture, "a")
      for (workflow, count) in [("flow", "1"), ("other", "0")] {
        let found = try await fixture.ask("{ allWorkItems(filter: [{id: \"\(item)\", workflow: \"\(workflow)\"}]) { totalCount } }")
        #expect(found["allWorkItems"]?["totalCount"]?.json == count)
      }
    }
  }

  @Test("undo with reopen has a completed case go on from the item")
  func reopen() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "SIMPLE", "edges: [{target: \"end\"}]")
      try await Self.node(fixture, "end", "END")
      try await Self.workflow(fixture, "a")
      _ = try await Self.start(fixture)
      let a = try await Self.id(fixture, "a")
      try await Self.run(fixture, "completeWorkItem", a)
      let undone = try await fixture.ask(
        "mutation { undoWorkItem(input: {id: \"\(a)\", cascade: true, reopen: "
          + "true}) { workItem { id status closedAt case { status closedAt } } } }"
      )
      let item = undone["undoWorkItem"]?["workItem"]
      #expect(item?["id"]?.text == a && item?["status"]?.text == "READY" && item?["closedAt"]?.isNull == true)
      #expect(item?["case"]?["status"]?.text == "RUNNING" && item?["case"]?["closedAt"]?.isNull == true)
      try await Self.run(fixture, "completeWorkItem", a)
    }
  }

  @Test("undo takes back what followed, revive makes a copy")
  func undo() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "SIMPLE", "edges: [{target: \"b\"}]")
      try await Self.node(fixture, "b", "SIMPLE", "edges: [{target: \"end\"}]")
      try await Self.node(fixture, "end", "END")
      try await Self.workflow(fixture, "a")
      _ = try await Self.start(fixture)
      let a = try await Self.id(fixture, "a")
      try await Self.run(fixture, "completeWorkItem", a)
      try await Self.run(fixture, "completeWorkItem", try await Self.id(fixture, "b"))
      let undo = "mutation { undoWorkItem(input: {id: \"\(try await Self.id(fixture, "b"))\"}) { clientMutationId } }"
      #expect(await fixture.refusal(undo).hasPrefix("INVALID_STATE: What followed has to be undone"))
      let plan = try await fixture.ask("{ node(id: \"\(a)\") { ... on WorkItem { undoPlan } } }")
      guard case .array(let steps)? = plan["node"]?["undoPlan"] else { return }
      #expect(steps.count == 3 && steps.last?.text == a)
      try await Self.run(fixture, "undoWorkItem", try await Self.id(fixture, "b"), "cascade: true")
      #expect(try await Self.item(fixture, "end")["closedReason"]?.text == "UNDONE")
      let revived = try await fixture.ask(
        "mutation { reviveWorkItem(input: {id: \"\(try await Self.id(fixture, "b"))\"}) { workItem { status iteration revivedFrom { closedReason } } } }"
      )
      let copy = revived["reviveWorkItem"]?["workItem"]
      #expect(copy?["status"]?.text == "READY" && copy?["iteration"] == 1)
      #expect(copy?["revivedFrom"]?["closedReason"]?.text == "REVIVED")
    }
  }

  @Test("a pinned case keeps to its version until it is migrated")
  func versions() async throws {
    try await ServiceFixture.with { fixture in
      try await Self.node(fixture, "a", "SIMPLE", "edges: [{target: \"b\"}]")
      try await Self.node(fixture, "b", "SIMPLE")
      try await Self.node(fixture, "c", "SIMPLE")
      try await Self.workflow(fixture, "a", "versioning: PINNED")
      let publish = "mutation { publishWorkflow(input: {workflow: \"flow\"}) { number workflow { publishedVersion } } }"
      #expect(try await fixture.ask(publish)["publishWorkflow"]?["number"] == 1)
      #expect(try await fixture.ask(publish)["publishWorkflow"]?["number"] == 1)
      _ = try await Self.start(fixture)
      try await Self.node(fixture, "a", "SIMPLE", "edges: [{target: \"c\"}]")
      #expect(try await fixture.ask(publish)["publishWorkflow"]?["number"] == 2)
      try await Self.run(fixture, "completeWorkItem", try await Self.id(fixture, "a"))
      #expect(try await Self.item(fixture, "b")["status"]?.text == "READY")
      #expect(try await Self.item(fixture, "c")["id"] == nil)
      let migrate =
        "mutation { migrateCases(input: {workflow: \"flow\", from: 1, to: 2, dryRun: DRY, mapping: "
          + "\"{}\"}) { report } }"
      let dry = try await fixture.ask(migrate.replacing("DRY", with: "true"))
      #expect(dry["migrateCases"]?["report"]?["unmapped"]?["b"] == 1)
      // What an item cannot go on as is refused, in a dry run as well, and nothing has happened.
      try await Self.node(fixture, "e", "END")
      for (mapping, word) in [("zzz", "no task `zzz`"), ("b", "no task `b`"), ("e", "no task `e`")] {
        for dry in ["true", "false"] {
          let text = "\"{\\\"b\\\": \\\"\(mapping)\\\"}\"}) { report } }"
          let refused = await fixture.refusal(migrate.replacing("DRY", with: dry).replacing("\"{}\"}) { report } }", with: text))
          #expect(refused.hasPrefix("INVALID_INPUT: mapping:") && refused.contains(word), "\(refused)")
        }
      }
      let live = "mutation { migrateCases(input: {workflow: \"flow\", from: 1, mapping: \"{\\\"b\\\": \\\"e\\\"}\"}) { report } }"
      #expect(await fixture.refusal(live).contains("of the type simple, cannot go on as `e`, of the type end"))
      #expect(try await Self.item(fixture, "b")["status"]?.text == "READY")
      try await fixture.ask(migrate.replacing("DRY", with: "false"))
      let b = try await Self.id(fixture, "b")
      let offers = try await Self.offers(fixture, b, as: Self.ann)
      #expect(offers["cancel"] == true && offers["complete"] == false && offers["skip"] == false && offers["assign"] == false)
      let obsolete = await fixture.refusal("mutation { completeWorkItem(input: {id: \"\(b)\"}) { clientMutationId } }")
      #expect(obsolete.contains("obsolete in the version of the case"))
      #expect(try await Self.item(fixture, "b")["task"]?["slug"]?.text == "b")
      try await Self.run(fixture, "cancelWorkItem", b)
      let cases = try await fixture.ask("{ allCases { edges { node { workflowVersion } } } }")
      #expect(Self.nodes(cases["allCases"]).first?["workflowVersion"] == 2)
    }
  }
}
