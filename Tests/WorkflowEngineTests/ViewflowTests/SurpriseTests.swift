import Testing
import WorkflowEngine

/// Where Viewflow surprises its users, and what happens here instead. The numbers are those of our list of surprises.
@Suite("Surprises of Viewflow that do not happen here")
struct SurpriseTests {
  @Test("surprise 2: outer branches that share an inner join, done crosswise, both finish")
  func sharedJoin() throws {
    var bench = Bench(
      "o",
      nodes: [
        node("o", .split, "i1", "i2"), node("i1", .split, "a1", "b1"), node("i2", .split, "a2", "b2"), node("a1", .simple, "j"),
        node("b1", .simple, "j"), node("a2", .simple, "j"), node("b2", .simple, "j"), node("j", .join, "k"), node("k", .join, "end"),
        node("end", .end),
      ])
    try bench.begin()
    try bench.done("a1", "a2")
    #expect(bench.count("j", .waiting) == 2)
    try bench.done("b2", "b1")
    #expect(bench.isComplete && bench.count("j") == 2 && bench.count("k") == 1)
  }

  private static let fork = [
    node("p", .split, "a", "b"), node("a", .simple, "j"), node("b", .simple, "j"), node("j", .join, "end"), node("end", .end),
  ]

  @Test("surprise 3: canceling the last open branch lets the waiting join go on")
  func cancelLast() throws {
    var bench = Bench("p", nodes: Self.fork)
    try bench.begin()
    try bench.done("a")
    try bench.perform(.cancelWorkItem(bench.item("b")))
    #expect(bench.isComplete)
  }

  @Test("surprise 4: an item in error holds the join and the case")
  func errorHolds() throws {
    var bench = Bench(
      "p", nodes: [node("p", .split, "a", "w"), node("a", .simple, "j"), node("w", .job, "j") { $0.handler = "x" }, node("j", .join, "end"), node("end", .end)])
    try bench.begin()
    try bench.perform(.startJob(bench.item("w")))
    try bench.perform(.failJob(bench.item("w"), WorkItemFailure(message: "no")))
    try bench.done("a")
    #expect(bench.status("j") == .waiting && !bench.isComplete)
    try bench.perform(.cancelWorkItem(bench.item("w")))
    #expect(bench.isComplete)
  }

  @Test("surprise 5: a revived item has the rules, users and timers of a new one")
  func reviveRules() throws {
    var bench = Bench(
      "a",
      nodes: [
        node("a") {
          $0.permission = AccessRule(users: ["ada"])
          $0.assignment = .users(["ada"])
          $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60))]
        }, node("late"),
      ])
    try bench.begin()
    try bench.perform(.cancelWorkItem(bench.item("a")))
    #expect(bench.scheduled.isEmpty)
    try bench.perform(.reviveWorkItem(bench.item("a")))
    #expect(bench.items("a")[1].assignedUsers == ["ada"] && bench.scheduled.count == 1)
    bench.caller = Caller(user: "eve")
    #expect(bench.refusal(.completeWorkItem(bench.item("a")))?.contains("permission") == true)
  }

  @Test("surprise 6: nothing is revived in a canceled case")
  func reviveInCanceled() throws {
    var bench = Bench("a", nodes: [node("a", .simple, "end"), node("end", .end)])
    try bench.begin()
    try bench.perform(.cancelCase(bench.root))
    #expect(bench.refusal(.reviveWorkItem(bench.item("a"))) != nil && bench.caseStatus == .canceled)
  }

  @Test("surprise 7: transitions ask for permission themselves")
  func permissions() throws {
    var bench = Bench("a", nodes: [node("a") { $0.management = AccessRule(users: ["boss"]) }])
    try bench.begin()
    #expect(bench.refusal(.assignWorkItem(bench.item("a"), users: ["ada"]))?.contains("permission") == true)
    #expect(bench.items("a")[0].assignedUsers.isEmpty)
  }

  @Test("surprise 8: siblings run in their declared order")
  func order() throws {
    for shift in 0..<50 {
      var bench = Bench("p", nodes: [node("p", .split, "a", "b", "c", "d", "e")] + ["a", "b", "c", "d", "e"].map { node($0, .handler, "end") { $0.handler = "note" } } + [node("end", .end)])
      bench.ids.last = UInt64(shift * 31)
      bench.handlers["note"] = { _, _ in .done(HandlerResult()) }
      try bench.begin()
      #expect(bench.calls == ["note a", "note b", "note c", "note d", "note e"])
    }
  }

  @Test("surprise 9, surprise 10: every event is told once, and looking at an item tells none")
  func events() throws {
    var bench = Bench("h", nodes: [node("h", .handler, "end") { $0.handler = "note" }, node("end", .end)])
    bench.handlers["note"] = { _, _ in .done(HandlerResult()) }
    try bench.begin()
    #expect(
      bench.events == [
        "pre_create_case main", "pre_create_work_item h", "post_create_case main", "post_create_work_item h",
        "pre_complete_work_item h", "post_complete_work_item h", "pre_create_work_item end", "post_create_work_item end",
        "pre_complete_work_item end", "post_complete_work_item end", "pre_complete_case main", "post_complete_case main",
      ])
  }

  @Test("surprise 11: the moment of an assignment is noted")
  func assignedAt() throws {
    var bench = Bench("a", nodes: [node("a")])
    try bench.begin()
    try bench.perform(.claimWorkItem(bench.item("a")))
    #expect(bench.items("a")[0].activation.assignedAt == bench.now)
  }

  @Test("surprise 12: a join that keeps the rest keeps it")
  func keep() throws {
    var bench = Bench("p", nodes: Self.fork.map { $0.slug == "j" ? node("j", .join, "end") { $0.join = JoinPolicy(.any, remaining: .keep) } : $0 })
    try bench.begin()
    try bench.done("a")
    #expect(bench.ready == ["b"] && bench.count("end") == 1)
    try bench.done("b")
    #expect(bench.isComplete && bench.count("end") == 1)
  }

  @Test("surprise 13: the first of a split may be one that needs nobody, and in a loop")
  func splitFirst() throws {
    var bench = Bench(
      "f",
      nodes: [
        node("f", .splitFirst, "h", "b"), node("h", .handler, "i") { $0.handler = "note" }, node("b", .simple, "end"),
        node("i", .if, edges: [.when("count.i < 2", "f"), .otherwise("end")]), node("end", .end),
      ])
    bench.handlers["note"] = { _, _ in .done(HandlerResult()) }
    try bench.begin()
    #expect(bench.isComplete && bench.count("f", .completed) == 2 && bench.count("b", .canceled) == 2)
  }

  @Test("surprise 14: an interrupting timer and its host never go both ways")
  func timerRace() throws {
    let nodes = [
      node("a", .simple, "end") { $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(1))] },
      node("late", .simple, "end"), node("end", .end),
    ]
    var host = Bench("a", nodes: nodes)
    try host.begin()
    let timer = host.item("a__timeout")
    try host.done("a")
    #expect(host.refusal(.fireTimer(timer)) != nil && host.count("late") == 0)
    var late = Bench("a", nodes: nodes)
    try late.begin()
    try late.perform(.startWorkItem(late.item("a")))
    try late.perform(.fireTimer(late.item("a__timeout")))
    #expect(late.ready == ["late"] && late.refusal(.completeWorkItem(late.item("a"))) != nil)
  }

  @Test("surprise 15: an error boundary works for who asks, too")
  func synchronousBoundary() throws {
    var bench = Bench(
      "a",
      nodes: [
        node("a", .simple, "h"), node("h", .handler, "end") { $0.handler = "x"; $0.boundaries = [BoundaryDefinition(.error, target: "repair")] },
        node("repair"), node("end", .end),
      ])
    bench.handlers["x"] = { _, _ in .failed(WorkItemFailure(message: "no")) }
    try bench.begin()
    try bench.done("a")
    #expect(bench.ready == ["repair"])
  }

  @Test("surprise 16: everything that is open can be canceled", arguments: [TaskType.join, .splitFirst, .catchCall, .job, .timer, .condition, .subprocess])
  func cancelable(type: TaskType) {
    for phase in [ActivationPhase.waiting, .scheduled, .running, .error] {
      #expect(NodeMachine(type).sources(of: .cancel).contains(phase))
    }
  }

  @Test("surprise 18: a node without an end completes its case")
  func noEnd() throws {
    var bench = Bench("h", nodes: [node("h", .handler) { $0.handler = "note" }])
    bench.handlers["note"] = { _, _ in .done(HandlerResult()) }
    try bench.begin()
    #expect(bench.isComplete)
  }

  @Test("surprise 19: a canceled child does not hang its parent", arguments: SubprocessDefinition.OnCanceled.allCases)
  func canceledChild(policy: SubprocessDefinition.OnCanceled) throws {
    var bench = Bench("sub", nodes: [node("sub", .subprocess, "end") { $0.subprocess = SubprocessDefinition("child", onCanceled: policy) }, node("end", .end)])
    bench.add("child", start: ["inner"], [node("inner")])
    try bench.begin()
    try bench.perform(.cancelCase(bench.state.cases[1].id))
    switch policy {
    case .ignore: #expect(bench.isComplete)
    case .fail: #expect(bench.status("sub") == .error)
    case .cancel: #expect(bench.status("sub") == .canceled)
    }
  }

  @Test("surprise 20: a signal may be kept for those who come later")
  func keptSignal() throws {
    var bench = Bench("t", nodes: [node("t", .throwSignal) { $0.signal = "go"; $0.timeToLive = 60 }])
    try bench.begin()
    #expect(bench.broadcasts.first?.timeToLive == 60)
  }

  @Test("surprise 22: a case tells that it ended with an error")
  func outcome() throws {
    var bench = Bench("e", nodes: [node("e", .errorEnd) { $0.errorCode = "E9" }])
    try bench.begin()
    #expect(bench.state.case(bench.root)?.outcome == .error && bench.state.case(bench.root)?.errorCode == "E9")
  }

  @Test("a workflow that never waits is stopped, and leaves nothing")
  func endlessLoop() {
    var bench = Bench("a", nodes: [node("a", .handler, "b") { $0.handler = "note" }, node("b", .handler, "a") { $0.handler = "note" }])
    bench.handlers["note"] = { _, _ in .done(HandlerResult()) }
    bench.automaticStepLimit = 100
    #expect(bench.refusal(.startCase(StartCase(workflow: "main")))?.contains("more than 100 steps") == true)
    #expect(bench.state.cases.isEmpty)
  }
}
