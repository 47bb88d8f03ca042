import Testing
import WorkflowEngine

/// Undoing across cases: what a subprocess has started, and what has gone on with its end.
@Suite("Undoing subprocesses")
struct ReopenSubprocessTests {
  /// `main`: sub → b → end; `child`: inner → over.
  private static func bench(
    _ type: TaskType = .subprocess, isSequential: Bool = false, end: TaskType = .end,
    _ configure: (inout NodeDefinition) -> Void = { _ in }
  ) -> Bench {
    var bench = Bench(
      "sub",
      nodes: [
        node("sub", type, "b") {
          let items = type == .multiSubprocess ? "data.list" : nil
          $0.subprocess = SubprocessDefinition("child", items: items, isSequential: isSequential)
          configure(&$0)
        }, node("b", .simple, "end"), node("end", .end),
      ])
    bench.add("child", start: ["inner"], [node("inner", .simple, "over"), node("over", end)])
    return bench
  }

  private func statuses(_ bench: Bench) -> [CaseStatus] { bench.state.cases.map(\.status) }

  @Test("a subprocess that is reopened starts its case anew, and goes on with that one's data alone")
  func reopen() throws {
    var bench = Self.bench()
    try bench.begin()
    let inner = bench.item("inner")
    try bench.perform(.updateCase(UpdateCase(id: bench.state.cases[1].id, workflow: "child", data: "{\"n\": 1}")))
    try bench.done("inner")
    #expect(bench.ready == ["b"] && bench.items("sub")[0].activation.data == "{\"n\": 1}")
    #expect(bench.refusal(.undoWorkItem(bench.item("sub"), reopen: true))?.contains("What followed") == true)
    try bench.perform(.undoWorkItem(bench.item("sub"), cascade: true, reopen: true))
    #expect(bench.ready == ["inner"] && bench.count("b", .canceled) == 1 && statuses(bench) == [.running, .completed, .running])
    // What it had started before stays as it has ended.
    #expect(bench.refusal(.undoWorkItem(inner, cascade: true))?.contains("another one in its place") == true)
    try bench.perform(.updateCase(UpdateCase(id: bench.state.cases[2].id, workflow: "child", data: "{\"n\": 2}")))
    try bench.done("inner", "b")
    #expect(bench.isComplete && bench.items("sub")[0].activation.data == "{\"n\": 2}")
  }

  @Test("a list of subprocesses that is reopened begins from its start, without what was added", arguments: [false, true])
  func reopenMultiple(isSequential: Bool) throws {
    var bench = Self.bench(.multiSubprocess, isSequential: isSequential)
    try bench.begin("{\"list\": [{\"n\": 1}, {\"n\": 2}]}")
    try bench.perform(.addSubprocessItem(bench.item("sub"), element: "{\"n\":3}"))
    try bench.done("inner", "inner", "inner")
    #expect(bench.ready == ["b"] && bench.state.cases.count == 4)
    try bench.perform(.undoWorkItem(bench.item("sub"), cascade: true, reopen: true))
    #expect(bench.ready.count == (isSequential ? 1 : 2))
    try bench.done("inner", "inner")
    #expect(bench.ready == ["b"] && bench.state.cases.count == 6)
    #expect(bench.items("sub")[0].activation.data == "[{\"n\":1}, {\"n\":2}]")
  }

  @Test("the end of a child case is undone with all that has gone on, and the parent waits for the case again", arguments: [false, true])
  func undoChild(isReopened: Bool) throws {
    var bench = Self.bench { $0.boundaries = [BoundaryDefinition(.timer, target: "late", delay: .seconds(60))] }
    try bench.begin()
    try bench.done("inner", "b")
    #expect(bench.isComplete && bench.scheduled.isEmpty)
    let inner = bench.item("inner")
    #expect(bench.refusal(.undoWorkItem(bench.item("over"))) == "The case that this one was started for has gone on.")
    let plan = bench.execution(.cancelCase(bench.root)).undoPlan(inner).compactMap { bench.state.workItem($0)?.task }
    #expect(plan == ["end", "b", "sub", "over", "inner"])
    try bench.perform(.undoWorkItem(isReopened ? inner : bench.item("over"), cascade: true, reopen: isReopened))
    #expect(statuses(bench) == [.running, .running] && bench.status("sub") == .running && bench.scheduled.count == 1)
    #expect(
      bench.events.filter { $0.hasPrefix("post_undo") || $0.hasPrefix("post_reopen") } == [
        "post_reopen_case main", "post_undo_work_item end", "post_undo_work_item b", "post_undo_work_item sub",
        "post_reopen_case child", "post_undo_work_item over",
      ] + (isReopened ? ["post_undo_work_item inner"] : []))
    let sub = bench.items("sub")[0]
    #expect(sub.closedAt == nil && sub.activation.closedReason == nil && sub.activation.startedAt != nil && bench.count("sub") == 1)
    if !isReopened { try bench.perform(.activateNext(inner)) } else { try bench.done("inner") }
    #expect(bench.ready == ["b"] && bench.state.cases[1].status == .completed && bench.scheduled.isEmpty)
    try bench.done("b")
    #expect(bench.isComplete && bench.state.cases.count == 2)
  }

  @Test("cases within cases wait again from the outermost to the innermost")
  func nested() throws {
    var bench = Self.bench()
    bench.add("outer", start: ["part"], [node("part", .subprocess, "after") { $0.subprocess = SubprocessDefinition("main") }, node("after")])
    try bench.run(.startCase(StartCase(workflow: "outer")))
    try bench.done("inner", "b", "after")
    #expect(statuses(bench) == [.completed, .completed, .completed])
    let plan = bench.execution(.cancelCase(bench.root)).undoPlan(bench.item("over")).compactMap { bench.state.workItem($0)?.task }
    #expect(plan == ["after", "part", "end", "b", "sub", "over"])
    try bench.perform(.undoWorkItem(bench.item("inner"), cascade: true, reopen: true))
    #expect(statuses(bench) == [.running, .running, .running] && bench.ready == ["inner"])
    try bench.done("inner", "b", "after")
    #expect(statuses(bench) == [.completed, .completed, .completed])
  }

  @Test("an item of people whose case has ended is ready again, and whose it was")
  func human() throws {
    var bench = Bench("a", nodes: [node("a", .simple, "b"), node("b")])
    bench.add("child", start: ["inner"], [node("inner")])
    try bench.begin()
    try bench.perform(.claimWorkItem(bench.item("a")))
    try bench.perform(.startCase(StartCase(workflow: "child", parentWorkItem: bench.item("a"))))
    try bench.done("inner", "a")
    #expect(bench.refusal(.undoWorkItem(bench.item("inner"))) == "The case that this one was started for has gone on.")
    try bench.perform(.undoWorkItem(bench.item("inner"), cascade: true, reopen: true))
    #expect(bench.ready == ["a", "inner"] && bench.items("a")[0].assignedUsers == ["ada"] && bench.status("b") == .canceled)
    #expect(bench.refusal(.completeWorkItem(bench.item("a"))) != nil)
    try bench.done("inner", "a", "b")
    #expect(bench.isComplete)
  }

  @Test("an undone error end takes back the error of what waited for its case")
  func errorEnd() throws {
    var bench = Self.bench(end: .errorEnd)
    try bench.begin()
    try bench.done("inner")
    #expect(bench.status("sub") == .error)
    try bench.perform(.undoWorkItem(bench.item("inner"), cascade: true, reopen: true))
    #expect(bench.status("sub") == .running && bench.items("sub")[0].activation.lastError == nil && bench.ready == ["inner"])
    #expect(bench.state.cases[1].outcome == nil)
    bench.definitions.insert(node("over", .end))
    try bench.done("inner")
    #expect(bench.ready == ["b"])
  }

  @Test("where nothing waits for the case any more, and where that case is closed, undoing is refused with the reason")
  func refused() throws {
    var undone = Self.bench()
    try undone.begin()
    try undone.done("inner")
    try undone.perform(.undoWorkItem(undone.item("sub"), cascade: true))
    #expect(undone.refusal(.undoWorkItem(undone.item("over"), cascade: true)) == "The work item that this case was started for is canceled.")
    for command in [Command.cancelCase, Command.suspendCase] {
      var bench = Self.bench()
      try bench.begin()
      try bench.done("inner")
      try bench.perform(command(bench.root))
      #expect(bench.refusal(.undoWorkItem(bench.item("over"), cascade: true)) == "The case that this one was started for is canceled or suspended.")
    }
    // One of two cases is complete, and the other one suspended with what waits for both.
    var two = Self.bench(.multiSubprocess)
    try two.begin("{\"list\": [1, 2]}")
    try two.done("inner")
    try two.perform(.suspendCase(two.root))
    #expect(two.refusal(.undoWorkItem(two.item("over"))) == "The case that this one was started for is canceled or suspended.")
  }
}
