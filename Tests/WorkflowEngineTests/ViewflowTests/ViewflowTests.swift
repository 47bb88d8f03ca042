import Testing
import WorkflowEngine

/// The behaviours that Viewflow's own tests and samples show, by their numbers in our list: one test per number or
/// family of numbers, named after it. `CatalogueTests` holds that none is missing.
@Suite("Viewflow's behaviours")
struct ViewflowTests {
  // MARK: Start and end

  private static let straight = [node("s", .startFunction, "a") { $0.handler = "begin" }, node("a", .simple, "end"), node("end", .end)]

  private static func bench(_ start: String, _ nodes: [TaskDefinition]) -> Bench {
    var bench = Bench(start, nodes: nodes)
    for name in ["begin", "work", "undo", "create", "compensate"] { bench.handlers[name] = { _, _ in .done(HandlerResult()) } }
    bench.handlers["break"] = { _, _ in .failed(WorkItemFailure(code: "E1", message: "It is broken.")) }
    return bench
  }

  @Test("VF-01 VF-02 a start from code stores the case and its start item, with the data that it was given")
  func programmaticStart() throws {
    var bench = Self.bench("s", Self.straight)
    bench.handlers["begin"] = { _, _ in .done(HandlerResult(data: "42", caseData: "{\"n\": 42}")) }
    try bench.begin("{\"n\": 1}", trigger: "s")
    let start = bench.items("s")[0]
    #expect(start.status == .completed && start.closedAt != nil && start.activation.data == "42")
    #expect(start.previousWorkItem == nil && bench.items("a")[0].previousWorkItem == start.id)
    #expect(bench.state.case(bench.root)?.data == "{\"n\": 42}" && bench.calls == ["begin s"])
  }

  @Test("VF-03 a first handler that fails leaves no case")
  func failingStart() {
    var bench = Self.bench("s", Self.straight)
    bench.handlers["begin"] = bench.handlers["break"]
    #expect(bench.refusal(.startCase(StartCase(workflow: "main"))) == "It is broken.")
    #expect(bench.state.cases.isEmpty)
  }

  @Test("VF-04 start and end finish the case")
  func startToEnd() throws {
    var bench = Self.bench("s", [node("s", .startFunction, "end"), node("end", .end)])
    try bench.begin()
    #expect(bench.isComplete && bench.items("end")[0].closedAt != nil)
    #expect(bench.items("end")[0].previousWorkItem == bench.items("s")[0].id)
  }

  @Test("VF-05 VF-06 an end waits for the other branches")
  func endWaits() throws {
    var bench = Self.bench("p", [node("p", .split, "a", "b"), node("a", .simple, "end"), node("b", .simple, "end"), node("end", .end)])
    try bench.begin()
    try bench.done("a")
    #expect(!bench.isComplete && bench.count("end", .completed) == 1)
    try bench.done("b")
    #expect(bench.isComplete && bench.count("end") == 2)
  }

  @Test("VF-07 VF-08 who may start is asked")
  func startPermission() throws {
    var bench = Self.bench("s", [node("s", .startFunction, "a") { $0.permission = AccessRule(groups: ["staff"]) }, node("a")])
    bench.caller = Caller(user: "eve", group: "street")
    #expect(bench.refusal(.startCase(StartCase(workflow: "main")))?.contains("permission") == true)
    bench.caller = Caller()
    #expect(bench.refusal(.startCase(StartCase(workflow: "main")))?.contains("permission") == true)
    bench.caller = Caller(user: "ada", group: "staff")
    try bench.begin()
  }

  // MARK: Human tasks

  @Test("VF-10 a new item has nobody, and its create handler is called once")
  func newItem() throws {
    var bench = Self.bench("a", [node("a", .simple, "end") { $0.createHandler = "create" }, node("end", .end)])
    try bench.begin()
    #expect(bench.status("a") == .ready && bench.items("a")[0].assignedUsers.isEmpty && bench.calls == ["create a"])
  }

  @Test("VF-11 a manager can assign and cancel a new item")
  func managerTransitions() throws {
    var bench = Self.bench("a", [node("a") { $0.management = AccessRule(users: ["ada"]) }])
    try bench.begin()
    let allowed = Transition.offered.filter { bench.offer($0, "a").canProceed }
    #expect(allowed == [.assign, .claim, .prepare, .start, .complete, .skip, .cancel, .suspend])
    bench.caller = Caller(user: "bob")
    let others = Transition.offered.filter { bench.offer($0, "a").canProceed }
    #expect(others == [.claim, .prepare, .start, .complete])
  }

  @Test("VF-12 VF-13 only whom it is assigned to completes an exclusive item")
  func exclusive() throws {
    var bench = Self.bench("a", [node("a", .simple, "end") { $0.isExclusive = true }, node("end", .end)])
    try bench.begin()
    #expect(bench.refusal(.completeWorkItem(bench.item("a")))?.contains("assigned") == true)
    try bench.perform(.claimWorkItem(bench.item("a")))
    try bench.done("a")
    #expect(bench.isComplete)
  }

  @Test("VF-14 VF-15 unassign by the user or a manager, reassign by a manager")
  func reassign() throws {
    var bench = Self.bench("a", [node("a") { $0.management = AccessRule(users: ["boss"]) }])
    try bench.begin()
    try bench.perform(.claimWorkItem(bench.item("a")))
    bench.caller = Caller(user: "eve")
    #expect(bench.refusal(.unassignWorkItem(bench.item("a"))) != nil)
    #expect(bench.refusal(.reassignWorkItem(bench.item("a"), users: ["eve"])) != nil)
    bench.caller = Caller(user: "boss")
    try bench.perform(.reassignWorkItem(bench.item("a"), users: ["bob"]))
    #expect(bench.items("a")[0].assignedUsers == ["bob"] && bench.items("a")[0].activation.assignedAt != nil)
    bench.caller = Caller(user: "bob")
    try bench.perform(.unassignWorkItem(bench.item("a")))
    #expect(bench.items("a")[0].assignedUsers.isEmpty && bench.items("a")[0].activation.assignedAt == nil)
  }

  @Test("VF-16 an assignment gives a new item to its users")
  func autoAssign() throws {
    var bench = Self.bench(
      "a", [node("a", .simple, "b") { $0.assignment = .users(["bob"]) }, node("b") { $0.assignment = .expression("data.who") }])
    try bench.begin("{\"who\": [\"ida\", \"jim\"]}")
    #expect(bench.items("a")[0].assignedUsers == ["bob"] && bench.items("a")[0].activation.assignedAt != nil)
    try bench.done("a")
    #expect(bench.items("b")[0].assignedUsers == ["ida", "jim"])
  }

  @Test("VF-17 a permission may be a closure or an expression")
  func permissionClosure() throws {
    var bench = Self.bench(
      "p",
      [
        node("p", .split, "a", "b"), node("a") { $0.permission = AccessRule(closure: "isAda") },
        node("b") { $0.permission = AccessRule(expression: "user == case.createdByUser") },
      ])
    try bench.begin()
    bench.caller = Caller(user: "bob")
    #expect(bench.refusal(.claimWorkItem(bench.item("a"))) != nil && bench.refusal(.claimWorkItem(bench.item("b"))) != nil)
    bench.caller = Caller(user: "ada")
    try bench.perform(.claimWorkItem(bench.item("a")))
    try bench.perform(.claimWorkItem(bench.item("b")))
  }

  @Test("VF-18 who can claim: not with an owner, not anonymous, not without permission")
  func claimMatrix() throws {
    var bench = Self.bench("a", [node("a") { $0.permission = AccessRule(users: ["ada", "bob"]) }])
    try bench.begin()
    func offers(_ user: String?) -> EngineError.Code? {
      bench.caller = Caller(user: user)
      return bench.offer(.claim, "a").refusal?.code
    }
    #expect(offers(nil) == .permission)
    #expect(offers("eve") == .permission)
    #expect(offers("bob") == nil)
    bench.caller = Caller(user: "ada")
    try bench.perform(.claimWorkItem(bench.item("a")))
    #expect(offers("bob") == .assigned)
  }

  // MARK: Functions and handles

  private static let call = [node("c", .catchCall, "end"), node("end", .end)]

  @Test("VF-20 VF-23 what is called goes on once")
  func catchCall() throws {
    var bench = Self.bench("c", Self.call)
    try bench.begin()
    #expect(bench.status("c") == .waiting)
    try bench.perform(.deliver(Delivery(to: bench.item("c"), payload: "[1]")))
    #expect(bench.isComplete && bench.items("c")[0].activation.data == "[1]")
    #expect(bench.refusal(.deliver(Delivery(to: bench.item("c")))) != nil)
  }

  @Test("VF-21 a call that fails leaves the item waiting")
  func failingCall() throws {
    var bench = Self.bench("c", [node("c", .catchCall, "h"), node("h", .handler, "end") { $0.handler = "break" }, node("end", .end)])
    try bench.begin()
    #expect(bench.refusal(.deliver(Delivery(to: bench.item("c")))) == "It is broken.")
    #expect(bench.status("c") == .waiting && bench.count("h") == 0)
  }

  static let background = [
    node("j", .job, "h") { $0.handler = "work" }, node("h", .handler, "end") { $0.handler = "break" }, node("end", .end),
  ]

  @Test("VF-22 VF-24 in the background a failure is the item's error, which can be tried again")
  func backgroundFailure() throws {
    var bench = Self.bench("j", Self.background)
    try bench.begin()
    try bench.perform(.startJob(bench.item("j")))
    try bench.perform(.finishJob(bench.item("j"), HandlerResult()))
    #expect(bench.status("j") == .completed && bench.status("h") == .error && !bench.isComplete)
    #expect(bench.items("h")[0].activation.lastError == WorkItemFailure(code: "E1", message: "It is broken."))
    #expect(bench.events.suffix(2) == ["pre_fail_work_item h", "post_fail_work_item h"])
    #expect(bench.refusal(.retryWorkItem(bench.item("h"))) == "It is broken.")
    bench.handlers["break"] = { _, _ in .done(HandlerResult()) }
    try bench.perform(.retryWorkItem(bench.item("h")))
    #expect(bench.isComplete)
  }

  // MARK: Gates

  @Test("VF-30 if", arguments: [("true", "b"), ("false", "c")])
  func ifElse(value: String, task: String) throws {
    var bench = Self.bench("i", [node("i", .if, edges: [.when("data.v", "b"), .otherwise("c")])])
    try bench.begin("{\"v\": \(value)}")
    #expect(bench.ready == [task])
  }

  @Test("VF-31 switch: the first case wins, the default's place does not matter, nothing is an error")
  func switchCases() throws {
    let cases: [EdgeDefinition] = [.otherwise("d"), .when("data.v > 1", "b"), .when("data.v > 0", "c")]
    for (value, task) in [(2, "b"), (1, "c"), (0, "d")] {
      var bench = Self.bench("i", [node("i", .switch, edges: cases)])
      try bench.begin("{\"v\": \(value)}")
      #expect(bench.ready == [task])
    }
    var bench = Self.bench("i", [node("i", .switch, edges: [.when("data.v", "b")])])
    #expect(bench.refusal(.startCase(StartCase(workflow: "main"))) != nil)
  }

  @Test("VF-32 VF-33 split: conditions, always, and the error without a branch")
  func split() throws {
    let edges: [EdgeDefinition] = [EdgeDefinition("a"), .when("data.b", "b"), .when("data.c", "c")]
    var bench = Self.bench("p", [node("p", .split, edges: edges)])
    try bench.begin("{\"c\": true}")
    #expect(bench.ready == ["a", "c"])
    var none = Self.bench("p", [node("p", .split, edges: Array(edges.dropFirst()))])
    #expect(none.refusal(.startCase(StartCase(workflow: "main"))) != nil)
  }

  @Test("VF-34 VF-35 split first: the first one wins, started siblings too are let go")
  func splitFirst() throws {
    var bench = Self.bench(
      "f", [node("f", .splitFirst, "a", "b"), node("a", .simple, "end"), node("b", .simple, "end"), node("end", .end)])
    try bench.begin()
    try bench.perform(.startWorkItem(bench.item("b")))
    #expect(bench.status("f") == .running)
    try bench.done("a")
    #expect(bench.isComplete && bench.status("b") == .canceled && bench.status("f") == .completed)
  }

  @Test("VF-36 a timer against a person: whoever is first")
  func deferredChoice() throws {
    let nodes = [
      node("f", .splitFirst, "t", "a"), node("t", .timer, "late") { $0.delay = .seconds(60) }, node("a", .simple, "end"),
      node("end", .end), node("late"),
    ]
    var human = Self.bench("f", nodes)
    try human.begin()
    #expect(human.scheduled.count == 1)
    try human.done("a")
    #expect(human.isComplete && human.scheduled.isEmpty)
    var timer = Self.bench("f", nodes)
    try timer.begin()
    try timer.perform(.fireTimer(timer.item("t")))
    #expect(timer.ready == ["late"] && timer.status("a") == .canceled)
  }

  // MARK: Joins

  private static let fork = [
    node("p", .split, "a", "b"), node("a", .simple, "j"), node("b", .simple, "j"), node("j", .join, "end"), node("end", .end),
  ]

  @Test("VF-40 VF-41 a join waits, then the case ends")
  func join() throws {
    var bench = Self.bench("p", Self.fork)
    try bench.begin()
    try bench.done("a")
    #expect(bench.status("j") == .waiting)
    try bench.done("b")
    #expect(bench.isComplete && bench.state.workItems.count == 5)
    #expect(bench.items("j")[0].activation.predecessors == [bench.item("a"), bench.item("b")])
    var handlers = Self.bench(
      "p", Self.fork.map { $0.slug == "a" || $0.slug == "b" ? node($0.slug, .handler, "j") { $0.handler = "work" } : $0 })
    try handlers.begin()
    #expect(handlers.isComplete && handlers.count("j") == 1)
  }

  @Test("VF-42 a join without the branch that was canceled before")
  func canceledBranch() throws {
    var bench = Self.bench("p", Self.fork)
    try bench.begin()
    try bench.perform(.cancelWorkItem(bench.item("a")))
    try bench.done("b")
    #expect(bench.isComplete)
  }

  @Test("VF-43 VF-44 two of three are enough; the third one is let go, also when somebody has begun")
  func partialJoin() throws {
    var bench = Self.bench(
      "p",
      [
        node("p", .split, "a", "b", "c"), node("a", .simple, "j"), node("b", .simple, "j"), node("c", .simple, "j"),
        node("j", .join, "end") { $0.join = JoinPolicy(.count("2"), remaining: .cancel) }, node("end", .end),
      ])
    try bench.begin()
    try bench.perform(.startWorkItem(bench.item("c")))
    try bench.done("a", "b")
    #expect(bench.isComplete && bench.status("c") == .canceled)
  }

  private static let failingJoin = [
    node("p", .split, "a", "b"), node("a", .simple, "j"), node("b", .job, "j") { $0.handler = "work" },
    node("j", .join, "end") { $0.join = JoinPolicy(.count("nobody.knows")) }, node("end", .end),
  ]

  @Test("VF-45 VF-46 a join whose condition fails: an error in the background, a refusal for who asks")
  func failingCondition() throws {
    var bench = Self.bench("p", Self.failingJoin)
    try bench.begin()
    try bench.perform(.startJob(bench.item("b")))
    try bench.perform(.finishJob(bench.item("b"), HandlerResult()))
    #expect(bench.status("j") == .error && bench.status("b") == .completed && bench.count("end") == 0)
    var asked = Self.bench("p", Self.failingJoin)
    try asked.begin()
    #expect(asked.refusal(.completeWorkItem(asked.item("a"))) != nil)
    #expect(asked.status("a") == .ready)
  }

  @Test("VF-47 a join whose branches are all gone goes, too")
  func emptyJoin() throws {
    var bench = Self.bench("p", Self.fork)
    try bench.begin()
    try bench.done("a")
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: false))
    try bench.perform(.cancelWorkItem(bench.item("b")))
    #expect(bench.status("j") == .canceled && bench.open.isEmpty)
  }

  @Test("VF-48 VF-49 without a join what follows runs once per branch; the number of branches may be any")
  func multiMerge() throws {
    for count in [0, 1, 3] {
      var bench = Self.bench(
        "p",
        [
          node("p", .split, edges: [.each("data.list", "h"), .otherwise("none")]), node("h", .handler, "end") { $0.handler = "work" },
          node("none", .end), node("end", .end),
        ])
      try bench.begin("{\"list\": [\((0..<count).map(String.init).joined(separator: ","))]}")
      #expect(bench.isComplete && bench.count("end") == count && bench.count("none") == (count == 0 ? 1 : 0))
    }
  }

  // MARK: Tokens

  @Test("VF-50 VF-51 VF-52 VF-53 tokens are paths, and a join goes on with the common part")
  func tokens() throws {
    var bench = Self.bench(
      "o",
      [
        node("o", .split, "i", "c"), node("i", .split, "a", "b"), node("a", .simple, "j"), node("b", .simple, "j"),
        node("j", .join, "d"), node("d", .simple, "k"), node("c", .simple, "k"), node("k", .join, "e"), node("e"),
      ])
    try bench.begin()
    func token(_ task: String) -> [Int64] { bench.items(task).last?.activation.token ?? [] }
    #expect(token("o") == [] && token("i") == [1, 1] && token("c") == [1, 2])
    #expect(token("a") == [1, 1, 2, 1] && token("b") == [1, 1, 2, 2])
    try bench.done("a", "b")
    #expect(token("j") == [1, 1, 2] && token("d") == [1, 1])
    try bench.done("c", "d")
    #expect(token("k") == [1] && token("e") == [])
    var direct = Self.bench("p", [node("p", .split, "j", "j"), node("j", .join, "e"), node("e")])
    try direct.begin()
    #expect(direct.ready == ["e"] && direct.count("j") == 1)
  }

  // MARK: Undo and revive

  @Test("VF-60 a flow of two branches is taken back to its start: the case is canceled")
  func undoWhole() throws {
    var bench = Self.bench("s", [node("s", .startFunction, "p")] + Self.fork)
    try bench.begin()
    try bench.done("a", "b")
    #expect(bench.isComplete)
    for task in ["end", "j", "b", "a", "p", "s"] {
      try bench.perform(.undoWorkItem(bench.item(task), cascade: false))
    }
    #expect(bench.caseStatus == .canceled && bench.state.case(bench.root)?.closedAt != nil)
  }

  @Test("VF-60 cascade takes back all at once, the last first, with the undo handlers")
  func cascade() throws {
    let nodes = [
      node("a", .simple, "h") { $0.undoHandler = "undo" }, node("h", .handler, "b") { $0.handler = "work"; $0.undoHandler = "undo" },
      node("b", .simple, "end"), node("end", .end),
    ]
    var bench = Self.bench("a", nodes)
    try bench.begin()
    try bench.done("a")
    #expect(bench.refusal(.undoWorkItem(bench.item("a"), cascade: false))?.contains("h") == true)
    let plan = bench.execution(.cancelCase(bench.root)).undoPlan(bench.item("a"))
    #expect(plan == [bench.item("b"), bench.item("h"), bench.item("a")])
    bench.calls = []
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: true))
    #expect(bench.calls == ["undo h", "undo a"] && bench.caseStatus == .canceled)
  }

  @Test("VF-61 a call that was undone and revived ends the case")
  func reviveCall() throws {
    var bench = Self.bench("c", [node("s", .startFunction, "c")] + Self.call)
    bench.add("main", start: ["s"], [])
    try bench.begin()
    try bench.perform(.deliver(Delivery(to: bench.item("c"))))
    try bench.perform(.undoWorkItem(bench.item("end"), cascade: false))
    try bench.perform(.undoWorkItem(bench.item("c"), cascade: false))
    try bench.perform(.reviveWorkItem(bench.item("c")))
    #expect(bench.count("c") == 2 && bench.status("c") == .waiting)
    try bench.perform(.deliver(Delivery(to: bench.item("c"))))
    #expect(bench.isComplete)
  }

  @Test("VF-62 an undone end opens the case, a revived one closes it")
  func undoEnd() throws {
    var bench = Self.bench("s", [node("s", .startFunction, "end"), node("end", .end)])
    try bench.begin()
    try bench.perform(.undoWorkItem(bench.item("end"), cascade: false))
    #expect(bench.caseStatus == .running && bench.state.case(bench.root)?.closedAt == nil)
    try bench.perform(.reviveWorkItem(bench.item("end")))
    #expect(bench.isComplete && bench.count("end") == 2)
  }

  @Test("undo reopens in place: a completed case goes on from the item, which is new again")
  func reopen() throws {
    var bench = Self.bench(
      "a",
      [
        node("a", .simple, "b") {
          $0.assignment = .users(["ida"])
          $0.undoHandler = "undo"
          $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60))]
        }, node("b", .simple, "end"), node("late"), node("end", .end),
      ])
    try bench.begin()
    try bench.perform(.reassignWorkItem(bench.item("a"), users: ["ada"]))
    try bench.perform(.startWorkItem(bench.item("a")))
    try bench.done("a", "b")
    #expect(bench.isComplete && bench.scheduled.isEmpty)
    let first = bench.items("a")[0]
    #expect(bench.refusal(.undoWorkItem(first.id, reopen: true))?.contains("What followed") == true)
    try bench.perform(.undoWorkItem(first.id, cascade: true, reopen: true))
    #expect(bench.caseStatus == .running && bench.ready == ["a"] && bench.reason("end") == .undone && bench.reason("b") == .undone)
    #expect(bench.calls == ["undo a"] && bench.count("a") == 1 && bench.scheduled.count == 1)
    #expect(
      bench.events.filter { $0.hasPrefix("post_") } == [
        "post_reopen_case main", "post_undo_work_item end", "post_undo_work_item b", "post_undo_work_item a",
        "post_create_work_item a__timeout", "post_advance_work_item a__timeout",
      ])
    let again = bench.items("a")[0]
    #expect(again.id == first.id && again.assignedUsers == ["ida"] && again.closedAt == nil && again.closedByUser == nil)
    #expect(again.activation.startedAt == nil && again.activation.closedReason == nil)
    try bench.done("a", "b")
    #expect(bench.isComplete && bench.count("end") == 2 && bench.scheduled.isEmpty)
  }

  @Test("a start that is reopened keeps its case; what runs by itself runs again, with what has changed meanwhile")
  func reopenAutomatic() throws {
    var bench = Self.bench(
      "s",
      [
        node("s", .startFunction, "i") { $0.handler = "begin" }, node("i", .if, edges: [.when("data.v", "a"), .otherwise("t")]),
        node("a", .simple, "end"), node("t", .timer, "w") { $0.delay = .seconds(60) },
        node("w", .job, "c") { $0.handler = "x" }, node("c", .catchCall, "end"), node("end", .end),
      ])
    try bench.begin("{\"v\": true}", trigger: "s")
    #expect(bench.ready == ["a"])
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{}")))
    try bench.perform(.undoWorkItem(bench.item("i"), cascade: true, reopen: true))
    #expect(bench.open == ["t"] && bench.status("a") == .canceled && bench.count("i") == 1)
    try bench.perform(.fireTimer(bench.item("t")))
    try bench.perform(.startJob(bench.item("w")))
    try bench.perform(.finishJob(bench.item("w"), HandlerResult()))
    try bench.perform(.deliver(Delivery(to: bench.item("c"))))
    #expect(bench.isComplete)
    try bench.perform(.undoWorkItem(bench.item("c"), cascade: true, reopen: true))
    #expect(bench.status("c") == .waiting && bench.caseStatus == .running)
    try bench.perform(.undoWorkItem(bench.item("w"), cascade: true, reopen: true))
    #expect(bench.status("w") == .scheduled && bench.items("w")[0].activation.attempts == 0)
    try bench.perform(.undoWorkItem(bench.item("t"), cascade: true, reopen: true))
    #expect(bench.status("t") == .scheduled && bench.scheduled[bench.item("t")]?.dueAt == bench.now + 60_000_000)
    bench.calls = []
    try bench.perform(.undoWorkItem(bench.item("s"), cascade: true, reopen: true))
    #expect(bench.calls == ["begin s"] && bench.caseStatus == .running && bench.open == ["t"])
  }

  @Test("a reopened branch comes to a join that still has the others, of nodes and of flows alike")
  func reopenBranch() throws {
    var bench = Self.bench("p", Self.fork.map { $0.slug == "j" ? node("j", .join, "end") { $0.join = JoinPolicy(.count("2")) } : $0 })
    try bench.begin()
    try bench.done("a", "b")
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: true, reopen: true))
    #expect(bench.ready == ["a"] && bench.status("b") == .completed && bench.status("j") == .canceled)
    try bench.done("a")
    #expect(bench.isComplete && Set(bench.items("j")[1].activation.predecessors) == [bench.item("a"), bench.item("b")])
    var plain = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try plain.start()
    for task in ["a", "b", "c"] { try plain.complete(task) }
    #expect(plain.isComplete)
    try plain.perform(.undoWorkItem(plain.item("b"), cascade: true, reopen: true))
    #expect(plain.ready == ["b"] && plain.items("a")[0].isJoined == false && plain.caseStatus == .running)
    try plain.complete("b")
    #expect(plain.ready == ["c"] && plain.count("c") == 2)
  }

  @Test("artifacts of cases and items are kept, told in the log, and go with a revived item; unfit ones are refused")
  func artifacts() throws {
    let order = Artifact(name: "order", type: "Order", key: "17")
    let letter = Artifact(name: "letter", type: "Page", url: "https://example.com/1")
    var bench = Self.bench("h", [node("h", .handler, "a") { $0.handler = "work" }, node("a", .simple, "b"), node("b")])
    bench.handlers["work"] = { _, _ in .done(HandlerResult(artifacts: [letter], caseArtifacts: [order])) }
    try bench.begin()
    #expect(bench.state.case(bench.root)?.artifacts == [order] && bench.items("h")[0].activation.artifacts == [letter])
    try bench.perform(.completeWorkItem(bench.item("a"), artifacts: [order]))
    #expect(bench.items("a")[0].activation.artifacts == [order])
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: true))
    try bench.perform(.reviveWorkItem(bench.item("a")))
    #expect(bench.items("a")[1].activation.artifacts == [order])
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", artifacts: [letter, order])))
    #expect(bench.state.case(bench.root)?.artifacts == [letter, order])
    for (unfit, reason) in [
      ([order, order], "Two artifacts"), ([Artifact(name: "x", type: "X")], "neither a key nor a URL"),
      ([Artifact(name: "", type: "X", key: "1")], "a name and a type"), (Array(repeating: order, count: 101), "at most 100"),
    ] {
      #expect(bench.refusal(.saveWorkItem(SaveWorkItem(id: bench.item("a"), artifacts: unfit)))?.contains(reason) == true)
      #expect(bench.refusal(.completeWorkItem(bench.item("a"), artifacts: unfit))?.contains(reason) == true)
    }
    // Without typed nodes, too.
    var plain = Bench(start: ["a"])
    try plain.start()
    try plain.perform(.saveWorkItem(SaveWorkItem(id: plain.item("a"), artifacts: [order])))
    try plain.perform(.completeWorkItem(plain.item("a"), artifacts: []))
    #expect(plain.isComplete && plain.items("a")[0].activation.artifacts == [])
  }

  @Test("an end is undone, not reopened: it would end again")
  func notReopened() throws {
    var bench = Self.parent { _ in }
    bench.add("child", start: ["inner"], [node("inner")])
    try bench.begin()
    try bench.done("inner")
    #expect(bench.refusal(.undoWorkItem(bench.item("end"), reopen: true))?.contains("An end") == true)
    #expect(bench.isComplete)
  }

  @Test("VF-63 a join is revived after it was undone")
  func reviveJoin() throws {
    var bench = Self.bench("p", Self.fork)
    try bench.begin()
    try bench.done("a", "b")
    try bench.perform(.undoWorkItem(bench.item("end"), cascade: false))
    try bench.perform(.undoWorkItem(bench.item("j"), cascade: false))
    try bench.perform(.reviveWorkItem(bench.item("j")))
    #expect(bench.isComplete && bench.count("j") == 2)
  }

  @Test("VF-64 VF-65 a revived split has its branches again, a revived if decides again")
  func reviveGates() throws {
    var bench = Self.bench("i", [node("i", .if, edges: [.when("data.v", "p"), .otherwise("q")]), node("q")] + Self.fork)
    try bench.begin("{\"v\": true}")
    try bench.perform(.undoWorkItem(bench.item("p"), cascade: true))
    #expect(bench.open.isEmpty)
    try bench.perform(.reviveWorkItem(bench.item("p")))
    #expect(bench.ready == ["a", "b"])
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{}")))
    try bench.perform(.undoWorkItem(bench.item("i"), cascade: true))
    #expect(bench.caseStatus == .canceled)
  }

  @Test("VF-66 undo, revive, cancel, undo of the start")
  func undoReviveCancel() throws {
    var bench = Self.bench("s", [node("s", .startFunction, "a"), node("a", .simple, "b"), node("b")])
    try bench.begin()
    try bench.done("a")
    try bench.perform(.cancelWorkItem(bench.item("b")))
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: false))
    try bench.perform(.reviveWorkItem(bench.item("a")))
    try bench.perform(.cancelWorkItem(bench.item("a")))
    try bench.perform(.undoWorkItem(bench.item("s"), cascade: false))
    #expect(bench.caseStatus == .canceled)
  }

  // MARK: Cancel

  @Test("VF-70 VF-72 VF-74 canceling a case cancels all of its items, whatever their state, and only once")
  func cancelCase() throws {
    var bench = Self.bench(
      "p", [node("p", .split, "a", "j", "c"), node("a"), node("j", .job) { $0.handler = "work" }, node("c", .catchCall)])
    try bench.begin()
    try bench.perform(.startWorkItem(bench.item("a")))
    try bench.perform(.startJob(bench.item("j")))
    try bench.perform(.cancelCase(bench.root))
    #expect(bench.open.isEmpty && bench.count("a", .canceled) == 1 && bench.count("j", .canceled) == 1)
    #expect(bench.refusal(.cancelCase(bench.root)) == "Only running or suspended cases can be canceled.")
  }

  // MARK: Jobs

  @Test("VF-101 VF-102 a canceled job is not begun")
  func canceledJob() throws {
    var bench = Self.bench("j", Self.background)
    try bench.begin()
    #expect(bench.scheduled[bench.item("j")]?.handler == "work" && bench.status("j") == .scheduled)
    try bench.perform(.cancelWorkItem(bench.item("j")))
    #expect(bench.scheduled.isEmpty)
    #expect(bench.refusal(.startJob(bench.item("j"))) != nil)
    #expect(bench.refusal(.startJob(EntityID(high: 7, low: 7))) == "No WorkItem matches the given query.")
  }

  @Test("VF-103 VF-104 a failed job is tried again as its policy says, then is an error; a lost one can be begun again")
  func failingJob() throws {
    var bench = Self.bench(
      "j", [node("j", .job, "end") { $0.handler = "work"; $0.retry = RetryPolicy(maximumAttempts: 3, backOff: 10) }, node("end", .end)])
    try bench.begin()
    for pause in [10, 20] {
      try bench.perform(.startJob(bench.item("j")))
      try bench.perform(.startJob(bench.item("j")))
      try bench.perform(.failJob(bench.item("j"), WorkItemFailure(code: "NET", message: "down")))
      if bench.status("j") == .error { break }
      #expect(bench.status("j") == .scheduled && (bench.scheduled[bench.item("j")]?.dueAt ?? 0) >= bench.now + Int64(pause) * 1_000_000)
    }
    #expect(bench.status("j") == .error && bench.items("j")[0].activation.attempts == 4)
    try bench.perform(.retryWorkItem(bench.item("j")))
    #expect(bench.status("j") == .scheduled && bench.items("j")[0].activation.attempts == 0)
  }

  @Test("VF-105 what fails behind a job does not fail the job")
  func behindJob() throws {
    var bench = Self.bench("j", Self.background)
    try bench.begin()
    try bench.perform(.startJob(bench.item("j")))
    try bench.perform(.finishJob(bench.item("j"), HandlerResult(data: "1")))
    #expect(bench.status("j") == .completed && bench.status("h") == .error)
  }

  @Test("VF-106 a job is undone, canceled and revived")
  func reviveJob() throws {
    var bench = Self.bench("a", [node("a", .simple, "j"), node("j", .job, "end") { $0.handler = "work" }, node("end", .end)])
    try bench.begin()
    try bench.done("a")
    try bench.perform(.startJob(bench.item("j")))
    try bench.perform(.failJob(bench.item("j"), WorkItemFailure(message: "no")))
    let failed = bench.item("j")
    try bench.perform(.reviveWorkItem(failed))
    #expect(bench.state.workItem(failed)?.activation.closedReason == .revived)
    #expect(bench.status("j") == .scheduled && bench.scheduled.keys.contains(bench.item("j")))
    try bench.perform(.startJob(bench.item("j")))
    try bench.perform(.finishJob(bench.item("j"), HandlerResult()))
    try bench.perform(.undoWorkItem(bench.item("j"), cascade: true))
    #expect(bench.reason("j") == .undone && bench.caseStatus == .running)
  }

  // MARK: Timers and events

  @Test("VF-120 VF-121 a timer fires once, and a job's command is not a timer's")
  func timer() throws {
    var bench = Self.bench("t", [node("t", .timer, "end") { $0.delay = .seconds(60) }, node("end", .end)])
    try bench.begin()
    let timer = bench.item("t")
    #expect(bench.scheduled[timer]?.dueAt == bench.now + 60_000_000 && bench.status("t") == .scheduled)
    #expect(bench.refusal(.startJob(timer)) != nil)
    try bench.perform(.fireTimer(timer))
    #expect(bench.isComplete && bench.scheduled.isEmpty)
    #expect(bench.refusal(.fireTimer(timer)) != nil)
  }

  private static func boundary(_ isInterrupting: Bool) -> [TaskDefinition] {
    [
      node("a", .simple, "end") {
        $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60), isInterrupting: isInterrupting)]
      }, node("late", .simple, "end"), node("end", .end),
    ]
  }

  @Test("VF-122 a boundary's timer, interrupting or not", arguments: [true, false])
  func boundaryTimer(isInterrupting: Bool) throws {
    var bench = Self.bench("a", Self.boundary(isInterrupting))
    try bench.begin()
    try bench.perform(.fireTimer(bench.item("a__timeout")))
    #expect(bench.ready == (isInterrupting ? ["late"] : ["a", "late"]))
    if isInterrupting { #expect(bench.reason("a") == .boundary) } else { try bench.done("a") }
    try bench.done("late")
    #expect(bench.isComplete)
  }

  @Test("VF-123 who is done in time cancels the timer")
  func boundaryDone() throws {
    var bench = Self.bench("a", Self.boundary(true))
    try bench.begin()
    #expect(bench.scheduled.count == 1)
    let timer = bench.item("a__timeout")
    try bench.done("a")
    #expect(bench.isComplete && bench.scheduled.isEmpty && bench.reason("a__timeout") == .hostClosed)
    #expect(bench.refusal(.fireTimer(timer)) != nil)
  }

  @Test("VF-125 an error boundary, with and without its code; success leaves it alone", arguments: ["E1", "E2", nil])
  func errorBoundary(code: String?) throws {
    var bench = Self.bench(
      "h",
      [
        node("h", .handler, "end") {
          $0.handler = "break"
          $0.boundaries = [BoundaryDefinition(.error, target: "repair", errorCode: code)]
        }, node("repair"), node("end", .end),
      ])
    guard code != "E2" else {
      #expect(bench.refusal(.startCase(StartCase(workflow: "main"))) == "It is broken.")
      return
    }
    try bench.begin()
    #expect(bench.ready == ["repair"] && bench.reason("h") == .boundary)
    bench.handlers["break"] = { _, _ in .done(HandlerResult()) }
    bench.state = FamilyState()
    bench.log = []
    try bench.begin()
    #expect(bench.isComplete && bench.count("repair") == 0)
  }

  @Test("VF-126 VF-127 a terminate end and an error end stop the siblings", arguments: [TaskType.terminateEnd, .errorEnd])
  func stoppingEnds(type: TaskType) throws {
    var bench = Self.bench("p", [node("p", .split, "a", "b"), node("a", .simple, "x"), node("x", type) { $0.errorCode = "E9" }, node("b")])
    try bench.begin()
    try bench.done("a")
    let found = bench.state.case(bench.root)
    #expect(found?.status == .completed && found?.outcome == (type == .errorEnd ? .error : .terminated))
    #expect(bench.status("b") == .canceled && bench.reason("b") == .terminated)
    if type == .errorEnd { #expect(found?.errorCode == "E9") }
  }

  private static func parent(_ configure: @escaping (inout NodeDefinition) -> Void) -> Bench {
    bench("sub", [node("sub", .subprocess, "end") { $0.subprocess = SubprocessDefinition("child"); configure(&$0) }, node("end", .end), node("repair"), node("told")])
  }

  @Test("VF-128 a parent catches its child's error code")
  func childError() throws {
    var bench = Self.parent { $0.boundaries = [BoundaryDefinition(.error, target: "repair", errorCode: "E9")] }
    bench.add("child", start: ["inner"], [node("inner", .simple, "x"), node("x", .errorEnd) { $0.errorCode = "E9" }])
    try bench.begin()
    try bench.done("inner")
    #expect(bench.ready == ["repair"] && bench.reason("sub") == .boundary)
    var uncaught = Self.parent { _ in }
    uncaught.add("child", start: ["inner"], [node("inner", .simple, "x"), node("x", .errorEnd) { $0.errorCode = "E9" }])
    try uncaught.begin()
    try uncaught.done("inner")
    #expect(uncaught.status("sub") == .error && uncaught.items("sub")[0].activation.lastError?.code == "E9")
  }

  @Test("VF-129 compensation runs the latest first, each once, and not for what was undone")
  func compensation() throws {
    func step(_ slug: String, _ next: String) -> TaskDefinition {
      node(slug, .simple, next) { $0.compensationHandler = "compensate" }
    }
    var bench = Self.bench(
      "a", [step("a", "b"), step("b", "c"), step("c", "x"), node("x", .compensation, "y"), node("y", .compensation, "end"), node("end", .end)])
    try bench.begin()
    try bench.done("a", "b")
    try bench.perform(.undoWorkItem(bench.item("b"), cascade: true))
    try bench.perform(.reviveWorkItem(bench.items("b")[0].id))
    try bench.done("b", "c")
    #expect(bench.calls == ["compensate c", "compensate b", "compensate a"] && bench.isComplete)
  }

  @Test("VF-130 a signal reaches all catches of its name, and one thrown beside its catch")
  func signal() throws {
    var bench = Self.bench(
      "p",
      [
        node("p", .split, "t", "c", "d", "x"), node("t", .throwSignal, "end") { $0.signal = "go" },
        node("c", .catchSignal, "end") { $0.signal = "go" }, node("d", .catchSignal, "end") { $0.signal = "go" },
        node("x", .catchSignal, "end") { $0.signal = "other" }, node("end", .end),
      ])
    try bench.begin()
    #expect(bench.open == ["x"] && bench.broadcasts.map(\.name) == ["go"])
    #expect(bench.listeners.map(\.name) == ["go", "go", "other"])
  }

  @Test("VF-131 a condition goes on when it holds")
  func condition() throws {
    var bench = Self.bench("c", [node("c", .condition, "end") { $0.condition = "data.ready" }, node("end", .end)])
    try bench.begin()
    #expect(bench.status("c") == .waiting)
    try bench.perform(.fireTimer(bench.item("c")))
    #expect(bench.status("c") == .waiting)
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"ready\": true}")))
    #expect(bench.isComplete)
  }

  private static func escalating(isInterrupting: Bool?) throws -> Bench {
    var bench = parent {
      $0.boundaries = [
        BoundaryDefinition(.escalation, target: "told", errorCode: "HELP", isInterrupting: isInterrupting)
      ]
    }
    bench.add(
      "child", start: ["aside", "up"],
      [node("aside"), node("up", .escalation, "inner") { $0.errorCode = "HELP" }, node("inner")])
    try bench.begin()
    return bench
  }

  @Test("VF-132 an escalation tells the parent, and interrupts nothing unless that is said")
  func escalation() throws {
    let bench = try Self.escalating(isInterrupting: nil)
    #expect(Set(bench.ready) == ["aside", "inner", "told"] && bench.status("sub") == .running)
  }

  @Test("VF-132 an escalation that interrupts cancels what the case was started for, and nothing follows in it")
  func interruptingEscalation() throws {
    var bench = try Self.escalating(isInterrupting: true)
    #expect(bench.ready == ["told"] && bench.count("inner") == 0)
    #expect(bench.status("up") == .completed && bench.status("aside") == .canceled)
    #expect(bench.status("sub") == .canceled && bench.reason("sub") == .boundary)
    #expect(bench.state.cases.map(\.status) == [.running, .canceled])
    try bench.done("told")
    #expect(bench.isComplete)
  }

  // MARK: Subprocesses

  @Test("VF-140 VF-146 the parent goes on once, also when the child has nothing to wait for", arguments: [false, true])
  func subprocess(isSynchronous: Bool) throws {
    var bench = Self.parent { _ in }
    bench.add("child", start: ["inner"], [isSynchronous ? node("inner", .startFunction) : node("inner")])
    try bench.begin()
    if !isSynchronous {
      #expect(bench.status("sub") == .running && bench.state.cases.count == 2)
      try bench.done("inner")
    }
    #expect(bench.isComplete && bench.count("end") == 1 && bench.state.cases.allSatisfy { $0.status == .completed })
  }

  private static func multiple(_ isSequential: Bool) -> Bench {
    var bench = bench(
      "sub",
      [
        node("sub", .multiSubprocess, "end") {
          $0.subprocess = SubprocessDefinition("child", data: "{n: element}", items: "data.list", isSequential: isSequential)
        }, node("end", .end),
      ])
    bench.add("child", start: ["inner"], [node("inner")])
    return bench
  }

  @Test("VF-141 VF-142 VF-145 several children, side by side or one after the other, or none", arguments: [false, true], [0, 1, 3])
  func multiSubprocess(isSequential: Bool, count: Int) throws {
    var bench = Self.multiple(isSequential)
    try bench.begin("{\"list\": [\((0..<count).map(String.init).joined(separator: ","))]}")
    for done in 0..<count {
      #expect(bench.ready.count == (isSequential ? 1 : count - done) && !bench.isComplete)
      try bench.done("inner")
    }
    #expect(bench.isComplete && bench.state.cases.count == count + 1)
    #expect(Set(bench.state.cases.dropFirst().map(\.data)) == Set((0..<count).map { "{\"n\":\($0)}" }))
  }

  @Test("VF-143 VF-144 a child is added while others are open, not when the item is done")
  func addedChild() throws {
    var bench = Self.multiple(false)
    try bench.begin("{\"list\": [1, 2]}")
    let sub = bench.item("sub")
    try bench.perform(.startCase(StartCase(workflow: "child", parentWorkItem: sub)))
    try bench.done("inner", "inner")
    #expect(!bench.isComplete)
    try bench.done("inner")
    #expect(bench.isComplete)
    #expect(bench.refusal(.startCase(StartCase(workflow: "child", parentWorkItem: sub))) != nil)
  }

  @Test("VF-147 canceling the parent cancels the children")
  func cancelParent() throws {
    var bench = Self.multiple(false)
    try bench.begin("{\"list\": [1, 2]}")
    try bench.perform(.cancelWorkItem(bench.item("sub")))
    #expect(bench.open.isEmpty && bench.state.cases.dropFirst().allSatisfy { $0.status == .canceled })
  }

  // MARK: Recipes

  @Test("VF-150 case handling: who did the first task gets the second")
  func sameOwner() throws {
    var bench = Self.bench("a", [node("a", .simple, "b"), node("b") { $0.assignment = .sameAs(task: "a") }])
    try bench.begin()
    bench.caller = Caller(user: "bob")
    try bench.done("a")
    #expect(bench.items("b")[0].assignedUsers == ["bob"])
  }

  @Test("VF-151 four eyes: who did the first task cannot do the second")
  func fourEyes() throws {
    var bench = Self.bench("a", [node("a", .simple, "b"), node("b") { $0.permission = AccessRule(expression: "!(user in completedBy.a)") }])
    try bench.begin()
    try bench.done("a")
    #expect(bench.refusal(.completeWorkItem(bench.item("b")))?.contains("permission") == true)
    bench.caller = Caller(user: "bob")
    try bench.done("b")
  }

  @Test("VF-152 round robin")
  func roundRobin() throws {
    var bench = Self.bench(
      "a",
      [
        node("a", .simple, "more") { $0.assignment = .expression("['ida', 'jim', 'kim'][count.a % 3]") },
        node("more", .if, edges: [.when("count.a < 4", "a"), .otherwise("end")]), node("end", .end),
      ])
    try bench.begin()
    try bench.done("a", "a", "a")
    #expect(bench.items("a").map(\.assignedUsers) == [["ida"], ["jim"], ["kim"], ["ida"]])
  }

  @Test("VF-153 a loop")
  func loop() throws {
    var bench = Self.bench("a", [node("a", .simple, "i"), node("i", .if, edges: [.when("count.a < 3", "a"), .otherwise("end")]), node("end", .end)])
    try bench.begin()
    try bench.done("a", "a", "a")
    #expect(bench.isComplete && bench.items("a").map(\.activation.iteration) == [0, 1, 2])
  }

  @Test("VF-154 a substitute takes over")
  func substitute() throws {
    var bench = Self.bench("a", [node("a") { $0.isExclusive = true; $0.assignment = .users(["ida"]) }])
    try bench.begin()
    #expect(bench.refusal(.completeWorkItem(bench.item("a"))) != nil)
    try bench.perform(.reassignWorkItem(bench.item("a"), users: ["ada"]))
    try bench.done("a")
  }
}
