import Testing
import WorkflowEngine

/// Every state of a work item and of a case against every operation.
@Suite("States and operations")
struct StateMatrixTests {
  enum Outcome: Equatable {
    case item(WorkItemStatus)
    case case_(CaseStatus)
    case refused(String)
  }

  /// A case of three items side by side, of which `x` is in the given state. `x` follows from `before`.
  static func bench(_ status: WorkItemStatus) throws -> Bench {
    var bench = Bench(
      start: ["before", "rest"], flows: [(["before"], "'x'|task"), (["x"], "'after'|task")],
      redoable: ["after": "'x'|task", "x": "'before'|task"])
    try bench.start()
    try bench.complete("before")
    switch status {
    case .ready: break
    case .completed: try bench.complete("x")
    case .canceled: try bench.cancel("x")
    case .skipped: try bench.skip("x")
    case .suspended: try bench.suspend("x")
    case .redo: try bench.redo("before")
    case .waiting, .scheduled, .running, .error: Issue.record("Items of people do not get there.")
    }
    #expect(bench.status("x") == status)
    return bench
  }

  static let complete = "Only ready work items can be completed."
  static let skip = "Only ready work items can be skipped."
  static let cancel = "Only ready or suspended work items can be canceled."
  static let suspend = "Only ready work items can be suspended."
  static let resume = "Only suspended work items can be resumed."
  static let redo = "Workflow doesn't allow to redo this work item."

  static let items: [(WorkItemStatus, [Outcome])] = [
    // complete, skip, cancel, suspend, resume, redo
    (
      .ready,
      [
        .item(.completed), .item(.skipped), .item(.canceled), .item(.suspended), .refused(resume),
        .refused("Ready work items can't be redone."),
      ]
    ),
    (
      .suspended,
      [.refused(complete), .refused(skip), .item(.canceled), .refused(suspend), .item(.ready), .refused(redo)]
    ),
    (
      .completed,
      [.refused(complete), .refused(skip), .refused(cancel), .refused(suspend), .refused(resume), .item(.ready)]
    ),
    (
      .skipped,
      [.refused(complete), .refused(skip), .refused(cancel), .refused(suspend), .refused(resume), .item(.ready)]
    ),
    (
      .canceled,
      [.refused(complete), .refused(skip), .refused(cancel), .refused(suspend), .refused(resume), .refused(redo)]
    ),
    (
      .redo,
      [.refused(complete), .refused(skip), .refused(cancel), .refused(suspend), .refused(resume), .refused(redo)]
    ),
  ]

  @Test("each operation on a work item of a running case gives the new state or the exact message", arguments: items)
  func item(status: WorkItemStatus, outcomes: [Outcome]) throws {
    let operations: [(EntityID) -> Command] = [
      { .completeWorkItem($0) }, { .skipWorkItem($0) }, { .cancelWorkItem($0) }, { .suspendWorkItem($0) },
      { .resumeWorkItem($0) }, { .redoWorkItem($0) },
    ]
    for (operation, outcome) in zip(operations, outcomes) {
      var bench = try Self.bench(status)
      let id = bench.item("x")
      let before = bench.state
      if let message = bench.refusal(operation(id)) {
        #expect(outcome == .refused(message))
        #expect(bench.state == before)
      } else {
        #expect(outcome == bench.state.workItem(id).map { .item($0.status) })
      }
    }
  }

  @Test("a work item can be completed and skipped in a running case only")
  func closedCases() throws {
    for prepare in [Command.suspendCase, Command.cancelCase] {
      var bench = try Self.bench(.ready)
      let x = bench.item("x")
      try bench.run(prepare(bench.root))
      #expect(
        bench.refusal(.completeWorkItem(x)) == "Only work items of running cases can be completed.")
      #expect(bench.refusal(.skipWorkItem(x)) == "Only work items of running cases can be skipped.")
    }
  }

  @Test("a work item of a suspended case cannot be resumed, but canceled")
  func itemOfSuspendedCase() throws {
    var bench = try Self.bench(.ready)
    try bench.run(.suspendCase(bench.root))
    #expect(bench.refusal(.resumeWorkItem(bench.item("x"))) == "Only work items of running cases can be resumed.")
    #expect(bench.refusal(.suspendWorkItem(bench.item("x"))) == Self.suspend)
    try bench.cancel("x")
    #expect(bench.status("x") == .canceled)
  }

  static func caseBench(_ status: CaseStatus) throws -> Bench {
    var bench = Bench(start: ["x"])
    try bench.start()
    switch status {
    case .running: break
    case .completed: try bench.complete("x")
    case .canceled: try bench.run(.cancelCase(bench.root))
    case .suspended: try bench.run(.suspendCase(bench.root))
    }
    #expect(bench.caseStatus == status)
    return bench
  }

  static let cancelCase = "Only running or suspended cases can be canceled."
  static let suspendCase = "Only running cases can be suspended."
  static let resumeCase = "Only suspended cases can be resumed."
  static let reopenCase = "Only completed and canceled cases can be reopened."

  static let cases: [(CaseStatus, [Outcome])] = [
    // cancel, suspend, resume, reopen
    (.running, [.case_(.canceled), .case_(.suspended), .refused(resumeCase), .refused(reopenCase)]),
    (.suspended, [.case_(.canceled), .refused(suspendCase), .case_(.running), .refused(reopenCase)]),
    (.completed, [.refused(cancelCase), .refused(suspendCase), .refused(resumeCase), .case_(.running)]),
    (.canceled, [.refused(cancelCase), .refused(suspendCase), .refused(resumeCase), .case_(.running)]),
  ]

  @Test("each operation on a case gives the new state or the exact message", arguments: cases)
  func case_(status: CaseStatus, outcomes: [Outcome]) throws {
    for (index, outcome) in outcomes.enumerated() {
      var bench = try Self.caseBench(status)
      let id = bench.root
      let commands: [Command] = [
        .cancelCase(id), .suspendCase(id), .resumeCase(id), .reopenCase(id, workItems: [bench.item("x")]),
      ]
      let before = bench.state
      if let message = bench.refusal(commands[index]) {
        #expect(outcome == .refused(message))
        #expect(bench.state == before)
      } else {
        #expect(outcome == bench.state.case(id).map { .case_($0.status) })
      }
    }
  }

  @Test("what happens to an item when its predecessor is redone, its case reopened, or its task entered again")
  func otherColumns() throws {
    for status in [WorkItemStatus.ready, .completed, .skipped, .suspended, .canceled] {
      var bench = try Self.bench(status)
      // Only a ready item lets its predecessors be redone: `x`, or what follows from it.
      let canRedo = status == .ready
      let message = bench.refusal(.redoWorkItem(bench.item("before")))
      #expect(canRedo ? message == nil : message == Self.redo)
      if canRedo { #expect(bench.status("x") == .redo) }
    }
    for status in [WorkItemStatus.completed, .skipped, .canceled, .redo] {
      var bench = try Self.bench(status)
      try bench.run(.cancelCase(bench.root))
      guard status != .redo else {
        // The item in redo is none that anything follows from; it can be the one to go on with.
        try bench.run(.reopenCase(bench.root, workItems: [bench.item("x")]))
        #expect(bench.status("x") == .ready)
        continue
      }
      let message = bench.refusal(.reopenCase(bench.root, workItems: [bench.item("x")]))
      let isEnd = status == .canceled
      #expect(isEnd ? message == nil : message == "Only work items at the end of a branch can be reopened.")
    }
    var again = try Self.bench(.redo)
    try again.complete("before")
    #expect(again.status("x") == .ready)
    #expect(again.items("x").count == 1)
  }

  @Test("entering a task again keeps what is open and adds to what is closed")
  func reentry() throws {
    for (status, count) in [(WorkItemStatus.ready, 1), (.suspended, 1), (.completed, 2), (.skipped, 2), (.canceled, 2)]
    {
      var bench = Bench(start: ["go", "x", "rest"], flows: [(["go"], "'x'|task")])
      try bench.start()
      switch status {
      case .completed: try bench.complete("x")
      case .skipped: try bench.skip("x")
      case .canceled: try bench.cancel("x")
      case .suspended: try bench.suspend("x")
      default: break
      }
      try bench.complete("go")
      #expect(bench.items("x").count == count, "\(status)")
    }
  }

  @Test("unknown ids are told apart from wrong states")
  func unknown() throws {
    var bench = Bench(start: ["x"])
    try bench.start()
    let nobody = EntityID(high: 7, low: 7)
    for command in [
      Command.completeWorkItem(nobody), .skipWorkItem(nobody), .cancelWorkItem(nobody), .suspendWorkItem(nobody),
      .resumeWorkItem(nobody), .redoWorkItem(nobody), .saveWorkItem(SaveWorkItem(id: nobody)),
    ] {
      #expect(throws: EngineError(.notFound, "No WorkItem matches the given query.")) { try bench.run(command) }
    }
    for command in [
      Command.cancelCase(nobody), .suspendCase(nobody), .resumeCase(nobody), .reopenCase(nobody, workItems: []),
      .updateCase(UpdateCase(id: nobody, workflow: "main")),
    ] {
      #expect(throws: EngineError(.notFound, "No Case matches the given query.")) { try bench.run(command) }
    }
  }
}
