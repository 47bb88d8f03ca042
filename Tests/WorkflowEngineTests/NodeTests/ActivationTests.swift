import Testing
import WorkflowEngine

/// What has to be told to go on: `prepare`, `activate` and `activateNext`.
@Suite("Activations that are asked for")
struct ActivationTests {
  private static func bench(_ start: String, _ nodes: [TaskDefinition]) -> Bench {
    var bench = Bench(start, nodes: nodes)
    for name in ["work", "undo"] { bench.handlers[name] = { _, _ in .done(HandlerResult()) } }
    return bench
  }

  // MARK: Prepare

  @Test("a form that is opened is noted, holds nobody off, and is when an item began that is done without a further word")
  func prepare() throws {
    var bench = Self.bench(
      "p",
      [node("p", .split, "a", "b"), node("a", .simple, "end") { $0.mutex = "desk" }, node("b", .simple, "end") { $0.mutex = "desk" }, node("end", .end)])
    try bench.begin()
    try bench.perform(.prepareWorkItem(bench.item("a")))
    #expect(bench.events == ["pre_prepare_work_item a", "post_prepare_work_item a"])
    let prepared = bench.items("a")[0]
    #expect(prepared.activation.preparedAt == bench.now && prepared.activation.startedAt == nil && prepared.assignedUsers.isEmpty)
    #expect(ActivationPhase(prepared) == .new && prepared.status == .ready && prepared.modifiedByUser == "ada")
    // It is open, but nobody has begun: the other one can be started, and then this one cannot.
    try bench.perform(.startWorkItem(bench.item("b")))
    #expect(bench.refusal(.startWorkItem(bench.item("a")))?.contains("desk") == true)
    try bench.perform(.prepareWorkItem(bench.item("a")))
    #expect(bench.items("a")[0].activation.preparedAt == bench.now)
    let opened = bench.now
    try bench.done("b", "a")
    #expect(bench.items("a")[0].activation.startedAt == opened && bench.items("b")[0].activation.preparedAt == nil)
    #expect(bench.refusal(.prepareWorkItem(bench.item("a"))) == "A work item of the type simple cannot be prepared while it is done.")
  }

  @Test("who may start may prepare; the form counts for whom it was opened", arguments: [false, true])
  func prepareRules(isEnabled: Bool) throws {
    var bench = Self.bench(
      "a",
      [
        node("a", .simple, "b") {
          $0.permission = AccessRule(users: ["ada"])
          $0.enabledWhile = isEnabled ? "true" : "false"
        }, node("b"),
      ])
    try bench.begin()
    guard isEnabled else {
      #expect(bench.refusal(.prepareWorkItem(bench.item("a")))?.contains("not enabled") == true)
      return
    }
    bench.caller = Caller(user: "eve")
    #expect(bench.refusal(.prepareWorkItem(bench.item("a")))?.contains("permission") == true)
    bench.caller = Caller(user: "ada")
    try bench.perform(.prepareWorkItem(bench.item("a")))
    try bench.perform(.claimWorkItem(bench.item("a")))
    #expect(bench.items("a")[0].activation.preparedAt != nil)
    try bench.perform(.reassignWorkItem(bench.item("a"), users: ["bob"]))
    #expect(bench.items("a")[0].activation.preparedAt == nil)
  }

  @Test("an item that is gone back to has not begun again, nor is its form open")
  func redone() throws {
    var bench = Bench(start: ["a"], flows: [(["a"], "'b'|task")], redoable: ["b": "'a'|task"])
    try bench.start()
    try bench.perform(.prepareWorkItem(bench.item("a")))
    try bench.perform(.startWorkItem(bench.item("a")))
    try bench.perform(.completeWorkItem(bench.item("a")))
    try bench.perform(.redoWorkItem(bench.item("a")))
    #expect(ActivationPhase(bench.items("a")[0]) == .new && bench.items("a")[0].activation.preparedAt == nil)
    try bench.perform(.claimWorkItem(bench.item("a")))
  }

  @Test("an item of a plain workflow that was prepared is told whole when it is done")
  func preparePlain() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.perform(.prepareWorkItem(bench.item("a")))
    try bench.perform(.completeWorkItem(bench.item("a")))
    #expect(bench.isComplete && bench.items("a")[0].activation.startedAt != nil)
  }

  // MARK: Activate

  @Test("a timer that is activated is due, and interrupts what it hangs on", arguments: [false, true])
  func activateTimer(isBoundary: Bool) throws {
    var bench = Self.bench(
      isBoundary ? "a" : "t",
      [
        node("t", .timer, "late") { $0.delay = .seconds(60) },
        node("a", .simple, "end") { $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60))] },
        node("late", .simple, "end"), node("end", .end),
      ])
    try bench.begin()
    let timer = isBoundary ? "a__timeout" : "t"
    try bench.perform(.activateWorkItem(bench.item(timer)))
    #expect(bench.events.prefix(3) == ["pre_activate_work_item \(timer)", "post_activate_work_item \(timer)", "pre_complete_work_item \(timer)"])
    #expect(bench.open == ["late"] && bench.status(timer) == .completed && bench.scheduled.isEmpty)
    if isBoundary { #expect(bench.reason("a") == .boundary) }
    #expect(bench.refusal(.fireTimer(bench.item(timer))) != nil)
  }

  @Test("a job that is put off is due at once, and is not begun twice")
  func activateJob() throws {
    var bench = Self.bench("j", [node("j", .job, "end") { $0.retry = RetryPolicy(maximumAttempts: 3, backOff: 600) }, node("end", .end)])
    try bench.begin()
    let job = bench.item("j")
    try bench.perform(.startJob(job))
    #expect(bench.refusal(.activateWorkItem(job)) == "A work item of the type job cannot be activated while it is running.")
    try bench.perform(.failJob(job, WorkItemFailure(message: "no")))
    #expect((bench.scheduled[job]?.dueAt ?? 0) > bench.now)
    try bench.perform(.activateWorkItem(job))
    #expect(bench.scheduled[job]?.dueAt == bench.now && bench.status("j") == .scheduled && bench.items("j")[0].activation.attempts == 1)
  }

  @Test("a condition is looked at again when it is activated, and tells where it does not hold")
  func activateCondition() throws {
    var bench = Self.bench("c", [node("c", .condition, "end") { $0.conditionClosure = "isAda" }, node("end", .end)])
    bench.caller = Caller(user: "eve")
    try bench.begin()
    #expect(bench.open == ["c"] && bench.refusal(.activateWorkItem(bench.item("c"))) == "The condition does not hold.")
    bench.caller = Caller(user: "ada")
    try bench.perform(.activateWorkItem(bench.item("c")))
    #expect(bench.isComplete)
  }

  @Test("a condition with a closure and an expression waits for both, and is refused where no module has the closure")
  func conditionClosure() throws {
    var bench = Self.bench(
      "c", [node("c", .condition, "end") { ($0.condition, $0.conditionClosure) = ("data.go", "isAda") }, node("end", .end)])
    try bench.begin()
    #expect(bench.open == ["c"])
    bench.caller = Caller(user: "eve")
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"go\": true}")))
    #expect(bench.open == ["c"])
    bench.caller = Caller(user: "ada")
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"go\": true, \"n\": 1}")))
    #expect(bench.isComplete)
    var missing = Self.bench("c", [node("c", .condition, "end") { $0.conditionClosure = "gone" }, node("end", .end)])
    #expect(missing.refusal(.startCase(StartCase(workflow: "main"))) == "The task `c` waits for the rule `gone`, which no module has.")
  }

  @Test("a join that is activated goes on with what has come; what comes later ends there")
  func activateJoin() throws {
    var bench = Self.bench("p", [node("p", .split, "a", "b"), node("a", .simple, "j"), node("b", .simple, "j"), node("j", .join, "c"), node("c")])
    try bench.begin()
    try bench.done("a")
    try bench.perform(.activateWorkItem(bench.item("j")))
    #expect(bench.ready == ["b", "c"] && bench.status("j") == .completed)
    try bench.done("b")
    #expect(bench.ready == ["c"] && bench.count("j") == 1 && bench.count("c") == 1)
  }

  @Test("what waits for something from outside, has begun or has failed is not activated", arguments: [TaskType.catchCall, .catchMessage, .catchSignal, .subprocess, .splitFirst])
  func notActivated(type: TaskType) throws {
    var bench = Self.bench("x", [node("x", type, "y") { $0.subprocess = SubprocessDefinition("child") }, node("y")])
    bench.add("child", start: ["inner"], [node("inner")])
    try bench.begin()
    let offer = bench.offer(.activate, "x")
    #expect(!offer.canProceed && bench.refusal(.activateWorkItem(bench.item("x"))) == offer.refusal?.message)
  }

  @Test("what a suspended case has not come to begins when the case is resumed, or with activate")
  func suspendedBefore() throws {
    let nodes = [node("a", .simple, "h"), node("h", .handler, "end") { $0.handler = "work" }, node("end", .end)]
    var bench = Self.bench("a", nodes)
    try bench.begin()
    // A receiver suspends the case while the handler's item is made.
    let start = bench
    try bench.run(.completeWorkItem(bench.item("a"))) { event, execution in
      guard event.name == .postCreateWorkItem else { return }
      var nested = start.execution(.suspendCase(event.caseID))
      nested.state = execution.state
      while try nested.next() != nil {}
      execution.state = nested.state
    }
    #expect(bench.status("h") == .running && bench.caseStatus == .suspended && bench.calls.isEmpty)
    var resumed = bench
    try resumed.run(.resumeCase(resumed.root))
    #expect(resumed.isComplete && resumed.calls == ["work h"])
    bench.state = FamilyState(
      cases: bench.state.cases.map { row in
        var row = row
        row.status = .running
        return row
      }, workItems: bench.state.workItems)
    try bench.run(.activateWorkItem(bench.item("h")))
    #expect(bench.isComplete && bench.calls == ["work h"])
  }

  // MARK: Activate next

  private static let chain = [node("a", .simple, "b"), node("b", .simple, "c"), node("c", .simple, "end"), node("end", .end)]

  @Test("what was undone follows again, once, of nodes and of flows alike", arguments: [false, true])
  func next(isFlow: Bool) throws {
    var bench = isFlow ? Bench(start: ["a"], flows: [(["a"], "'b'|task"), (["b"], "'c'|task")]) : Self.bench("a", Self.chain)
    try bench.begin()
    try bench.done("a", "b")
    #expect(bench.refusal(.activateNext(bench.item("a"))) == "What follows is there already.")
    #expect(bench.refusal(.activateNext(bench.item("c")))?.contains("cannot be gone on from while it is new") == true)
    try bench.perform(.undoWorkItem(bench.item("b"), cascade: true))
    #expect(bench.open.isEmpty && bench.caseStatus == .running)
    try bench.perform(.activateNext(bench.item("a")))
    #expect(bench.events == ["pre_activate_next a", "post_activate_next a", "pre_create_work_item b", "post_create_work_item b"])
    #expect(bench.ready == ["b"] && bench.count("b") == 2 && bench.items("b")[1].previousWorkItem == bench.item("a"))
    #expect(bench.refusal(.activateNext(bench.item("a"))) == "What follows is there already.")
    try bench.done("b", "c")
    #expect(bench.isComplete)
  }

  @Test("a way that had none at its time is found later, and the completed case goes on")
  func laterDefinition() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.complete("a")
    #expect(bench.isComplete && bench.refusal(.activateNext(bench.item("a"))) == "Nothing follows this work item.")
    bench.add(workflow: "main", start: ["a"], flows: [(["a"], "'b'|task")])
    try bench.perform(.activateNext(bench.item("a")))
    #expect(
      bench.events == [
        "pre_activate_next a", "pre_reopen_case main", "post_reopen_case main", "post_activate_next a", "pre_create_work_item b",
        "post_create_work_item b",
      ])
    #expect(bench.caseStatus == .running && bench.ready == ["b"])
    try bench.complete("b")
    #expect(bench.isComplete)
  }

  @Test("a join is never passed twice, whoever of its branches is told to go on", arguments: [false, true])
  func neverTwice(isFlow: Bool) throws {
    let fork = [node("p", .split, "a", "b"), node("a", .simple, "j"), node("b", .simple, "j"), node("j", .join, "c"), node("c", .simple, "d"), node("d")]
    var bench = isFlow ? Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task"), (["c"], "'d'|task")]) : Self.bench("p", fork)
    try bench.begin()
    try bench.done("a")
    #expect(bench.refusal(.activateNext(bench.item("a"))) != nil)
    try bench.done("b", "c")
    for task in ["a", "b", "c"] { #expect(bench.refusal(.activateNext(bench.item(task))) == "What follows is there already.", "\(task)") }
    // What joined is taken back; either branch brings it again, both together once.
    try bench.perform(.undoWorkItem(bench.item(isFlow ? "c" : "j"), cascade: true))
    try bench.perform(.activateNext(bench.item("a")))
    if isFlow {
      #expect(bench.ready == ["c"] && bench.items("a")[0].isJoined && bench.items("b")[0].isJoined)
    } else {
      #expect(bench.ready == ["c"] && bench.count("j", .completed) == 1)
    }
    for task in ["a", "b"] { #expect(bench.refusal(.activateNext(bench.item(task))) == "What follows is there already.", "\(task)") }
    try bench.done("c", "d")
    #expect(bench.isComplete && bench.count("c", .completed) == 1)
  }

  @Test("a branch that joins with others is undone only with what joined; the others count anew")
  func joinedBranch() throws {
    var bench = Bench(start: ["a", "b"], flows: [(["a", "b"], "'c'|task")])
    try bench.begin()
    try bench.done("a", "b")
    #expect(bench.refusal(.undoWorkItem(bench.item("a")))?.contains("What followed") == true)
    #expect(bench.execution(.cancelCase(bench.root)).undoPlan(bench.item("a")) == [bench.item("c"), bench.item("a")])
    try bench.perform(.undoWorkItem(bench.item("a"), cascade: true))
    #expect(bench.open.isEmpty && !bench.items("b")[0].isJoined)
    try bench.perform(.reviveWorkItem(bench.item("a")))
    #expect(bench.ready == ["a"])
    try bench.done("a")
    #expect(bench.ready == ["c"])
  }

  @Test("ways are chosen anew; what a boundary led to beside them does not count")
  func chosenAnew() throws {
    var bench = Self.bench(
      "a",
      [
        node("a", .simple, "if") { $0.boundaries = [BoundaryDefinition(.deadline, target: "late", isInterrupting: false)] },
        node("if", .if, edges: [.when("data.go", "b"), .otherwise("c")]), node("b"), node("c"), node("late"),
      ])
    try bench.begin()
    try bench.perform(.saveWorkItem(SaveWorkItem(id: bench.item("a"), deadline: bench.now)))
    try bench.perform(.escalateWorkItem(bench.item("a")))
    try bench.done("a")
    #expect(bench.ready == ["late", "c"])
    try bench.perform(.cancelWorkItem(bench.item("c")))
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"go\": true}")))
    try bench.perform(.activateNext(bench.item("if")))
    #expect(bench.ready == ["late", "b"])
    try bench.perform(.undoWorkItem(bench.item("if"), cascade: true))
    try bench.perform(.activateNext(bench.item("a")))
    #expect(bench.ready == ["late", "b"] && bench.count("if") == 2)
  }

  @Test("a split brings all of its branches again, the first of several none, and an end nothing")
  func splits() throws {
    var bench = Self.bench("p", [node("p", .split, "a", "b"), node("a", .simple, "end"), node("b", .simple, "end"), node("end", .end)])
    try bench.begin()
    try bench.perform(.cancelWorkItem(bench.item("a")))
    #expect(bench.refusal(.activateNext(bench.item("p"))) == "What follows is there already.")
    try bench.perform(.cancelWorkItem(bench.item("b")))
    #expect(bench.caseStatus == .running)
    try bench.perform(.activateNext(bench.item("p")))
    #expect(bench.ready == ["a", "b"] && bench.items("a")[1].activation.token != bench.items("a")[0].activation.token)
    try bench.done("a", "b")
    #expect(bench.isComplete && bench.refusal(.activateNext(bench.item("end"))) == "Nothing follows this work item.")
    var first = Self.bench("p", [node("p", .splitFirst, "a", "b"), node("a"), node("b")])
    try first.begin()
    try first.done("a")
    #expect(first.refusal(.activateNext(first.item("p"))) == "A work item of the type split_first cannot be gone on from while it is done.")
  }

  @Test("a case in which nothing is open and nothing follows is completed")
  func completes() throws {
    var bench = Bench(start: ["a", "b"])
    try bench.begin()
    try bench.done("a")
    #expect(bench.refusal(.activateNext(bench.item("a"))) == "Nothing follows this work item.")
    try bench.perform(.cancelWorkItem(bench.item("b")))
    #expect(bench.caseStatus == .running)
    try bench.perform(.activateNext(bench.item("a")))
    #expect(bench.isComplete && bench.events.last == "post_complete_case main")
  }

  @Test("the instances of a task lead on together, once")
  func instances() throws {
    var bench = Self.bench("a", [node("b", .simple, "c"), node("c")])
    bench.definitions.insert(
      TaskDefinition(
        slug: "a", type: .simple, isMultipleInstance: true, addressGroups: "['x', 'y']|groups", node: NodeDefinition(edges: [EdgeDefinition("b")])))
    try bench.begin()
    try bench.done("a")
    #expect(bench.refusal(.activateNext(bench.items("a")[0].id)) == "Other work items of the task are to be done before.")
    try bench.done("a")
    for item in bench.items("a") { #expect(bench.refusal(.activateNext(item.id)) == "What follows is there already.") }
    try bench.perform(.cancelWorkItem(bench.item("b")))
    try bench.perform(.activateNext(bench.items("a")[0].id))
    #expect(bench.ready == ["b"])
    for item in bench.items("a") { #expect(bench.refusal(.activateNext(item.id)) == "What follows is there already.") }
  }

  // MARK: No way on

  @Test("a job whose way on cannot be found is in error, holds its case, and is not done again when it is retried", arguments: [false, true])
  func stalled(hasBoundary: Bool) throws {
    var bench = Self.bench(
      "j",
      [
        node("j", .job, edges: [.when("data.go", "end")]) {
          if hasBoundary { $0.boundaries = [BoundaryDefinition(.error, target: "mend")] }
        }, node("mend"), node("end", .end),
      ])
    try bench.begin()
    let job = bench.item("j")
    try bench.perform(.startJob(job))
    try bench.perform(.finishJob(job, HandlerResult(data: "1")))
    guard !hasBoundary else {
      #expect(bench.ready == ["mend"] && bench.status("j") == .completed && bench.items("j")[0].activation.lastError != nil)
      return
    }
    let failed = bench.items("j")[0]
    #expect(failed.status == .error && failed.closedAt == nil && failed.activation.data == "1" && failed.activation.isStalled)
    #expect(failed.activation.lastError?.message.contains("No edge leads on") == true && bench.caseStatus == .running)
    #expect(bench.events.suffix(2) == ["pre_fail_work_item j", "post_fail_work_item j"] && bench.scheduled.isEmpty)
    #expect(bench.refusal(.retryWorkItem(job))?.contains("No edge leads on") == true)
    try bench.perform(.updateCase(UpdateCase(id: bench.root, workflow: "main", data: "{\"go\": true}")))
    try bench.perform(.retryWorkItem(job))
    #expect(bench.isComplete && bench.scheduled.isEmpty && !bench.items("j")[0].activation.isStalled)
  }
}
