import Testing
import WorkflowEngine

@Suite("The order of events")
struct EventOrderTests {
  @Test("starting a case tells of its items after the case")
  func start() throws {
    var bench = Bench(start: ["b", "a"])
    try bench.start()
    #expect(bench.events == [
      "pre_create_case main", "pre_create_work_item b", "pre_create_work_item a", "post_create_case main",
      "post_create_work_item b", "post_create_work_item a",
    ])
    #expect(bench.records.allSatisfy { $0.sender == .startCase && $0.family == bench.root })
    #expect(bench.changes == [
      .insertCase(bench.root), .insertWorkItem(bench.item("b")), .insertWorkItem(bench.item("a")),
    ])
  }

  @Test("completing tells of the next items, or of the end of the case, or of nothing while a join waits")
  func complete() throws {
    var bench = Bench(start: ["a"], flows: [(["a"], "['c', 'b']|tasks"), (["b", "c"], "'d'|task")])
    try bench.start()
    try bench.complete("a")
    #expect(bench.events == [
      "pre_complete_work_item a", "post_complete_work_item a", "pre_create_work_item c", "pre_create_work_item b",
      "post_create_work_item c", "post_create_work_item b",
    ])
    try bench.complete("b")
    #expect(bench.events == ["pre_complete_work_item b", "post_complete_work_item b"])
    try bench.skip("c")
    #expect(bench.events == [
      "pre_skip_work_item c", "post_skip_work_item c", "post_open_join main", "pre_create_work_item d",
      "post_create_work_item d",
    ])
    #expect(bench.records[2].items == [bench.item("c"), bench.item("b")])
    #expect(bench.records.allSatisfy { $0.sender == .skipWorkItem })
    try bench.complete("d")
    #expect(bench.events == [
      "pre_complete_work_item d", "post_complete_work_item d", "pre_complete_case main", "post_complete_case main",
    ])
    #expect(bench.records.allSatisfy { $0.sender == .completeWorkItem })
  }

  /// A running case with an item `w1` that has a child case with the item `v`, and an item `w2`.
  static func family() throws -> Bench {
    var bench = Bench(start: ["w1", "w2"])
    bench.add(workflow: "sub", start: ["v"])
    try bench.start()
    try bench.start("sub", parent: bench.item("w1"))
    return bench
  }

  @Test("starting a child case links it to its parent item and its family")
  func child() throws {
    let bench = try Self.family()
    let child = try #require(bench.state.workItem(bench.item("w1"))?.childCase)
    #expect(bench.state.case(child)?.family == bench.root)
    #expect(bench.state.parentWorkItem(of: child)?.id == bench.item("w1"))
    #expect(bench.changes == [
      .insertCase(child), .updateWorkItem(bench.item("w1")), .insertWorkItem(bench.item("v")),
    ])
  }

  @Test("canceling a case takes its open items and their child cases along", arguments: [false, true])
  func cancelCase(suspended: Bool) throws {
    var bench = try Self.family()
    if suspended { try bench.suspend("v") }
    try bench.run(.cancelCase(bench.root))
    #expect(bench.events == [
      "pre_cancel_case main", "pre_cancel_work_item w1", "pre_cancel_case sub", "pre_cancel_work_item v",
      "post_cancel_work_item v", "post_cancel_case sub", "post_cancel_work_item w1", "pre_cancel_work_item w2",
      "post_cancel_work_item w2", "post_cancel_case main",
    ])
    #expect(bench.records.allSatisfy { $0.sender == .cancelCase })
    #expect(bench.state.cases.allSatisfy { $0.status == .canceled && $0.closedByUser == "ada" })
    #expect(bench.state.workItems.allSatisfy { $0.status == .canceled })
  }

  @Test("suspending and resuming a case go through its child cases")
  func suspendCase() throws {
    var bench = try Self.family()
    try bench.run(.suspendCase(bench.root))
    #expect(bench.events == [
      "pre_suspend_case main", "pre_suspend_work_item w1", "pre_suspend_case sub", "pre_suspend_work_item v",
      "post_suspend_work_item v", "post_suspend_case sub", "post_suspend_work_item w1", "pre_suspend_work_item w2",
      "post_suspend_work_item w2", "post_suspend_case main",
    ])
    #expect(bench.state.cases.allSatisfy { $0.status == .suspended })
    #expect(bench.state.workItems.allSatisfy { $0.status == .suspended })
    try bench.run(.resumeCase(bench.root))
    #expect(bench.events == [
      "pre_resume_case main", "pre_resume_work_item w1", "pre_resume_case sub", "pre_resume_work_item v",
      "post_resume_work_item v", "post_resume_case sub", "post_resume_work_item w1", "pre_resume_work_item w2",
      "post_resume_work_item w2", "post_resume_case main",
    ])
    #expect(bench.state.cases.allSatisfy { $0.status == .running })
    #expect(bench.state.workItems.allSatisfy { $0.status == .ready })
  }

  @Test("suspending and resuming an item take its child case along")
  func suspendItem() throws {
    var bench = try Self.family()
    try bench.suspend("w1")
    #expect(bench.events == [
      "pre_suspend_work_item w1", "pre_suspend_case sub", "pre_suspend_work_item v", "post_suspend_work_item v",
      "post_suspend_case sub", "post_suspend_work_item w1",
    ])
    try bench.resume("w1")
    #expect(bench.events == [
      "pre_resume_work_item w1", "pre_resume_case sub", "pre_resume_work_item v", "post_resume_work_item v",
      "post_resume_case sub", "post_resume_work_item w1",
    ])
    #expect(bench.status("w2") == .ready)
  }

  @Test("skipping and canceling an item cancel its child case", arguments: [false, true])
  func closeParent(skips: Bool) throws {
    var bench = try Self.family()
    if skips { try bench.skip("w1") } else { try bench.cancel("w1") }
    let verb = skips ? "skip" : "cancel"
    #expect(bench.events == [
      "pre_\(verb)_work_item w1", "pre_cancel_case sub", "pre_cancel_work_item v", "post_cancel_work_item v",
      "post_cancel_case sub", "post_\(verb)_work_item w1",
    ])
    #expect(bench.caseStatus == .running)
  }

  @Test("redoing an item tells of the items that followed before it tells of itself")
  func redo() throws {
    var bench = Bench(
      start: ["a"], flows: [(["a"], "'b'|task"), (["b"], "'c'|task")], redoable: ["c": "['a', 'b']|tasks"])
    try bench.start()
    try bench.complete("a")
    try bench.complete("b")
    try bench.redo("a")
    #expect(bench.events == [
      "pre_redo_work_item a", "post_reset_work_item b", "post_reset_work_item c", "post_redo_work_item a",
    ])
    #expect(bench.status("b") == .redo)
    #expect(bench.status("c") == .redo)
    try bench.complete("a")
    #expect(bench.events == [
      "pre_complete_work_item a", "post_complete_work_item a", "pre_create_work_item b", "post_create_work_item b",
    ])
    #expect(bench.items("b").count == 1)
  }

  @Test("reopening a case names the items that are ready again")
  func reopen() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.complete("a")
    try bench.run(.reopenCase(bench.root, workItems: [bench.item("a")]))
    #expect(bench.events == ["pre_reopen_case main", "post_reopen_work_item a", "post_reopen_case main"])
    #expect(bench.records.map(\.items) == [[bench.item("a")], [], [bench.item("a")]])
    #expect(bench.state.case(bench.root)?.closedAt == nil)
    #expect(bench.state.workItem(bench.item("a"))?.closedAt == nil)
  }

  @Test("creating an instance and saving have their events too")
  func createAndSave() throws {
    var bench = Bench(start: ["m"], tasks: [TaskDefinition(slug: "m", isMultipleInstance: true)])
    try bench.start()
    try bench.run(.createWorkItem(CreateWorkItem(caseID: bench.root, task: "m")))
    #expect(bench.events == ["pre_create_work_item m", "post_create_work_item m"])
    #expect(bench.records.allSatisfy { $0.sender == .createWorkItem })
    try bench.run(.saveWorkItem(SaveWorkItem(id: bench.item("m"), meta: "{\"a\":1}")))
    #expect(bench.events == ["post_save_work_item m"])
    try bench.run(.updateCase(UpdateCase(id: bench.root, workflow: "main", meta: "{\"b\":1}")))
    #expect(bench.events == ["post_update_case main"])
    #expect(bench.state.case(bench.root)?.meta == "{\"b\":1}")
  }

  @Test("in pre events the row still has its old state, in post events the new one")
  func states() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    var seen: [WorkItemStatus?] = []
    var cases: [CaseStatus?] = []
    try bench.run(.completeWorkItem(bench.item("a"))) { event, execution in
      if let item = event.workItem { seen.append(execution.state.workItem(item)?.status) }
      if event.workItem == nil { cases.append(execution.state.case(event.caseID)?.status) }
    }
    #expect(seen == [.ready, .completed])
    #expect(cases == [.running, .completed])
  }

  @Test("receivers of pre_create events change what is created")
  func pending() throws {
    var bench = Bench(start: ["a"])
    try bench.run(.startCase(StartCase(workflow: "main"))) { event, execution in
      if event.name == .preCreateCase { execution.pendingCase?.meta = "{\"from\":\"receiver\"}" }
      if event.name == .preCreateWorkItem { execution.pendingWorkItem?.assignedUsers = ["zoe"] }
    }
    #expect(bench.state.case(bench.root)?.meta == "{\"from\":\"receiver\"}")
    #expect(bench.state.workItem(bench.item("a"))?.assignedUsers == ["zoe"])
  }

  @Test("a receiver that cancels the item before it is completed makes the command fail")
  func lost() throws {
    var bench = Bench(start: ["a", "b"])
    try bench.start()
    let a = bench.item("a")
    let definitions = bench.definitions
    #expect(throws: EngineError(.state, "Only ready work items can be completed.")) {
      try bench.run(.completeWorkItem(a)) { event, outer in
        guard event.name == .preCompleteWorkItem else { return }
        var inner = Execution(
          definitions: definitions, state: outer.state, command: .cancelWorkItem(a), now: outer.now, ids: outer.ids,
          evaluator: TestEvaluator())
        while try inner.next() != nil {}
        outer.state = inner.state
      }
    }
  }

  @Test("the client's context and the caller are in every event")
  func context() throws {
    var bench = Bench(start: ["a"])
    try bench.start()
    try bench.run(.completeWorkItem(bench.item("a")), context: "{\"why\":1}")
    #expect(bench.records.allSatisfy { $0.context == "{\"why\":1}" && $0.caller == bench.caller })
  }
}
